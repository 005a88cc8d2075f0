"""How each question is asked: the caller's wish, as far as the question's type allows it."""

from __future__ import annotations

from typing import Final, Literal

from core.questionnaires.content import Question

Method = Literal["direct", "distribution", "ssr"]
Requested = Literal["auto", "direct", "distribution", "ssr"]

ORDINAL: Final = frozenset({"likert", "nps"})
NOMINAL: Final = frozenset({"single_choice", "multiple_choice"})
# An eleven-point scale is finer than sentence embeddings tell apart, so `auto` asks for the number itself.
AUTOMATIC: Final[dict[str, Method]] = {
    "likert": "ssr",
    "single_choice": "distribution",
    "multiple_choice": "distribution",
    "nps": "direct",
    "numeric": "direct",
    "open_ended": "direct",
}


def method_for(question: Question, requested: Requested) -> Method:
    """Return the method a question is asked with.

    `direct` serves every type, `ssr` ordinal scales, `distribution` questions with options; where the wish does
    not fit the type, the automatic choice is taken, and recorded with each answer.
    """
    if requested == "direct":
        return "direct"
    if requested == "ssr" and question.type in ORDINAL:
        return "ssr"
    if requested == "distribution" and question.type in ORDINAL | NOMINAL:
        return "distribution"
    return AUTOMATIC[question.type]
