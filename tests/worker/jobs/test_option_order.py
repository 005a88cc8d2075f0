"""The order of options: drawn for each respondent, or each cell, shown by the prompt and recorded with the answer."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from core.llm.errors import ModelRefused
from core.surveys.prompts import DistributionInput, SectionInput
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import answering, model, number_of, run

OPTIONS = [
    *"ABCDEF",
    {"label": "None of these", "code": "none", "exclusive": True, "pinned": True},
    {"label": "I cannot say", "code": "unsure", "exclusive": True},
]
LOT = question("multiple_choice", key="lot", options=OPTIONS, randomise=True)
FIXED = question("single_choice", key="fixed", options=["Yes", "No"])
N = 12


def shown(question_: Any) -> list[str]:
    return [option.code for option in question_.options]


async def test_each_respondents_order_is_recorded_as_the_prompt_showed_it(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    asked = model(survey_direct=lambda one: ModelRefused() if number_of(one) == 3 else answering(one))
    simulation = await simulations.submit(workspace_id, content(LOT, FIXED), sample_size=N)
    await run(make_runner(asked), simulation)
    given = await simulations.answers(simulation, "option_order, missing_reason")
    orders = {number_of(one): shown(cast("SectionInput", one.data).section.questions[0]) for one in asked.asked}
    assert {number: given[number, "lot"][0] for number in orders} == orders
    assert len({tuple(order) for order in orders.values()}) > N / 2
    assert {order[-1] for order in orders.values()} == {"none"}
    assert len({order.index("unsure") for order in orders.values()}) > 1
    assert given[3, "lot"][1] == "refused"
    assert {given[number, "fixed"][0] for number in orders} == {None}


async def test_a_cell_has_one_order_and_its_respondents_have_it_recorded(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    asked = model()
    simulation = await simulations.submit(
        workspace_id, content(LOT), sample_size=4 * N, method="distribution", people=4
    )
    await run(make_runner(asked), simulation)
    given = await simulations.answers(simulation, "option_order")
    put = [tuple(shown(cast("DistributionInput", one.data).question)) for one in asked.asked]
    assert len(put) == 4 * 3
    assert len(set(put)) > 1  # by cell, not one for the whole run
    assert {tuple(order) for (order,) in given.values()} == set(put)
