"""The columns of a dataset in which every cell holds one value, as statistics programs want it; pure.

A multiple choice has a column per option, a matrix one per row, a ranking one per option, a max_diff three per set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

from core.questionnaires.content import Content, Question, Split
from core.questionnaires.splits import in_all_arms
from core.surveys.responses import ResponseRead

Kind = Literal["coded", "number", "text"]
LONGEST_NAME: Final = 64
SELECTED: Final = (("0", "Not selected"), ("1", "Selected"))
YES_NO: Final = (("0", "No"), ("1", "Yes"))
REASONS: Final = {
    "not_shown": "Not shown",
    "refused": "Refused",
    "invalid": "No valid answer",
    "budget": "Not asked: budget used up",
    "cancelled": "Not asked: cancelled",
    "error": "Not asked: an error",
}
"""Why an answer is missing, in words."""
MOST_DIGITS: Final = 15
# Words that the syntax of SPSS keeps for itself.
RESERVED: Final = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `codes` are what a coded one may hold, with labels; `key` is the question it is of, if any.

    `lowest` is the smallest value that a number may have, None where it is open. `read` takes an answer's value.
    """

    name: str
    label: str
    kind: Kind
    read: Callable[[Any], Any]
    key: str | None = None
    codes: tuple[tuple[str, str], ...] = ()
    lowest: float | None = None
    weight: bool = False
    attribute: str | None = None
    ordinal: bool = False

    def named(self, code: Any) -> Any:
        """Return the label of a code, and anything else as it is."""
        return dict(self.codes).get(str(code), code) if self.kind == "coded" and code is not None else code


@dataclass(frozen=True, slots=True)
class Frame:
    """What besides the questions is known of a dataset: who took part, which attributes there are, who answered."""

    personas: Mapping[UUID, str]
    attributes: Sequence[str]
    model: str
    demonstration: bool


def fields_of(content: Content, frame: Frame) -> list[Field]:
    """Return all columns in order, their names unique, also to readers to whom case is nothing.

    Labels have the words of all arms of a split ballot.
    """
    found: list[Field] = [
        *_respondent(frame),
        *(Field(f"a_{name}", name, "text", _attribute(name), attribute=name) for name in frame.attributes),
        *(_arm(split) for split in content.splits),
        *(field for question in in_all_arms(content).questions() for field in _fields(question)),
    ]
    names = unique_names(field.name for field in found)
    return [replace(field, name=name) for field, name in zip(found, names, strict=True)]


def cells_of(fields: Sequence[Field], response: ResponseRead) -> list[Any]:
    """Return a respondent's values, None where there is none."""
    answers = response.answers
    return [
        field.read(response)
        if field.key is None
        else None
        if field.key not in answers or answers[field.key].value is None
        else field.read(answers[field.key].value)
        for field in fields
    ]


def unique_names(wanted: Iterable[str]) -> list[str]:
    """Return names of A–Z a–z 0–9 _ that begin with a letter, have at most 64 signs and differ in more than case."""
    found: list[str] = []
    taken = set(RESERVED)
    for name in wanted:
        base = _plain(name)
        made, number = base[:LONGEST_NAME].rstrip("_"), 1
        while made.casefold() in taken:
            number += 1
            suffix = f"_{number}"
            made = base[: LONGEST_NAME - len(suffix)].rstrip("_") + suffix
        taken.add(made.casefold())
        found.append(made)
    return found


def is_whole(code: str) -> bool:
    """Tell whether a code is written as a whole number is: "7" and "-1", but not "07"."""
    digits = code.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
        return False
    return str(int(code)) == code


def _plain(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    if not plain:
        return "v"
    return plain if plain[0].isalpha() else f"v_{plain}"


def _respondent(frame: Frame) -> list[Field]:
    personas = tuple((str(number), name) for number, name in enumerate(frame.personas.values(), start=1))
    places = {persona_id: str(number) for number, persona_id in enumerate(frame.personas, start=1)}
    told = "1" if frame.demonstration else "0"
    return [
        Field("respondent_number", "Respondent", "number", lambda row: row.respondent_number, lowest=1),
        Field("persona", "Persona", "coded", lambda row: places.get(row.persona_id), codes=personas),
        Field("persona_version", "Version of the persona", "number", lambda row: row.persona_version, lowest=1),
        Field("weight", "Weight", "number", lambda row: row.weight, lowest=0, weight=True),
        Field("model", "Model that answered", "text", lambda _: frame.model),
        Field("demonstration", "Answered by the demonstration model", "coded", lambda _: told, codes=YES_NO),
    ]


def _attribute(name: str) -> Callable[[Any], Any]:
    def read(response: ResponseRead) -> Any:
        value = response.attributes.get(name)
        return None if value is None else str(value)

    return read


def _arm(split: Split) -> Field:
    codes = tuple((arm.code, arm.label) for arm in split.arms)
    return Field(f"arm_{split.key}", f"Arm of {split.key}", "coded", lambda row: row.arms.get(split.key), codes=codes)


def _fields(question: Question) -> list[Field]:
    key, text = question.key, question.text
    codes = tuple((option.code, option.label) for option in question.options)
    match question.type:
        case "numeric":
            lowest = question.scale.min if question.scale else None
            return [Field(key, text, "number", lambda value: value, key, lowest=lowest)]
        case "nps":
            return [Field(key, text, "coded", str, key, codes, ordinal=True)]
        case "open_ended":
            return [Field(key, text, "text", str, key)]
        case "multiple_choice":
            return [
                Field(f"{key}_{code}", _of(label, text), "coded", _holds(code), key, SELECTED) for code, label in codes
            ]
        case "ranking":
            places = tuple((str(place), f"Rank {place}") for place in range(1, question.ranks + 1))
            return [
                Field(f"{key}_{code}", _of(label, text), "coded", _place(code), key, places, ordinal=True)
                for code, label in codes
            ]
        case "max_diff":
            return _sets(question, codes)
        case "matrix":
            return [
                Field(f"{key}_{row.code}", _of(row.label, text), "coded", _at(row.code), key, codes, ordinal=True)
                for row in question.rows
            ]
        case _:
            ordinal = question.type == "likert"
            return [Field(key, text, "coded", lambda value: value, key, codes, ordinal=ordinal)]


def _sets(question: Question, codes: tuple[tuple[str, str], ...]) -> list[Field]:
    """Return three columns per set: which options it showed, the best, and the worst of them."""
    key, found = question.key, []
    for number in range(1, (question.sets.count if question.sets else 0) + 1):
        name, about = f"{key}_{number}", f"Set {number}"
        found += [
            Field(f"{name}_shown", _of(f"{about}, shown", question.text), "text", _shown_in(number), key),
            Field(f"{name}_best", _of(f"{about}, best", question.text), "coded", _judged(number, "best"), key, codes),
            Field(
                f"{name}_worst", _of(f"{about}, worst", question.text), "coded", _judged(number, "worst"), key, codes
            ),
        ]
    return found


def _of(part: str, text: str) -> str:
    return f"{part} – {text}"


def _holds(code: str) -> Callable[[Any], Any]:
    return lambda value: "1" if code in value else "0"


def _place(code: str) -> Callable[[Any], Any]:
    return lambda value: str(value.index(code) + 1) if code in value else None


def _judged(number: int, member: str) -> Callable[[Any], Any]:
    return lambda value: next((one[member] for one in value if one["set"] == number), None)


def _shown_in(number: int) -> Callable[[Any], Any]:
    return lambda value: next((";".join(one["items"]) for one in value if one["set"] == number), None)


def _at(code: str) -> Callable[[Any], Any]:
    return lambda value: value.get(code)
