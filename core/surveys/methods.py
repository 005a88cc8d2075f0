"""How each question is asked: the caller's wish, as far as the question's type allows it."""

from __future__ import annotations

from typing import Any, Final, Literal

from core.limits.service import ModelKind
from core.llm.contract import is_demonstration
from core.questionnaires.content import Content, Question
from core.stats.ssr import DEFAULT_EPSILON, DEFAULT_TEMPERATURE

Method = Literal["direct", "distribution", "ssr"]
Requested = Literal["auto", "direct", "distribution", "ssr"]

ORDINAL: Final = frozenset({"likert", "nps"})
RATED: Final = ORDINAL | {"matrix"}
NOMINAL: Final = frozenset({"single_choice", "multiple_choice"})
# An eleven-point scale is finer than sentence embeddings tell apart, so `auto` asks for the number itself.
AUTOMATIC: Final[dict[str, Method]] = {
    "likert": "ssr",
    "single_choice": "distribution",
    "multiple_choice": "distribution",
    "nps": "direct",
    "numeric": "direct",
    "ranking": "direct",
    "matrix": "ssr",
    "max_diff": "direct",
    "open_ended": "direct",
}
DISTRIBUTION_DRAWS: Final = 3
RETEST_SHARE: Final = 0.1
# Where the likelihood of the intended points is highest: the demonstration's embeddings hardly tell sentences apart.
DEMONSTRATION_TEMPERATURE: Final = 0.25


def default_parameters(embedding_model: str) -> dict[str, Any]:
    """Return the parameters of all methods for runs whose statements this model embeds."""
    demonstration = is_demonstration(embedding_model)
    return {
        "ssr_temperature": DEMONSTRATION_TEMPERATURE if demonstration else DEFAULT_TEMPERATURE,
        "ssr_epsilon": DEFAULT_EPSILON,
        "ssr_anchors": "auto",
        "distribution_draws": DISTRIBUTION_DRAWS,
        "retest_share": RETEST_SHARE,
    }


def method_for(question: Question, requested: Requested) -> Method:
    """Return the method a question is asked with.

    `direct` serves every type, `ssr` ordinal scales (of a matrix each row), `distribution` questions with options;
    where the wish does not fit the type, the automatic choice is taken, and recorded with each answer. An answer that
    later questions read must be known at once: it is asked `direct`. A question that reads earlier answers is put to
    each respondent by itself: never as a distribution.
    """
    if question.feeds:
        return "direct"
    found = _by_type(question, requested)
    if found == "distribution" and question.reads:
        return "ssr" if question.type == "likert" else "direct"
    return found


def _by_type(question: Question, requested: Requested) -> Method:
    if requested == "direct":
        return "direct"
    if requested == "ssr" and question.type in RATED:
        return "ssr"
    if requested == "distribution" and question.type in ORDINAL | NOMINAL:
        return "distribution"
    return AUTOMATIC[question.type]


def models_asked(content: Content, requested: Requested) -> list[ModelKind]:
    """Return which models a simulation asks: similarity rating embeds what respondents said."""
    rated = any(method_for(question, requested) == "ssr" for question in content.questions())
    return ["chat", "embedding"] if rated else ["chat"]
