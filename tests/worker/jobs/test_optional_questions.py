"""What respondents need not answer, and what nobody puts to them: missing with its reason, and no call in vain."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from core.embedded.offline_model.content import HANDLERS
from core.llm.scripted import Asked
from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.schemas import QuestionnaireCreate
from core.surveys.prompts import SURVEY_DIRECT, SURVEY_STATEMENTS, SectionInput
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import answering, model, number_of, run, saying

N = 10
INCOME = question("numeric", key="income", required=False)
MOOD = question("likert", key="mood", required=False)
SURE = question(key="sure")
WHY = question("open_ended", key="why", text="Why {{income}}?")


def shy(asked: Asked) -> dict[str, Any]:
    """Answer as others do, but for the odd numbers, who leave out what they may."""
    reply = answering(asked) if asked.prompt == "survey_direct" else saying(asked)
    for questions in reply.values():
        for one in cast("SectionInput", asked.data).section.questions:
            if not one.required and number_of(asked) % 2:
                questions[one.key] = None
    return reply


async def test_an_optional_question_may_be_left_out_and_what_reads_it_is_then_not_put(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    asked = model(survey_direct=shy, survey_statements=shy)
    simulation = await simulations.submit(workspace_id, content(INCOME, MOOD, SURE, WHY), sample_size=N, method="ssr")
    job = await run(make_runner(asked), simulation)
    assert job.status == "succeeded", job.error
    given = await simulations.answers(simulation, "value, flags, missing_reason")
    for number in range(1, N + 1):
        for key in ("income", "mood"):
            value, flags, reason = given[number, key]
            told = (value is None, "left_out" in (flags or []), reason)
            assert told == ((True, True, "refused") if number % 2 else (False, False, None))
        assert given[number, "why"][2] == ("not_shown" if number % 2 else None)
        assert given[number, "sure"][2] is None
    assert (await simulations.read(simulation)).complete


def arms_only() -> Content:
    split = {"key": "price", "arms": [{"label": "Low", "code": "low"}, {"label": "High", "code": "high"}]}
    only = {"show_if": 'price == "high"'}
    sections = [
        {"title": "A", "questions": [question(key="a", **only), question("likert", key="b", **only)]},
        {"title": "B", "questions": [question("open_ended", key="c", **only)]},
    ]
    body = QuestionnaireCreate.model_validate({"title": "t", "sections": sections, "splits": [split]})
    return build_content(body.sections, body.splits)


async def test_who_is_shown_nothing_costs_no_call_and_the_run_is_complete(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    for method, calls in (("direct", 2 * N // 2), ("auto", 2 * N // 2 + 3)):
        asked = model()
        simulation = await simulations.submit(workspace_id, arms_only(), sample_size=N, method=method)
        job = await run(make_runner(asked), simulation)
        assert (job.status, len(asked.asked)) == ("succeeded", calls), job.error
        assert job.progress_done == job.progress_total
        given = await simulations.answers(simulation, "missing_reason")
        reasons = [{given[number, key][0] for key in "abc"} for number in range(1, N + 1)]
        assert sorted(map(str, reasons)) == ["{'not_shown'}"] * 5 + ["{None}"] * 5
        assert (await simulations.read(simulation)).complete


def test_the_demonstration_leaves_out_few_of_what_it_may_and_nothing_else() -> None:
    left_out = {"free": 0, "said": 0, "must": 0}
    asked = [
        {"key": "free", "type": "open_ended", "text": "What else?", "options": [], "required": False},
        {"key": "must", "type": "open_ended", "text": "Why?", "options": [], "required": True},
    ]
    options = [{"code": str(at), "label": label} for at, label in enumerate(("Bad", "Fair", "Good"), start=1)]
    rated = [{"key": "said", "type": "likert", "text": "How is it?", "options": options, "required": False}]
    for number in range(400):
        for prompt, questions in ((SURVEY_DIRECT, asked), (SURVEY_STATEMENTS, rated)):
            respondent = {"persona": {}, "attributes": {}, "number": number}
            data = {"respondent": respondent, "section": {"title": "x", "questions": questions}}
            [reply] = HANDLERS[prompt.name](data, number).values()
            for key, value in reply.items():
                left_out[key] += value is None
    assert left_out["must"] == 0
    assert 4 <= left_out["free"] <= 32
    assert 1 <= left_out["said"] <= 20
