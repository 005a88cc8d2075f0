"""The survey jobs on a real database: every respondent answers every question once, or it is said why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest

from core.db import session as db
from core.jobs.models import Job
from core.llm.errors import (
    ModelContentFiltered,
    ModelInvalidOutput,
    ModelRefused,
    ModelRejected,
    ModelTruncated,
    ModelUnavailable,
)
from core.llm.scripted import Asked, ScriptedModel
from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.schemas import QuestionnaireCreate
from core.surveys import service as surveys
from core.surveys.models import Simulation
from core.surveys.prompts import DistributionInput, SectionInput
from tests.factories import jobs, simulations
from tests.factories.questionnaires import content, question
from tests.factories.simulations import answers
from tests.fixtures.runners import MakeRunner
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies
from worker.runner import Runner

SINGLE = question("single_choice", key="single", options=["Yes", "No", "Maybe"])
TEXT = question("open_ended", key="text")
TYPES = ("single_choice", "multiple_choice", "likert", "nps", "numeric", "open_ended")
EVERY_TYPE = tuple(question(type_, key=type_) for type_ in TYPES)


async def run(runner: Runner, simulation: Simulation, *, backwards: bool = False) -> Job:
    """Run a simulation's job, its shards and its end, one after the other; return the job."""
    assert simulation.job_id is not None
    await runner.run(simulation.job_id)
    shards = await jobs.children(simulation.job_id)
    for shard in reversed(shards) if backwards else shards:
        await runner.run(shard.id)
    await runner.run(simulation.job_id)
    return await jobs.read(simulation.job_id)


def number_of(asked: Asked) -> int:
    return cast("SectionInput", asked.data).respondent.number


def answering(asked: Asked) -> dict[str, Any]:
    """Answer each question by the seed, as a model would."""
    found: dict[str, Any] = {}
    for one in cast("SectionInput", asked.data).section.questions:
        codes = [option.code for option in one.options]
        picked = codes[asked.seed % len(codes)] if codes else None
        by_type = {"multiple_choice": [picked], "nps": asked.seed % 11, "numeric": asked.seed % 9, "open_ended": "So."}
        found[one.key] = by_type.get(one.type, picked)
    return {"answers": found}


def saying(asked: Asked) -> dict[str, Any]:
    keys = [one.key for one in cast("SectionInput", asked.data).section.questions]
    return {"statements": dict.fromkeys(keys, f"I think {asked.seed % 5}.")}


def estimating(asked: Asked) -> dict[str, Any]:
    codes = [option.code for option in cast("DistributionInput", asked.data).question.options]
    return {"probabilities": {code: 1 / len(codes) for code in codes}}


def model(**script: Any) -> ScriptedModel:
    named = {"survey_direct": answering, "survey_statements": saying, "survey_distribution": estimating}
    return ScriptedModel(named | script)


def one_is(error: Exception, number: int = 2) -> Callable[[Asked], Any]:
    """Return a script that gives one respondent an error in place of an answer."""
    return lambda asked: error if number_of(asked) == number else answering(asked)


def two_sections() -> Content:
    sections = [{"title": "A", "questions": [SINGLE]}, {"title": "B", "questions": [TEXT]}]
    return build_content(QuestionnaireCreate.model_validate({"title": "t", "sections": sections}).sections)


async def test_every_respondent_answers_every_question_once(workspace_id: UUID, make_runner: MakeRunner) -> None:
    asked = model()
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), sample_size=45, method="auto", people=3)
    job = await run(make_runner(asked), simulation)
    assert (job.status, job.result) == ("succeeded", {"simulation_id": str(simulation.id)})
    given = await answers(simulation)
    assert set(given) == {(number, key) for number in range(1, 46) for key in TYPES}
    assert {(key, method) for (_, key), (_, method, _) in given.items()} == {
        ("single_choice", "distribution"), ("multiple_choice", "distribution"), ("likert", "ssr"),
        ("nps", "direct"), ("numeric", "direct"), ("open_ended", "direct"),
    }  # fmt: skip
    assert all(value is not None and reason is None for value, _, reason in given.values())
    # three cells × two questions × three draws; one set of direct questions and one of statements each
    assert Counter(one.prompt for one in asked.asked) == {
        "survey_distribution": 18, "survey_direct": 45, "survey_statements": 45,
    }  # fmt: skip
    assert (job.progress_done, job.progress_total) == (108, 108)
    done = await simulations.read(simulation)
    assert (done.complete, done.model, done.demonstration) == (True, "scripted-1", False)


async def test_a_seed_fixes_the_dataset_whatever_the_order_of_the_shards(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    asked = content(*EVERY_TYPE)
    found = []
    for seed, backwards in ((7, False), (7, True), (8, False)):
        simulation = await simulations.submit(workspace_id, asked, sample_size=45, method="auto", seed=seed)
        await run(make_runner(model()), simulation, backwards=backwards)
        found.append(await answers(simulation, "value, probabilities, text"))
    assert found[0] == found[1]
    assert found[0] != found[2]


async def test_what_was_said_before_is_remembered_in_words(workspace_id: UUID, make_runner: MakeRunner) -> None:
    asked = model(survey_direct=one_is(ModelRefused()))
    simulation = await simulations.submit(workspace_id, two_sections(), sample_size=3)
    await run(make_runner(asked), simulation)
    given = await answers(simulation)
    labels = {"1": "Yes", "2": "No", "3": "Maybe"}
    later = {number_of(one): one.data for one in asked.asked if "text" in str(one.data)}
    memory = {number: cast("SectionInput", data).earlier_answers for number, data in later.items()}
    assert memory[2] == []
    for number in (1, 3):
        [said] = memory[number]
        assert (said.question, said.answer) == (SINGLE["text"], labels[given[number, "single"][0]])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelRefused(), "refused"),
        (ModelTruncated(), "invalid"),
        (ModelContentFiltered(), "invalid"),
        (ModelInvalidOutput(), "invalid"),
    ],
)
async def test_a_reply_without_answer_is_missing_with_its_reason_and_nobody_elses(
    workspace_id: UUID, make_runner: MakeRunner, error: Exception, reason: str
) -> None:
    simulation = await simulations.submit(workspace_id, content(SINGLE, TEXT), sample_size=4)
    job = await run(make_runner(model(survey_direct=one_is(error))), simulation)
    assert job.status == "succeeded"
    missing = {key: found for key, found in (await answers(simulation)).items() if found[2]}
    assert missing == {(2, "single"): (None, "direct", reason), (2, "text"): (None, "direct", reason)}
    assert (await simulations.read(simulation)).complete


async def test_a_reply_that_stays_invalid_is_asked_for_once_more(workspace_id: UUID, make_runner: MakeRunner) -> None:
    def script(asked: Asked) -> Any:
        return ModelInvalidOutput() if number_of(asked) == 2 and asked.draw == 0 else answering(asked)

    asking = model(survey_direct=script)
    simulation = await simulations.submit(workspace_id, content(SINGLE), sample_size=4)
    await run(make_runner(asking), simulation)
    assert [reason for _, _, reason in (await answers(simulation)).values()] == [None] * 4
    assert sorted((number_of(one), one.draw) for one in asking.asked) == [(1, 0), (2, 0), (2, 1), (3, 0), (4, 0)]


@pytest.mark.parametrize(
    ("draws", "reason", "flags", "shares"),
    [
        ([{"1": 1, "2": 0}, ModelRefused(), {"1": 0, "2": 1}], None, ["draws_unusable:1"], {"1": 0.5, "2": 0.5}),
        ([{"1": 1, "2": 0}, {"1": 1, "2": 0}, {"1": 1, "2": 0}], None, None, {"1": 1.0, "2": 0.0}),
        ([ModelRefused(), ModelRefused(), ModelRefused()], "refused", None, None),
        ([ModelRefused(), ModelTruncated(), ModelRefused()], "invalid", None, None),
    ],
)
async def test_a_distribution_is_the_mean_of_the_draws_that_can_be_used(
    workspace_id: UUID,
    make_runner: MakeRunner,
    draws: list[Any],
    reason: str | None,
    flags: list[str] | None,
    shares: dict[str, float] | None,
) -> None:
    def script(asked: Asked) -> Any:
        found = draws[asked.draw]
        return found if isinstance(found, Exception) else {"probabilities": found}

    pair = question("single_choice", key="pair", options=["Yes", "No"])
    simulation = await simulations.submit(workspace_id, content(pair, TEXT), sample_size=30, method="distribution")
    job = await run(make_runner(model(survey_distribution=script)), simulation)
    given = await answers(simulation, "missing_reason, flags, probabilities")
    assert (job.status, len(given)) == ("succeeded", 60)
    assert {str(row) for (_, key), row in given.items() if key == "pair"} == {str((reason, flags, shares))}


async def test_options_that_nobody_would_choose_are_no_answer(workspace_id: UUID, make_runner: MakeRunner) -> None:
    nobody = {"probabilities": {"1": 0, "2": 0}}
    asked = content(question("multiple_choice", key="q"))
    simulation = await simulations.submit(workspace_id, asked, sample_size=3, method="distribution")
    await run(make_runner(model(survey_distribution=nobody)), simulation)
    assert set((await answers(simulation)).values()) == {(None, "distribution", "invalid")}


async def test_a_simulation_without_any_shard_that_worked_fails_with_the_cause(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    simulation = await simulations.submit(workspace_id, content(SINGLE), sample_size=21)
    job = await run(make_runner(model(survey_direct=ModelRejected("The key is wrong."))), simulation)
    assert job.error is not None
    assert (job.status, job.error["code"], job.error["detail"]) == ("failed", "model_rejected", "The key is wrong.")
    assert await answers(simulation) == {}


async def test_a_shard_tried_again_asks_only_for_what_is_not_committed(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    failures = [ModelUnavailable()]

    def script(asked: Asked) -> Any:
        return failures.pop() if number_of(asked) == 15 and failures else answering(asked)

    asked = model(survey_direct=script)
    runner = make_runner(asked)
    simulation = await simulations.submit(workspace_id, two_sections(), sample_size=20)
    job = await run(runner, simulation)
    [shard] = await jobs.children(job.id)
    assert (job.status, shard.status) == ("waiting", "retry_wait")
    await jobs.change(shard.id, next_attempt_at="now() - interval '1 second'")
    await runner.run(shard.id)
    await runner.run(job.id)
    assert (await jobs.read(job.id)).status == "succeeded"
    given = await answers(simulation)
    assert len(given) == 40
    assert all(reason is None for _, _, reason in given.values())
    calls = Counter((number_of(one), one.data.model_dump_json()) for one in asked.asked)
    assert {key[0] for key, count in calls.items() if count > 1} == {15}
    assert sum(calls.values()) == 41


async def test_a_large_cell_is_written_while_the_lease_is_kept(workspace_id: UUID, make_runner: MakeRunner) -> None:
    # In one piece these 100,000 answers would hold the job's row for longer than the lease.
    asked = content(*(question(key=f"q{number}") for number in range(20)))
    simulation = await simulations.submit(workspace_id, asked, sample_size=5000, method="distribution")
    job = await run(make_runner(model()), simulation)
    [shard] = await jobs.children(job.id)
    assert (job.status, shard.status, shard.claim_epoch) == ("succeeded", "succeeded", 1)
    query = "SELECT count(value) FROM answer a JOIN simulation s ON s.id = a.simulation_id WHERE s.job_id = :id"
    assert await jobs.column(query, job.id) == [5000 * 20]


async def test_statements_are_rated_once_for_the_workspace_until_something_changes(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    def saying_own(asked: Asked) -> dict[str, Any]:
        return {"statements": {key: f"{key} {number_of(asked)}" for key in ("mood", "nps")}}

    asked = model(survey_statements=saying_own)
    runner = make_runner(asked)
    likert = content(question("likert", key="mood"), question("nps", key="nps"))
    found = []
    for size, epsilon, paid in ((12, 0.01, 12), (12, 0.01, 0), (15, 0.01, 3), (15, 0.02, 15)):
        said = len(asked.asked)
        embedded = len(asked.embedded)
        changed = simulations.PARAMETERS | {"ssr_epsilon": epsilon}
        simulation = await simulations.submit(workspace_id, likert, sample_size=size, method="ssr", parameters=changed)
        job = await run(runner, simulation)
        assert job.status == "succeeded"
        found.append(await answers(simulation, "probabilities, value"))
        async with db.scope([workspace_id]) as session:
            assert await surveys.embedding_models(session, simulation) == ["e"]
        anchors = 0 if embedded else (5 + 11) * 3
        assert len(asked.asked) - said == (0 if epsilon == 0.02 else paid)
        assert len(asked.embedded) - embedded == 2 * paid + anchors
    first, again, longer, other = found
    assert first == again
    assert {key: longer[key] for key in first} == first
    assert [row[0] for row in other.values()] != [row[0] for row in longer.values()]
