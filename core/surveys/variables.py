"""Variables of a simulation's data, as tables and filters name them; pure.

`q:<key>`, of a matrix `q:<key>.<row>`, of a ranking `q:<key>.<place>` (`q:<key>` is its first choice), `a:<attribute>`,
`arm:<split>`, `persona`, and in tables `segment:<id>`.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol
from uuid import UUID

from core.errors import FieldError, Invalid
from core.questionnaires.content import Content, Question, Split
from core.stats.histogram import histogram

Kind = Literal["question", "attribute", "arm", "persona", "segment"]
Loc = tuple[str | int, ...]
PERSONA: Final = "persona"
SEGMENT: Final = "segment:"
NO_SUCH_SEGMENT: Final = "names no segment of this exploration"
_BEFORE: Final[Mapping[Kind, str]] = {
    "question": "q:", "attribute": "a:", "arm": "arm:", "persona": PERSONA, "segment": SEGMENT,
}  # fmt: skip
_NAMED: Final = ("q", "a", "arm")
_BOUNDS: Final = (">=", "<=")
_FORM: Final = "must be q:<question key>, a:<attribute>, arm:<split key>, persona or segment:<id>"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: the key of a question or split, the attribute's name or the segment's id; and what it is.

    `part` is the row of a matrix or the place of a ranking; `conditions` and `title` are those of a segment.
    """

    kind: Kind
    name: str = ""
    question: Question | None = None
    conditions: tuple[AnyOf, ...] = ()
    title: str = ""
    split: Split | None = None
    part: str = ""

    @property
    def is_multiple(self) -> bool:
        """Tell whether a respondent may be in several of its categories."""
        return self.question is not None and self.question.type == "multiple_choice"

    @property
    def label(self) -> str:
        """Return what a table is headed with."""
        if self.question is None:
            return self.title or self.name or "Persona"
        if self.question.type == "ranking":
            return f"{self.question.text} – rank {self.part or 1}"
        rows = {row.code: row for row in self.question.rows}
        return self.question.item(rows[self.part]).text if self.part else self.question.text

    def spelled(self) -> str:
        """Return it as a request names it."""
        return f"{_BEFORE[self.kind]}{self.name}{'.' if self.part else ''}{self.part}"

    def recorded(self, value: Any) -> Any:
        """Return what a question's recorded answer says of this variable; None for nothing."""
        if self.question is None or value is None:
            return value
        if self.question.type == "matrix":
            return value.get(self.part)
        if self.question.type == "ranking":
            place = int(self.part or 1)
            return value[place - 1] if len(value) >= place else None
        return value

    def has(self, recorded: Any, value: str) -> bool:
        """Tell whether what is recorded is the value of a condition, or is one of several that are.

        A `value` such as `>=4` holds for numbers from there on, as `<=4` up to it.
        """
        if isinstance(recorded, list):
            return value in recorded
        if value[:2] in _BOUNDS and not isinstance(recorded, str):
            return float(recorded) >= float(value[2:]) if value[0] == ">" else float(recorded) <= float(value[2:])
        return bool(_key(recorded) == value)


@dataclass(frozen=True, slots=True)
class Condition:
    """Respondents of whom a variable has this value: an attribute's text, an option's code, a persona's id.

    Of a numeric or nps question a number, or a bound: `>=4`, `<=4`.
    """

    variable: Variable
    value: str


AnyOf = tuple[Condition, ...]
"""Respondents who meet one of these conditions, or several."""


class Named(Protocol):
    """A saved segment: in `conditions` all must be met, of a list of them one."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def conditions(self) -> Sequence[str | Sequence[str]]: ...


NO_SEGMENTS: Final[Mapping[UUID, Named]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Category:
    """One row or column of a table."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories of a variable, in order, and where a recorded value belongs."""

    categories: tuple[Category, ...]
    places: Mapping[Any, tuple[int, ...]]

    def of(self, value: Any) -> tuple[int, ...]:
        """Return the places of a recorded value: several for a multiple choice, none for what is no category."""
        return self.places.get(_key(value), ())


def parse_variable(
    text: str,
    content: Content,
    attributes: Sequence[str],
    loc: Loc,
    segments: Mapping[UUID, Named] = NO_SEGMENTS,
) -> Variable:
    """Return the variable that `text` names; raises Invalid naming `loc` for one that is not there or has no table."""
    if text == PERSONA:
        return Variable("persona")
    if (segment_id := segment_of(text)) is not None:
        if segment_id not in segments:
            raise Invalid([FieldError(loc, NO_SUCH_SEGMENT)])
        found = segments[segment_id]
        conditions = parse_segment(found, content, attributes, loc)
        return Variable("segment", str(segment_id), conditions=conditions, title=found.name)
    kind, separator, name = text.partition(":")
    if not separator or kind not in _NAMED:
        raise Invalid([FieldError(loc, _FORM)])
    if kind == "a":
        if name not in attributes:
            raise Invalid([FieldError(loc, "names no attribute of these respondents")])
        return Variable("attribute", name)
    if kind == "arm":
        split = next((one for one in content.splits if one.key == name), None)
        if split is None:
            raise Invalid([FieldError(loc, "names no split of this simulation")])
        return Variable("arm", name, split=split)
    name, _, part = name.partition(".")
    question = next((one for one in content.questions() if one.key == name), None)
    if question is None:
        raise Invalid([FieldError(loc, "names no question of this simulation")])
    if question.type == "open_ended":
        raise Invalid([FieldError(loc, "names an open-ended question, which has no categories")])
    if question.type == "max_diff":
        raise Invalid([FieldError(loc, "names a max_diff question: its scores are in the results, by persona too")])
    _check_part(part, question, loc)
    return Variable("question", name, question, part=part)


def _check_part(part: str, question: Question, loc: Loc) -> None:
    """Raise Invalid where a variable names no row of a matrix, no place of a ranking, or a part of something else."""
    wrong = None
    if question.type == "matrix":
        if part not in {row.code for row in question.rows}:
            wrong = f"names a matrix: name one of its rows, such as q:{question.key}.{question.rows[0].code}"
    elif question.type == "ranking":
        if part and part not in {str(place) for place in range(1, question.ranks + 1)}:
            wrong = f"names a ranking, whose places are 1 to {question.ranks}"
    elif part:
        wrong = "names no question of this simulation"
    if wrong is not None:
        raise Invalid([FieldError(loc, wrong)])


def parse_condition(text: str, content: Content, attributes: Sequence[str], loc: Loc) -> Condition:
    """Return the condition of a filter such as `a:age=18-29`; raises Invalid naming `loc`."""
    for at in (place for place, sign in enumerate(text) if sign == "="):
        for bound in ("", text[at - 1 : at]) if text[at - 1 : at] in ("<", ">") else ("",):
            try:
                variable = parse_variable(text[: at - len(bound)], content, attributes, loc)
            except Invalid:
                continue  # a name may hold the sign itself
            return Condition(variable, _condition_value(variable, text[at + 1 :], loc, bound))
    name = text.partition("=")[0]
    parse_variable(name, content, attributes, loc)  # says what is wrong with it
    raise Invalid([FieldError(loc, "must be <variable>=<value>")])


def parse_segment(segment: Named, content: Content, attributes: Sequence[str], loc: Loc) -> tuple[AnyOf, ...]:
    """Return a segment's conditions; raises Invalid naming `loc` where they ask for what these data have not."""
    found: list[AnyOf] = []
    for one in segment.conditions:
        any_of = [one] if isinstance(one, str) else one
        try:
            found.append(tuple(parse_condition(condition, content, attributes, loc) for condition in any_of))
        except Invalid as error:
            why = f"the segment {segment.name!r} cannot be used here: {' or '.join(any_of)} {error.errors[0].msg}"
            raise Invalid([FieldError(loc, why)]) from None
    return tuple(found)


def segment_of(text: str) -> UUID | None:
    """Return the id of the segment that a variable names; None where it names something else."""
    if not text.startswith(SEGMENT):
        return None
    try:
        return UUID(text.removeprefix(SEGMENT))
    except ValueError:
        return None


def attribute_text(value: Any) -> str | None:
    """Return an attribute's value as tables and targets take it; None where there is none."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def condition_form(text: str) -> str:
    """Return a condition that could be one; raises ValueError for what is none of any data."""
    name, sign, value = text.partition("=")
    kind, _, called = name.partition(":")
    if not sign or not value or not (name == PERSONA or (kind in _NAMED and called)):
        raise ValueError("must be <variable>=<value>, the variable q:<key>, a:<attribute>, arm:<split> or persona")
    return text


def categories_of(
    variable: Variable, counted: Sequence[tuple[Any, int]], personas: Mapping[UUID, str], known: Sequence[str] = ()
) -> Categories:
    """Return a variable's categories; `counted` are the recorded values, and how many respondents have each.

    Options of a question, classes of a number, the personas taking part, the arms of a split, the values of an
    attribute: those `known` first, in that order, others by the number they begin with.
    """
    question = variable.question
    if variable.kind == "segment":
        return _plain([Category("True", variable.title), Category("False", f"Not {variable.title}")])
    if variable.kind == "persona":
        return _plain([Category(str(persona_id), name) for persona_id, name in personas.items()])
    if variable.split is not None:
        return _plain([Category(arm.code, arm.label) for arm in variable.split.arms])
    if question is None:
        there = {str(value) for value, _ in counted}
        found = [*(value for value in known if value in there), *sorted(there - set(known), key=_in_order)]
        return _plain([Category(value, value) for value in found])
    if question.type == "numeric":
        return _classes([float(value) for value, n in counted for _ in range(n)])
    categories = [Category(option.code, option.label) for option in question.options]
    if question.type != "multiple_choice":
        return _plain(categories)
    place = {category.code: at for at, category in enumerate(categories)}
    chosen = {_key(value) for value, _ in counted}
    return Categories(tuple(categories), {codes: tuple(sorted(place[code] for code in codes)) for codes in chosen})


def _plain(categories: Sequence[Category]) -> Categories:
    return Categories(tuple(categories), {category.code: (at,) for at, category in enumerate(categories)})


def _classes(values: Sequence[float]) -> Categories:
    bins = histogram(values)
    places = {_key(value): (_class_of(value, [one.low for one in bins]),) for value in set(values)}
    return Categories(tuple(Category(one.label, one.label) for one in bins), places)


def _class_of(value: float, lows: Sequence[float]) -> int:
    return max(0, bisect_right(lows, value) - 1)


def _key(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if isinstance(value, tuple) else str(value)
    return str(int(value)) if float(value).is_integer() else str(float(value))


def _condition_value(variable: Variable, value: str, loc: Loc, bound: str = "") -> str:
    question = variable.question
    if question is not None and (question.type == "numeric" or (question.type == "nps" and bound)):
        return (f"{bound}=" if bound else "") + _number(value, loc)
    if bound:
        raise Invalid([FieldError(loc, f"{bound}= is for numeric and nps questions")])
    if question is not None and value not in question.codes:
        raise Invalid([FieldError(loc, f"{value!r} is no code of this question")])
    if variable.split is not None and all(arm.code != value for arm in variable.split.arms):
        raise Invalid([FieldError(loc, f"{value!r} is no arm of this split")])
    if variable.kind == "persona":
        try:
            return str(UUID(value))
        except ValueError:
            raise Invalid([FieldError(loc, "must name a persona by its id")]) from None
    return value


def _number(value: str, loc: Loc) -> str:
    """Return a number as recorded ones are spelled; raises Invalid where it is none."""
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Invalid([FieldError(loc, f"{value!r} is no number")])
    return str(_key(found))


def _in_order(value: str) -> tuple[float, str]:
    """Sort by the number a value begins with, those without one last, by text."""
    digits = ""
    for sign in value.lstrip("<>≤≥$€£ "):
        if not sign.isascii() or not (sign.isdigit() or (sign == "," and digits)):
            break
        digits += sign if sign != "," else ""
    return (float(digits[:300]) if digits else float("inf"), value)
