"""Display logic and piping in a run: who is asked what, with which words, at what cost."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID

from core.llm.errors import ModelRefused
from core.llm.scripted import Asked, ScriptedModel
from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.schemas import QuestionnaireCreate
from core.surveys.prompts import SectionInput
from tests.factories import simulations
from tests.factories.questionnaires import question
from tests.factories.simulations import answers
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import answering, estimating, number_of, run, saying

N = 24
OWNS = question(key="owns", options=["Yes", "No"])
BRAND = question(key="brand", options=["Tata", "Tesla", "Other"], show_if='owns == "1"')
WHY = question("open_ended", key="why", text="Why {{brand}}?")
GLAD = question("likert", key="glad", text="Are you glad of your {{brand|car}}?", show_if='owns == "1"')
FREE = question(key="free", options=["A", "B"])


def routed() -> Content:
    sections = [
        {"title": "Car", "questions": [FREE, OWNS, BRAND, WHY]},
        {"title": "After", "questions": [GLAD]},
    ]
    return build_content(QuestionnaireCreate.model_validate({"title": "t", "sections": sections}).sections)


def scripted() -> ScriptedModel:
    return ScriptedModel({"survey_direct": answering, "survey_statements": saying, "survey_distribution": estimating})


def asked_of(model: ScriptedModel, prompt: str) -> dict[int, list[dict[str, str]]]:
    """Return respondent → the questions of each call, key → text."""
    found: dict[int, list[dict[str, str]]] = {}
    for one in model.asked:
        if one.prompt == prompt:
            data = cast("SectionInput", one.data)
            found.setdefault(number_of(one), []).append({q.key: q.text for q in data.section.questions})
    return found


async def ran(workspace_id: UUID, make_runner: MakeRunner, **options: Any) -> tuple[Any, ScriptedModel, Any]:
    model = scripted()
    simulation = await simulations.submit(workspace_id, routed(), sample_size=N, **{"method": "auto"} | options)
    job = await run(make_runner(model), simulation)
    assert job.status == "succeeded", job.error
    return await answers(simulation), model, job


async def test_who_does_not_meet_a_condition_is_not_asked(workspace_id: UUID, make_runner: MakeRunner) -> None:
    given, model, job = await ran(workspace_id, make_runner)
    owners = {number for number in range(1, N + 1) if given[number, "owns"][0] == "1"}
    assert 0 < len(owners) < N
    direct = asked_of(model, "survey_direct")
    for number in range(1, N + 1):
        keys = [list(call) for call in direct[number]]
        assert keys == ([["owns"], ["brand"], ["why"]] if number in owners else [["owns"]])
        reasons = {key: given[number, key][2] for key in ("brand", "why", "glad")}
        assert set(reasons.values()) == ({None} if number in owners else {"not_shown"})
    assert set(asked_of(model, "survey_statements")) == owners
    assert (job.progress_done, job.progress_total) == (N * 4 + 3, N * 4 + 3)  # one cell, three draws of `free`


async def test_an_answer_that_others_read_is_asked_directly_and_what_reads_it_of_each(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    given, _, _ = await ran(workspace_id, make_runner, method="distribution")
    methods = Counter((key, method) for (_, key), (_, method, _) in given.items())
    assert set(methods) == {
        ("free", "distribution"), ("owns", "direct"), ("brand", "direct"), ("why", "direct"), ("glad", "ssr"),
    }  # fmt: skip


async def test_piped_answers_stand_in_the_questions_and_in_what_is_remembered(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    given, model, _ = await ran(workspace_id, make_runner)
    labels = {"1": "Tata", "2": "Tesla", "3": "Other"}
    for number, calls in asked_of(model, "survey_direct").items():
        if len(calls) == 3:
            brand = labels[given[number, "brand"][0]]
            assert calls[2] == {"why": f"Why {brand}?"}
            [said] = asked_of(model, "survey_statements")[number]
            assert said == {"glad": f"Are you glad of your {brand}?"}
    remembered = {
        earlier.question
        for one in model.asked
        if one.prompt == "survey_statements"
        for earlier in cast("SectionInput", one.data).earlier_answers
    }
    assert remembered & {f"Why {label}?" for label in labels.values()}
    assert not any("{{" in text for text in remembered)


async def test_who_refuses_the_question_that_decides_is_not_asked_further(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    def script(asked: Asked) -> Any:
        data = cast("SectionInput", asked.data)
        keys = [one.key for one in data.section.questions]
        return ModelRefused() if "owns" in keys and number_of(asked) == 1 else answering(asked)

    model = ScriptedModel({"survey_direct": script, "survey_statements": saying, "survey_distribution": estimating})
    simulation = await simulations.submit(workspace_id, routed(), sample_size=3, method="auto")
    await run(make_runner(model), simulation)
    given = await answers(simulation)
    assert [given[1, key][2] for key in ("owns", "brand", "why", "glad")] == ["refused", *["not_shown"] * 3]
