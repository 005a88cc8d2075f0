"""A split ballot in a run: arms by lot, questions as each arm reads them, distributions asked for each arm."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, cast
from uuid import UUID

from sqlalchemy import text

from core.db import session as db
from core.llm.scripted import Asked
from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.schemas import QuestionnaireCreate
from core.surveys.prompts import DistributionInput, SectionInput
from tests.factories import simulations
from tests.factories.questionnaires import question, questionnaire
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import model, number_of, run

N = 40
PRICE = {
    "key": "price",
    "arms": [
        {"code": "armlow", "label": "Arm of the cheap", "share": 0.75, "text": "$3"},
        {"code": "armhigh", "label": "Arm of the dear", "share": 0.25, "text": "$9"},
    ],
}
BUY = question(key="buy", text="Would you buy it?", options=["Yes, at {{price}}", "No"])
DEAR = question(key="dear", show_if='price == "armhigh"')
PLAIN = question(key="plain")
WHY = question("open_ended", key="why", text="Why at {{price}}?", show_if='price == "armhigh"')
FAIR = question("likert", key="fair", text="Is {{price}} fair?")


def content(*questions: dict[str, Any]) -> Content:
    body = QuestionnaireCreate.model_validate(questionnaire(*questions, splits=[PRICE]))
    return build_content(body.sections, body.splits)


async def arms_of(simulation: Any) -> dict[int, str]:
    async with db.scope([simulation.workspace_id]) as session:
        rows = await session.execute(
            text("SELECT number, arms ->> 'price', attributes::text FROM respondent WHERE simulation_id = :id"),
            {"id": simulation.id},
        )
        found = list(rows)
    assert not any("price" in attributes for _, _, attributes in found)
    return {number: arm for number, arm, _ in found}


def words_of(asked: Asked) -> str:
    return json.dumps(asked.data.model_dump(mode="json"))


async def test_each_respondent_reads_the_questions_of_their_arm(workspace_id: UUID, make_runner: MakeRunner) -> None:
    asked = model()
    questions = content(BUY, DEAR, PLAIN, WHY, FAIR)
    simulation = await simulations.submit(workspace_id, questions, sample_size=N, method="auto", people=4)
    job = await run(make_runner(asked), simulation)
    assert job.status == "succeeded", job.error
    arms = await arms_of(simulation)
    assert Counter(arms.values()) == {"armlow": 30, "armhigh": 10}
    for one in asked.asked:
        assert "arm" not in words_of(one).lower()
        if one.prompt == "survey_distribution":
            continue
        mine, other = ("$3", "$9") if arms[number_of(one)] == "armlow" else ("$9", "$3")
        assert mine in words_of(one)
        assert other not in words_of(one)
    given = await simulations.answers(simulation)
    for number, arm in arms.items():
        assert given[number, "dear"][2] == given[number, "why"][2] == (None if arm == "armhigh" else "not_shown")
    put = Counter(
        (data.question.key, data.question.options[0].label)
        for one in asked.asked
        if one.prompt == "survey_distribution"
        for data in [cast("DistributionInput", one.data)]
    )
    # four cells × three draws, of `buy` in both arms, of `dear` in one
    assert put == {
        ("buy", "Yes, at $3"): 12, ("buy", "Yes, at $9"): 12, ("dear", "Yes"): 12, ("plain", "Yes"): 12,
    }  # fmt: skip
    assert job.progress_done == job.progress_total == 48 + 2 * N


async def test_arms_and_answers_are_those_of_the_seed_whatever_the_order_of_the_shards(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    found = []
    for seed, backwards in ((7, False), (7, True), (8, False)):
        simulation = await simulations.submit(
            workspace_id, content(BUY, DEAR, WHY), sample_size=N, method="auto", people=3, seed=seed
        )
        await run(make_runner(model()), simulation, backwards=backwards)
        found.append((await arms_of(simulation), await simulations.answers(simulation)))
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]


async def test_what_is_remembered_are_the_words_of_the_arm(workspace_id: UUID, make_runner: MakeRunner) -> None:
    asked = model()
    simulation = await simulations.submit(workspace_id, content(FAIR, BUY), sample_size=8, method="direct")
    await run(make_runner(asked), simulation)
    sections = [cast("SectionInput", one.data) for one in asked.asked]
    assert {one.section.questions[0].text for one in sections} == {"Is $3 fair?", "Is $9 fair?"}
