"""Turn survey results and the facts of their simulation into a report's content, by a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.reports import content as c
from core.reports.survey_arms import plainly
from core.reports.survey_figures import day, key_figure
from core.reports.survey_input import QuestionResult, QuoteGiven, SurveyFacts, SurveyResults
from core.reports.survey_method import (
    DEMONSTRATED,
    DEMONSTRATION,
    SIMULATED,
    TITLE,
    method_section,
    partial_notice,
    respondents,
)
from core.reports.survey_questions import question_section

RUNNING = "Simulated respondents"


def build_survey_content(
    results: Mapping[str, Any] | SurveyResults,
    facts: SurveyFacts,
    quotes: Mapping[str, Sequence[QuoteGiven]] | None = None,
) -> c.ReportContent:
    """Return the content of a survey report.

    `results` has the fixed `Results` shape with each question's `text`; `quotes` holds open-ended answers by
    question key. Raises pydantic's ValidationError when results do not have that shape.
    """
    given = results if isinstance(results, SurveyResults) else SurveyResults.model_validate(dict(results))
    given = given.model_copy(
        update={"questions": [one.model_copy(update={"weighted": given.weighted}) for one in given.questions]}
    )
    given = plainly(given)
    questions = [
        question_section(number_, question, (quotes or {}).get(question.key, []), given.splits)
        for number_, question in enumerate(given.questions, start=1)
    ]
    subject = f"Survey of simulated respondents: {facts.questionnaire_title or facts.exploration_title}"
    return c.ReportContent(
        title=f"{facts.exploration_title} – survey report",
        subject=f"{subject}. {DEMONSTRATION}" if given.demonstration else subject,
        language=facts.language,
        made_at=facts.made_at,
        demonstration=given.demonstration,
        complete=given.complete,
        running_notice=DEMONSTRATION if given.demonstration else RUNNING,
        cover=_cover(given, facts),
        sections=[_glance(given, questions), *questions, method_section(given, facts)],
    )


def _cover(results: SurveyResults, facts: SurveyFacts) -> c.Cover:
    asked = "Simulated respondent" if respondents(results) == "1" else "Simulated respondents"
    items = [
        c.Fact(label=asked, value=respondents(results)),
        c.Fact(label="Persona" if len(facts.personas) == 1 else "Personas", value=str(len(facts.personas) or "–")),
        c.Fact(label="Question" if len(results.questions) == 1 else "Questions", value=str(len(results.questions))),
        c.Fact(label="Date", value=day(facts.made_at)),
    ]
    return c.Cover(
        kind="Survey report",
        title=facts.exploration_title,
        subtitle=facts.questionnaire_title,
        workspace=facts.workspace_name,
        brand=facts.brand_name,
        accent=facts.accent_colour,
        facts=items,
        people=[persona.name for persona in facts.personas],
        statement=DEMONSTRATED if results.demonstration else SIMULATED,
        brief=facts.brief,
    )


def _glance(results: SurveyResults, sections: Sequence[c.Section]) -> c.Section:
    items = [
        _glance_item(number_, question, section)
        for number_, (question, section) in enumerate(zip(results.questions, sections, strict=True), start=1)
    ]
    method = c.GlanceItem(anchor="method", number="", title=TITLE, figure="")
    return c.Section(
        anchor="glance",
        title="At a glance",
        meta="The leading figure of each question, computed from the recorded answers of simulated respondents.",
        new_page=True,
        blocks=[*partial_notice(results), c.Glance(items=[*items, method])],
    )


def _glance_item(number_: int, question: QuestionResult, section: c.Section) -> c.GlanceItem:
    figure = key_figure(question)
    detail = f"{figure.label} ({figure.detail})" if figure.detail else figure.label
    return c.GlanceItem(
        anchor=section.anchor, number=str(number_), title=section.title, figure=figure.value, detail=detail
    )
