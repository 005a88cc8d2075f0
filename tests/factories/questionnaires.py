"""Questionnaires as a caller would send them, and as they are stored."""

from __future__ import annotations

from typing import Any

from core.questionnaires.building import build_content
from core.questionnaires.content import Content, Question
from core.questionnaires.schemas import QuestionnaireCreate


def question(type_: str = "single_choice", **members: Any) -> dict[str, Any]:
    """Return a question of a type with what that type needs."""
    body: dict[str, Any] = {"type": type_, "text": f"A {type_} question?"}
    if type_ in ("single_choice", "multiple_choice"):
        body["options"] = ["Yes", "No"]
    if type_ == "max_diff":
        body["options"] = ["Price", "Taste", "Health", "Brand", "Packaging"]
    if type_ == "ranking":
        body["options"] = ["Taste", "Price", "Health"]
    if type_ == "matrix":
        body["rows"] = ["Taste", "Price"]
    if type_ in ("likert", "matrix"):
        body["scale"] = {"min": 1, "max": 5}
    return body | members


def questionnaire(*questions: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a questionnaire of one section."""
    return {
        "title": "Mood of the country",
        "sections": [{"title": "Main", "questions": list(questions) or [question()]}],
    } | members


def content(*questions: dict[str, Any]) -> Content:
    """Return the stored content of a questionnaire of one section."""
    return build_content(QuestionnaireCreate.model_validate(questionnaire(*questions)).sections)


def stored(type_: str = "single_choice", **members: Any) -> Question:
    """Return one question as it is stored."""
    return next(content(question(type_, **members)).questions())
