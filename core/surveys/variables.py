"""Variables of a simulation's data, as tables and filters name them: `q:<key>`, `a:<attribute>`, `persona`; pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from core.errors import FieldError, Invalid
from core.questionnaires.content import Content, Question
from core.stats.histogram import histogram

Kind = Literal["question", "attribute", "persona"]
Loc = tuple[str | int, ...]
PERSONA: Final = "persona"
_FORM: Final = "must be q:<question key>, a:<attribute> or persona"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: the question's key or the attribute's name, and the question where it is one."""

    kind: Kind
    name: str = ""
    question: Question | None = None

    @property
    def is_multiple(self) -> bool:
        """Tell whether a respondent may be in several of its categories."""
        return self.question is not None and self.question.type == "multiple_choice"

    @property
    def label(self) -> str:
        """Return what a table is headed with."""
        return self.question.text if self.question is not None else self.name or "Persona"

    def spelled(self) -> str:
        """Return it as a request names it."""
        return {"question": f"q:{self.name}", "attribute": f"a:{self.name}", "persona": PERSONA}[self.kind]


@dataclass(frozen=True, slots=True)
class Condition:
    """Respondents of whom a variable has this value: an attribute's text, an option's code, a persona's id."""

    variable: Variable
    value: str


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


def parse_variable(text: str, content: Content, attributes: Sequence[str], loc: Loc) -> Variable:
    """Return the variable that `text` names; raises Invalid naming `loc` for one that is not there or has no table."""
    if text == PERSONA:
        return Variable("persona")
    kind, separator, name = text.partition(":")
    if not separator or kind not in ("q", "a"):
        raise Invalid([FieldError(loc, _FORM)])
    if kind == "a":
        if name not in attributes:
            raise Invalid([FieldError(loc, "names no attribute of these respondents")])
        return Variable("attribute", name)
    question = next((one for one in content.questions() if one.key == name), None)
    if question is None:
        raise Invalid([FieldError(loc, "names no question of this simulation")])
    if question.type == "open_ended":
        raise Invalid([FieldError(loc, "names an open-ended question, which has no categories")])
    return Variable("question", name, question)


def parse_condition(text: str, content: Content, attributes: Sequence[str], loc: Loc) -> Condition:
    """Return the condition of a filter such as `a:age=18-29`; raises Invalid naming `loc`."""
    for at in (place for place, sign in enumerate(text) if sign == "="):
        try:
            variable = parse_variable(text[:at], content, attributes, loc)
        except Invalid:
            continue  # a name may hold the sign itself
        return Condition(variable, _condition_value(variable, text[at + 1 :], loc))
    name = text.partition("=")[0]
    parse_variable(name, content, attributes, loc)  # says what is wrong with it
    raise Invalid([FieldError(loc, "must be <variable>=<value>")])


def categories_of(
    variable: Variable, counted: Sequence[tuple[Any, int]], personas: Mapping[UUID, str], known: Sequence[str] = ()
) -> Categories:
    """Return a variable's categories; `counted` are the recorded values, and how many respondents have each.

    Options of a question, classes of a number, the personas taking part, the values of an attribute: those `known`
    first, in that order, others by the number they begin with.
    """
    question = variable.question
    if variable.kind == "persona":
        return _plain([Category(str(persona_id), name) for persona_id, name in personas.items()])
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


def _condition_value(variable: Variable, value: str, loc: Loc) -> str:
    question = variable.question
    if question is not None and question.type == "numeric":
        raise Invalid([FieldError(loc, "names a numeric question, whose values are no categories")])
    if question is not None and value not in question.codes:
        raise Invalid([FieldError(loc, f"{value!r} is no code of this question")])
    if variable.kind == "persona":
        try:
            return str(UUID(value))
        except ValueError:
            raise Invalid([FieldError(loc, "must name a persona by its id")]) from None
    return value


def _in_order(value: str) -> tuple[float, str]:
    """Sort by the number a value begins with, those without one last, by text."""
    digits = ""
    for sign in value.lstrip("<>≤≥$€£ "):
        if not sign.isascii() or not (sign.isdigit() or (sign == "," and digits)):
            break
        digits += sign if sign != "," else ""
    return (float(digits[:300]) if digits else float("inf"), value)
