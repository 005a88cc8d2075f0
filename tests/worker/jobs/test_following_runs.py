"""What follows a run. Added: nobody is asked twice, what was there stays whole. Again: only what changed is paid."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID

import pytest

from core.db import session as db
from core.errors import Invalid
from core.jobs import service as jobs_service
from core.jobs.dispatching import settle_cancelled
from core.llm.errors import ModelRejected
from core.llm.scripted import Asked
from core.personas.models import Persona, PersonaVersion
from core.questionnaires import service as questionnaires
from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.models import QuestionnaireVersion
from core.questionnaires.schemas import QuestionnaireCreate, QuestionnaireUpdate
from core.surveys import outcomes
from core.surveys import service as surveys
from core.surveys.errors import SimulationNotFinished, SimulationStopped
from core.surveys.models import Simulation
from core.surveys.prompts import SectionInput
from tests.factories import jobs, simulations
from tests.factories.questionnaires import content, question
from tests.factories.runs import files, respondents, submit_extension, submit_rerun, told, usage, work
from tests.factories.simulations import answers
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import EVERY_TYPE, TYPES, model, number_of, one_is, run
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies

N = 12


async def ran(workspace_id: UUID, make_runner: MakeRunner, **members: Any) -> Simulation:
    """Run a simulation of three personas by all methods."""
    options: dict[str, Any] = {"sample_size": N, "method": "auto", "people": 3} | members
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), **options)
    await run(make_runner(model()), simulation)
    return simulation


async def dataset(simulation: Simulation) -> dict[Any, Any]:
    return await answers(simulation, "value, method, probabilities, text, flags, option_order, lineage_id, created_at")


async def test_those_who_are_added_are_asked_and_nobody_else(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    before, people = await dataset(simulation), await respondents(simulation)
    asked = model()
    job = await work(make_runner(asked), await submit_extension(simulation, 9))
    assert (job.status, job.result, job.subject_id) == (
        "succeeded", {"simulation_id": str(simulation.id)}, simulation.id,
    )  # fmt: skip
    each = {number_of(one) for one in asked.asked if one.prompt != "survey_distribution"}
    assert each == set(range(N + 1, N + 10))
    # the cells are those that were asked about before: their distributions are replayed
    assert Counter(one.prompt for one in asked.asked) == {"survey_direct": 9, "survey_statements": 9}
    after = await dataset(simulation)
    assert {key: row for key, row in after.items() if key[0] <= N} == before
    assert set(after) == {(number, key) for number in range(1, N + 10) for key in TYPES}
    shown = await told(simulation)
    assert (shown.sample_size, shown.sizes, shown.complete, shown.extension) == (N + 9, [N, 9], True, None)
    now = await respondents(simulation)
    assert {number: now[number] for number in people} == people
    assert Counter(Counter(row[0] for row in now.values()).values()) == {7: 3}


async def test_the_same_sizes_give_the_same_dataset(workspace_id: UUID, make_runner: MakeRunner) -> None:
    found = []
    for _ in range(2):
        simulation = await ran(workspace_id, make_runner)
        for n in (5, 3):
            await work(make_runner(model()), await submit_extension(simulation, n))
        people = await respondents(simulation)
        places = {one: place for place, one in enumerate(dict.fromkeys(row[0] for _, row in sorted(people.items())))}
        found.append([(number, places[row[0]]) for number, row in sorted(people.items())])
    assert found[0] == found[1]
    assert len(found[0]) == N + 8


async def test_results_do_not_count_who_is_being_added(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    whole = await files(simulation)
    job_id = await submit_extension(simulation, 6)
    runner = make_runner(model())
    await runner.run(job_id)
    await runner.run((await jobs.children(job_id))[0].id)
    assert await files(simulation) == whole
    shown = await told(simulation)
    assert (shown.status, shown.complete, shown.sample_size) == ("succeeded", True, N)
    assert shown.extension is not None
    assert (shown.extension.n, shown.extension.answering, shown.extension.status) == (6, 6, "running")
    async with db.scope([workspace_id]) as session:
        listed = await surveys.list_for(session, workspace_id, simulation.exploration_id, limit=9, before=None)
        stored = await surveys.get_by_id(session, workspace_id, simulation.id)
        results = await outcomes.read(session, stored)
    assert [one.id for one in listed] == [simulation.id]
    assert (results.n, results.n_planned, results.complete) == (N, N, True)


async def test_one_at_a_time(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), sample_size=N)
    with pytest.raises(SimulationNotFinished):
        await submit_extension(simulation, 1)
    await run(make_runner(model()), simulation)
    await submit_extension(simulation, 1)
    with pytest.raises(SimulationNotFinished):
        await submit_extension(simulation, 1)


async def test_what_was_stopped_is_retried_or_given_up(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner, method="direct")
    whole = await files(simulation)
    job_id = await submit_extension(simulation, 6)
    failing = model(survey_direct=one_is(ModelRejected(), N + 2))
    job = await work(make_runner(failing), job_id)
    assert job.status == "failed"
    shown = await told(simulation)
    assert shown.extension is not None
    assert (shown.extension.status, shown.extension.n, shown.complete) == ("failed", 6, True)
    assert await files(simulation) == whole
    again = model()
    await work(make_runner(again), await submit_extension(simulation, 6))
    # what was paid for is remembered
    assert len(again.asked) < 6
    assert (await told(simulation)).sizes == [N, 6]
    async with db.scope([workspace_id]) as session:
        await jobs_service.retry(session, job_id)
    job = await work(make_runner(model()), job_id)
    assert (job.status, (job.error or {})["code"]) == ("failed", "simulation_not_found")
    assert (await told(simulation)).sizes == [N, 6]


async def test_a_cancelled_addition_changes_nothing(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    whole = await files(simulation)
    job_id = await submit_extension(simulation, 6)
    async with db.scope([workspace_id]) as session:
        await jobs_service.request_cancel(session, job_id)
        await settle_cancelled(session, job_id)
    assert await files(simulation) == whole
    shown = await told(simulation)
    assert (shown.extension and shown.extension.status, shown.sample_size) == ("cancelled", N)
    async with db.scope([workspace_id]) as session:
        await jobs_service.retry(session, job_id)
    assert (await work(make_runner(model()), job_id)).status == "succeeded"
    assert (await told(simulation)).sample_size == N + 6


async def test_a_simulation_that_was_stopped_is_not_extended(workspace_id: UUID) -> None:
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), sample_size=N)
    assert simulation.job_id is not None
    async with db.scope([workspace_id]) as session:
        await jobs_service.request_cancel(session, simulation.job_id)
        await settle_cancelled(session, simulation.job_id)
    with pytest.raises(SimulationStopped):
        await submit_extension(simulation, 1)


async def test_there_are_never_more_than_a_simulation_may_have(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    with pytest.raises(Invalid) as refused:
        await submit_extension(simulation, 50_000)
    assert refused.value.errors[0].loc == ("body", "n")


MANY = 24
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


async def ran_sections(workspace_id: UUID, make_runner: MakeRunner, **members: Any) -> Simulation:
    """Run a simulation whose questionnaire has its versions."""
    options: dict[str, Any] = {"sample_size": MANY, "method": "direct", "people": 3} | members
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


@pytest.mark.parametrize(
    "method", ["auto", *(pytest.param(name, marks=pytest.mark.slow) for name in ("direct", "distribution", "ssr"))]
)
async def test_unchanged_it_pays_nothing_and_is_the_same_dataset(
    workspace_id: UUID, make_runner: MakeRunner, method: str
) -> None:
    simulation = await ran_sections(workspace_id, make_runner, method=method)
    await work(make_runner(model()), await submit_extension(simulation, 7))
    asked = model()
    job_id, again = await submit_rerun(simulation)
    job = await work(make_runner(asked), job_id)
    assert (job.status, asked.asked, asked.embedded) == ("succeeded", [], [])
    used = await usage(job_id)
    assert (used.calls, used.replayed_calls > MANY) == (0, True)
    assert await files(again) == await files(simulation)
    shown = await told(again)
    assert (shown.rerun_of, shown.sizes, shown.seed, shown.complete) == (
        simulation.id,
        [MANY, 7],
        simulation.seed,
        True,
    )


async def test_reworded_in_the_third_of_five_sections(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran_sections(workspace_id, make_runner)
    before = await simulations.answers(simulation)
    yes = {number for (number, key), row in before.items() if key == "a" and row[0] == "1"}
    assert 0 < len(yes) < MANY
    await reword(simulation, "What of c, then?")
    asked = model()
    job_id, again = await submit_rerun(simulation)
    await work(make_runner(asked), job_id)
    used = await usage(job_id)
    # who was not shown it has the same memory: nothing of theirs is asked again
    assert sections_asked(asked.asked) == {"C": yes, "D": yes, "E": yes}
    assert (used.calls, used.replayed_calls) == (3 * len(yes), 2 * MANY + 2 * (MANY - len(yes)))
    after = await simulations.answers(again)
    assert {key: row for key, row in after.items() if key[1] in ("a", "a2", "b", "b2") or key[0] not in yes} == {
        key: row for key, row in before.items() if key[1] in ("a", "a2", "b", "b2") or key[0] not in yes
    }
    assert (await told(again)).questionnaire_version == 2


async def test_as_asked_leaves_the_newer_questionnaire_out(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran_sections(workspace_id, make_runner)
    await reword(simulation, "What of c, then?")
    job_id, again = await submit_rerun(simulation, changes={"questionnaire": "as_asked"})
    await work(make_runner(model()), job_id)
    assert (await usage(job_id)).calls == 0
    assert (await told(again)).questionnaire_version == 1


async def test_a_changed_persona_is_asked_again_and_no_other(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran_sections(workspace_id, make_runner)
    changed = UUID(simulation.personas[1]["persona_id"])
    async with db.scope([workspace_id]) as session:
        (await session.get_one(Persona, changed)).version = 2
        profile = {"name": "Persona 1", "occupation": "Nurse"}
        session.add(PersonaVersion(workspace_id=workspace_id, persona_id=changed, version=2, profile=profile))
    asked = model()
    job_id, again = await submit_rerun(simulation, changes={"personas": "newest"})
    await work(make_runner(asked), job_id)
    theirs = {number for number, row in (await respondents(again)).items() if row[0] == changed}
    assert 0 < len(theirs) < MANY
    assert {number_of(one) for one in asked.asked} == theirs
    assert (await usage(job_id)).calls == len(asked.asked)
    assert {part.version for part in (await told(again)).personas} == {1, 2}


async def test_a_weight_given_since_draws_nobody_else(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran_sections(workspace_id, make_runner)
    async with db.scope([workspace_id]) as session:
        (await session.get_one(Persona, UUID(simulation.personas[0]["persona_id"]))).population_weight = 0.9
    job_id, again = await submit_rerun(simulation)
    await work(make_runner(model()), job_id)
    assert (await usage(job_id)).calls == 0
    assert await files(again) == await files(simulation)


async def test_another_size_method_seed_and_parameter(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran_sections(workspace_id, make_runner)
    changes = {"sample_size": 6, "method": "ssr", "seed": 9, "parameters": {"ssr_epsilon": 0.2}, "title": "Again"}
    job_id, again = await submit_rerun(simulation, changes=changes)
    assert (await work(make_runner(model()), job_id)).status == "succeeded"
    shown = await told(again)
    assert (shown.sample_size, shown.sizes, shown.method, shown.seed, shown.title) == (6, [6], "ssr", 9, "Again")
    added = {"ssr_anchors": "auto", "retest_share": 0}
    assert shown.parameters == added | simulation.parameters | {"ssr_epsilon": 0.2}


async def test_another_questionnaire_is_not_the_one_that_was_asked(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran_sections(workspace_id, make_runner)
    with pytest.raises(Invalid) as refused:
        await submit_rerun(
            simulation, questionnaire_id=simulation.questionnaire_id, changes={"questionnaire": "as_asked"}
        )
    assert refused.value.errors[0].loc == ("body", "changes", "questionnaire")
