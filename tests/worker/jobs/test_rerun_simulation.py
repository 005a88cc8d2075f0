"""Another run of a simulation: what did not change is replayed, what did is asked again and paid for."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID

import pytest

from core.db import session as db
from core.errors import Invalid
from core.llm.scripted import Asked
from core.personas.models import Persona, PersonaVersion
from core.questionnaires import service as questionnaires
from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.models import QuestionnaireVersion
from core.questionnaires.schemas import QuestionnaireCreate, QuestionnaireUpdate
from core.surveys.models import Simulation
from core.surveys.prompts import SectionInput
from tests.factories import simulations
from tests.factories.questionnaires import question
from tests.factories.runs import files, respondents, submit_extension, submit_rerun, told, work
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import model, number_of, run
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies

N = 24
SECTIONS = ("A", "B", "C", "D", "E")


def sections(wording: str = "What of c?") -> list[dict[str, Any]]:
    """Five sections; only who says yes to the first question is asked the one of the third that may be reworded."""
    asked = {
        "A": [question(key="a", options=["Yes", "No"]), question("nps", key="a2")],
        "B": [question("likert", key="b"), question("numeric", key="b2")],
        "C": [question("open_ended", key="c", text=wording, show_if='a == "1"')],
        "D": [question("likert", key="d"), question("multiple_choice", key="d2")],
        "E": [question("open_ended", key="e")],
    }
    return [{"title": title, "questions": asked[title]} for title in SECTIONS]


def built() -> Content:
    return build_content(QuestionnaireCreate.model_validate({"title": "t", "sections": sections()}).sections)


async def ran(workspace_id: UUID, make_runner: MakeRunner, **options: Any) -> Simulation:
    """Run a simulation whose questionnaire has its versions."""
    options = {"sample_size": N, "method": "direct", "people": 3} | options
    simulation = await simulations.submit(workspace_id, built(), **options)
    async with db.scope([workspace_id]) as session:
        session.add(
            QuestionnaireVersion(
                workspace_id=workspace_id,
                questionnaire_id=simulation.questionnaire_id,
                version=1,
                title="Mood",
                language="en",
                content=simulation.content,
            )
        )
    await run(make_runner(model()), simulation)
    return simulation


async def reword(simulation: Simulation, wording: str) -> None:
    body = QuestionnaireUpdate.model_validate({"sections": sections(wording)})
    place = (simulation.workspace_id, simulation.exploration_id, simulation.questionnaire_id)
    async with db.scope([simulation.workspace_id]) as session:
        await questionnaires.update(session, *place, body)


def sections_asked(asked: list[Asked]) -> dict[str, set[int]]:
    """Return title → the respondents whose section was asked, and paid for."""
    found: dict[str, set[int]] = {}
    for one in asked:
        found.setdefault(cast("SectionInput", one.data).section.title, set()).add(number_of(one))
    return found


@pytest.mark.parametrize("method", ["auto", "direct", "distribution", "ssr"])
async def test_unchanged_it_pays_nothing_and_is_the_same_dataset(
    workspace_id: UUID, make_runner: MakeRunner, method: str
) -> None:
    simulation = await ran(workspace_id, make_runner, method=method)
    await work(make_runner(model()), await submit_extension(simulation, 7))
    asked = model()
    job_id, again = await submit_rerun(simulation)
    job = await work(make_runner(asked), job_id)
    assert (job.status, job.usage_calls, asked.asked, asked.embedded) == ("succeeded", 0, [], [])
    assert job.usage_replayed_calls > N
    assert await files(again) == await files(simulation)
    shown = await told(again)
    assert (shown.rerun_of, shown.sizes, shown.seed, shown.complete) == (simulation.id, [N, 7], simulation.seed, True)


async def test_reworded_in_the_third_of_five_sections(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    before = await simulations.answers(simulation)
    yes = {number for (number, key), row in before.items() if key == "a" and row[0] == "1"}
    assert 0 < len(yes) < N
    await reword(simulation, "What of c, then?")
    asked = model()
    job_id, again = await submit_rerun(simulation)
    job = await work(make_runner(asked), job_id)
    # who was not shown it has the same memory: nothing of theirs is asked again
    assert sections_asked(asked.asked) == {"C": yes, "D": yes, "E": yes}
    assert (job.usage_calls, job.usage_replayed_calls) == (3 * len(yes), 2 * N + 2 * (N - len(yes)))
    after = await simulations.answers(again)
    assert {key: row for key, row in after.items() if key[1] in ("a", "a2", "b", "b2") or key[0] not in yes} == {
        key: row for key, row in before.items() if key[1] in ("a", "a2", "b", "b2") or key[0] not in yes
    }
    assert (await told(again)).questionnaire_version == 2


async def test_as_asked_leaves_the_newer_questionnaire_out(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    await reword(simulation, "What of c, then?")
    job_id, again = await submit_rerun(simulation, changes={"questionnaire": "as_asked"})
    assert (await work(make_runner(model()), job_id)).usage_calls == 0
    assert (await told(again)).questionnaire_version == 1


async def test_a_changed_persona_is_asked_again_and_no_other(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    changed = UUID(simulation.personas[1]["persona_id"])
    async with db.scope([workspace_id]) as session:
        (await session.get_one(Persona, changed)).version = 2
        profile = {"name": "Persona 1", "occupation": "Nurse"}
        session.add(PersonaVersion(workspace_id=workspace_id, persona_id=changed, version=2, profile=profile))
    asked = model()
    job_id, again = await submit_rerun(simulation, changes={"personas": "newest"})
    job = await work(make_runner(asked), job_id)
    theirs = {number for number, row in (await respondents(again)).items() if row[0] == changed}
    assert 0 < len(theirs) < N
    assert {number_of(one) for one in asked.asked} == theirs
    assert Counter(map(number_of, asked.asked)).total() == job.usage_calls
    assert {part.version for part in (await told(again)).personas} == {1, 2}


async def test_a_weight_given_since_draws_nobody_else(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    async with db.scope([workspace_id]) as session:
        (await session.get_one(Persona, UUID(simulation.personas[0]["persona_id"]))).population_weight = 0.9
    job_id, again = await submit_rerun(simulation)
    assert (await work(make_runner(model()), job_id)).usage_calls == 0
    assert await files(again) == await files(simulation)


async def test_another_size_method_seed_and_parameter(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    changes = {"sample_size": 6, "method": "ssr", "seed": 9, "parameters": {"ssr_epsilon": 0.2}, "title": "Again"}
    job_id, again = await submit_rerun(simulation, changes=changes)
    assert (await work(make_runner(model()), job_id)).status == "succeeded"
    shown = await told(again)
    assert (shown.sample_size, shown.sizes, shown.method, shown.seed, shown.title) == (6, [6], "ssr", 9, "Again")
    assert shown.parameters == simulation.parameters | {"ssr_epsilon": 0.2}


async def test_another_questionnaire_is_not_the_one_that_was_asked(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    with pytest.raises(Invalid) as refused:
        await submit_rerun(
            simulation, questionnaire_id=simulation.questionnaire_id, changes={"questionnaire": "as_asked"}
        )
    assert refused.value.errors[0].loc == ("body", "changes", "questionnaire")
