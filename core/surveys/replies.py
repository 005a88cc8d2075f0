"""Reads model replies: what the schema cannot say is checked here; a ValueError asks the client for its repair."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from core.questionnaires.schemas import LARGEST_NUMBER

LONGEST_TEXT: Final = 8000
SUM_TOLERANCE: Final = 0.05


class Option(Protocol):
    """What is read of an option."""

    @property
    def code(self) -> str: ...
    @property
    def exclusive(self) -> bool: ...


class Scale(Protocol):
    """What is read of a scale."""

    @property
    def min(self) -> float | None: ...
    @property
    def max(self) -> float | None: ...


class Row(Protocol):
    """What is read of a row."""

    @property
    def code(self) -> str: ...


class Question(Protocol):
    """What is read of a question."""

    @property
    def key(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def options(self) -> Sequence[Option]: ...
    @property
    def scale(self) -> Scale | None: ...
    @property
    def rows(self) -> Sequence[Row] | None: ...
    @property
    def ranks(self) -> int | None: ...
    @property
    def sets(self) -> Sequence[Sequence[str]] | None: ...


def read_direct(reply: Any, questions: Sequence[Question]) -> dict[str, Any]:
    """Return key → value for every question, None for an optional one left out; raises ValueError naming the first
    wrong one.
    """
    answers = _member(reply, "answers")
    return {
        question.key: None if _left_out(question, answers) else _value(question, _required(answers, question.key))
        for question in questions
    }


def read_statements(reply: Any, questions: Sequence[Question]) -> dict[str, str | None]:
    """Return key → what the respondent said, None for an optional question left out.

    Raises ValueError for one that is missing or empty.
    """
    statements = _member(reply, "statements")
    return {
        question.key: None
        if _left_out(question, statements)
        else _text(question.key, _required(statements, question.key))
        for question in questions
    }


def _left_out(question: Question, answers: Mapping[str, Any]) -> bool:
    return not question.required and question.key in answers and answers[question.key] is None


def read_probabilities(reply: Any, codes: Sequence[str], *, independent: bool) -> dict[str, float]:
    """Return code → probability.

    Dependent ones must sum to 1 within 0.05 and are scaled to sum to exactly 1; raises ValueError else.
    """
    stated = _member(reply, "probabilities")
    probabilities = {code: _probability(code, _required(stated, code)) for code in codes}
    if independent:
        return probabilities
    total = math.fsum(probabilities.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"the probabilities sum to {total:.3f}, not 1")
    return {code: probability / total for code, probability in probabilities.items()}


def _member(reply: Any, name: str) -> Mapping[str, Any]:
    found = reply.get(name) if isinstance(reply, Mapping) else None
    if not isinstance(found, Mapping):
        raise ValueError(f"{name} must be an object")  # noqa: TRY004 - one kind of error asks for the repair
    return found


def _required(answers: Mapping[str, Any], key: str) -> Any:
    if key not in answers:
        raise ValueError(f"{key} is missing")
    return answers[key]


def _value(question: Question, value: Any) -> Any:
    codes = [option.code for option in question.options]
    if question.type in ("single_choice", "likert"):
        return _one_of(question.key, value, codes)
    if question.type == "ranking":
        return _ranking(question, value, codes)
    if question.type == "matrix":
        return _rows(question, value, codes)
    if question.type == "multiple_choice":
        return _choices(question, value, codes)
    if question.type == "max_diff":
        return _judgements(question, value)
    if question.type == "open_ended":
        return _text(question.key, value)
    return _number(question, value)


def _one_of(place: str, value: Any, codes: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in codes:
        raise ValueError(f"{place}: {value!r} is not one of the codes {list(codes)}")
    return value


def _ranking(question: Question, value: Any, codes: Sequence[str]) -> list[str]:
    """Return the codes in order of preference: as many as are to be ranked, none twice."""
    wanted = question.ranks or len(codes)
    if not isinstance(value, list) or any(code not in codes for code in value):
        raise ValueError(f"{question.key} must be a list of the codes {list(codes)}, the preferred first")
    if len(value) != wanted or len(set(value)) != wanted:
        raise ValueError(f"{question.key} must rank {wanted} different codes")
    return list(value)


def _rows(question: Question, value: Any, codes: Sequence[str]) -> dict[str, str]:
    """Return the code of each row, in the order of the rows as they were shown."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{question.key} must be an object of rows")  # noqa: TRY004 - one kind of error asks for the repair
    return {
        row.code: _one_of(f"{question.key}, row {row.code}", value.get(row.code), codes) for row in question.rows or ()
    }


def _choices(question: Question, value: Any, codes: Sequence[str]) -> list[str]:
    if not isinstance(value, list) or not value or any(code not in codes for code in value):
        raise ValueError(f"{question.key} must be one or more of the codes {list(codes)}")
    chosen = [code for code in codes if code in value]
    exclusive = {option.code for option in question.options if option.exclusive}
    if len(chosen) > 1 and exclusive.intersection(chosen):
        raise ValueError(f"{question.key}: an exclusive option stands alone")
    return chosen


def _judgements(question: Question, value: Any) -> list[dict[str, Any]]:
    """Return best and worst of each set beside the codes that were shown in it, in that order."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{question.key} must be an object of sets by number")  # noqa: TRY004 - asks for the repair
    return [
        {"set": number, "items": list(shown), **_judged(f"{question.key}, set {number}", value.get(str(number)), shown)}
        for number, shown in enumerate(question.sets or (), start=1)
    ]


def _judged(place: str, value: Any, shown: Sequence[str]) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{place} must have best and worst")  # noqa: TRY004 - one kind of error asks for the repair
    found = {name: value.get(name) for name in ("best", "worst")}
    for name, code in found.items():
        if code not in shown:
            raise ValueError(f"{place}: {name} must be one of the codes {list(shown)}")
    if found["best"] == found["worst"]:
        raise ValueError(f"{place}: best and worst must differ")
    return {name: str(code) for name, code in found.items()}


def _number(question: Question, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{question.key} must be a number")  # noqa: TRY004 - one kind of error asks for the repair
    lowest, highest = (0.0, 10.0) if question.type == "nps" else (-LARGEST_NUMBER, LARGEST_NUMBER)
    if question.scale is not None and question.type == "numeric":
        lowest = max(lowest, question.scale.min if question.scale.min is not None else lowest)
        highest = min(highest, question.scale.max if question.scale.max is not None else highest)
    if not lowest <= value <= highest:
        raise ValueError(f"{question.key} must lie between {lowest:g} and {highest:g}")
    if question.type == "nps" and value != int(value):
        raise ValueError(f"{question.key} must be a whole number")
    return int(value) if value == int(value) else float(value)


def _probability(code: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"the probability of {code} must lie between 0 and 1")
    return float(value)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not any(sign.isalnum() or unicodedata.category(sign)[0] in "PS" for sign in value):
        raise ValueError(f"{key} must be a text that says something")
    return value.strip()[:LONGEST_TEXT]
