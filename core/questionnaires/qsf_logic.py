"""Display logic as a Qualtrics survey file has it: sets of expressions, joined by or; within a set by and. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from core.questionnaires.content import Question
from core.questionnaires.logic import Answered, Compared, Condition, Holds, Joined, Not

MOST_SETS: Final = 60
CHOSEN: Final = frozenset({"single_choice", "multiple_choice", "likert", "nps"})
NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "==": ("EqualTo", "NotEqualTo"),
    "!=": ("NotEqualTo", "EqualTo"),
    "<": ("LessThan", "GreaterThanOrEqual"),
    "<=": ("LessThanOrEqual", "GreaterThan"),
    ">": ("GreaterThan", "LessThanOrEqual"),
    ">=": ("GreaterThanOrEqual", "LessThan"),
}
"""The operator for a sign, and the one for its contrary."""


class NotInQsf(ValueError):
    """A condition that a survey file cannot hold, or not at a bearable length."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in the survey file: its id there, and the id of each choice by our code."""

    id: str
    choices: Mapping[str, str]
    kind: str


@dataclass(frozen=True, slots=True)
class Atom:
    """One expression: a choice is selected or not, an entry or a field compares with a value."""

    left: str
    operator: str
    right: str | None = None
    question: str | None = None


Sets = tuple[tuple[Atom, ...], ...]


def display_logic(condition: Condition, asked: Mapping[str, Asked], *, in_page: bool) -> dict[str, Any]:
    """Return the `DisplayLogic` of a question; a key that is no question's is an embedded field.

    A comparison holds only for who answered, as ours do. Raises NotInQsf.
    """
    sets = _sets(condition, asked, holds=True)
    if not sets:
        raise NotInQsf
    found: dict[str, Any] = {}
    for at, atoms in enumerate(sets):
        one: dict[str, Any] = {str(number): _expression(atom, number) for number, atom in enumerate(atoms)}
        found[str(at)] = one | {"Type": "OrIf" if at else "If"}
    return found | {"Type": "BooleanExpression", "inPage": in_page}


def _expression(atom: Atom, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {"LogicType": "Question" if atom.question else "EmbeddedField"}
    if atom.question:
        made |= {"QuestionID": atom.question, "QuestionIDFromLocator": atom.question, "QuestionIsInLoop": "no"}
        made["ChoiceLocator"] = atom.left
    made |= {"Operator": atom.operator, "LeftOperand": atom.left, "Type": "Expression"}
    if atom.right is not None:
        made["RightOperand"] = atom.right
    if number:
        made["Conjuction"] = "And"  # as the format spells it
    told = " ".join([atom.left, atom.operator, *([] if atom.right is None else [atom.right])])
    return made | {"Description": told}


def _sets(condition: Condition, asked: Mapping[str, Asked], *, holds: bool) -> Sets:
    """Return the sets of a condition, or of its contrary."""
    match condition:
        case Not(part):
            return _sets(part, asked, holds=not holds)
        case Joined(parts, every):
            found = [_sets(part, asked, holds=holds) for part in parts]
            return _all(found) if every == holds else _any(found)
        case Answered(key):
            return _answered(asked, key, holds=holds)
        case Holds(key, code, negated):
            own = _selected(asked, key, code, negated=negated)
            found_sets: Sets = _all([own, _answered(asked, key, holds=True)]) if negated else own
            return found_sets if holds else _contrary(found_sets)
        case Compared():
            found_sets = _compared(condition, asked)
            return found_sets if holds else _contrary(found_sets)


def _compared(condition: Compared, asked: Mapping[str, Asked]) -> Sets:
    key, sign = condition.key, condition.sign
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    one = asked.get(key)
    if one is None and "." in key:
        raise NotInQsf  # a row of a matrix or a place of a ranking
    if one is None:
        return _field(key, sign, values)
    if one.kind == "numeric":
        return _number(one, sign, values)
    codes = [code for code in one.choices if _fits(code, sign, values, number=one.kind == "nps")]
    if one.kind not in CHOSEN or not codes:
        raise NotInQsf
    return _any([_selected(asked, key, code) for code in codes])


def _fits(code: str, sign: str, values: tuple[str | float, ...], *, number: bool) -> bool:
    """Tell whether a choice's code fulfils a comparison."""
    given: float | str = float(code) if number else code
    wanted = [float(value) if number else str(value) for value in values]
    match sign:
        case "==" | "in":
            return given in wanted
        case "!=" | "not in":
            return given not in wanted
        case "<":
            return given < wanted[0]  # type: ignore[operator]  # both are numbers: only those have an order
        case "<=":
            return given <= wanted[0]  # type: ignore[operator]
        case ">":
            return given > wanted[0]  # type: ignore[operator]
    return given >= wanted[0]  # type: ignore[operator]


def _number(one: Asked, sign: str, values: tuple[str | float, ...]) -> Sets:
    left = f"q://{one.id}/ChoiceTextEntryValue"
    told = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    equal = [Atom(left, "EqualTo", value, one.id) for value in told]
    filled = Atom(left, "NotEmpty", None, one.id)
    if sign == "in":
        return tuple((atom,) for atom in equal)
    if sign in ("not in", "!="):
        return ((filled, *(replace(atom, operator="NotEqualTo") for atom in equal)),)
    return ((filled, Atom(left, NUMBERS[sign][0], told[0], one.id)),)


def _field(key: str, sign: str, values: tuple[str | float, ...]) -> Sets:
    """Return a comparison with the arm of a split, which everybody has."""
    atoms = [Atom(key, "EqualTo", str(value)) for value in values]
    if sign in ("==", "in"):
        return tuple((atom,) for atom in atoms)
    return (tuple(replace(atom, operator="NotEqualTo") for atom in atoms),)


def _selected(asked: Mapping[str, Asked], key: str, code: str, *, negated: bool = False) -> Sets:
    one = asked[key]
    left = f"q://{one.id}/SelectableChoice/{one.choices[code]}"
    return ((Atom(left, "NotSelected" if negated else "Selected", None, one.id),),)


def _answered(asked: Mapping[str, Asked], key: str, *, holds: bool) -> Sets:
    one = asked.get(key)
    if one is None:
        raise NotInQsf
    if one.kind in CHOSEN:
        found = _any([_selected(asked, key, code) for code in one.choices])
    elif one.kind in ("numeric", "open_ended"):
        found = ((Atom(f"q://{one.id}/ChoiceTextEntryValue", "NotEmpty", None, one.id),),)
    else:
        raise NotInQsf
    return found if holds else _contrary(found)


def _contrary(sets: Sets) -> Sets:
    return _all([tuple((_opposite(atom),) for atom in atoms) for atoms in sets])


def _opposite(atom: Atom) -> Atom:
    pairs = {"Selected": "NotSelected", "NotSelected": "Selected", "NotEmpty": "Empty", "Empty": "NotEmpty"}
    return replace(atom, operator=pairs.get(atom.operator) or dict(NUMBERS.values())[atom.operator])


def _any(parts: list[Sets]) -> Sets:
    return _bounded(tuple(dict.fromkeys(one for sets in parts for one in sets)))


def _all(parts: list[Sets]) -> Sets:
    joined: Sets = ((),)
    for sets in parts:
        both = (tuple(dict.fromkeys(left + right)) for left, right in product(joined, sets))
        joined = _bounded(tuple(dict.fromkeys(atoms for atoms in both if not _contradicts(atoms))))
    return joined


def _contradicts(atoms: tuple[Atom, ...]) -> bool:
    return any(_opposite(atom) in atoms for atom in atoms if atom.right is None)


def _bounded(sets: Sets) -> Sets:
    if len(sets) > MOST_SETS:
        raise NotInQsf
    return sets


def asked_of(question: Question, id_: str) -> Asked:
    """Return a question as conditions name it in the file; choices are numbered from 1, those of an nps from 0."""
    first = 0 if question.type == "nps" else 1
    return Asked(id_, {code: str(at) for at, code in enumerate(question.codes, start=first)}, question.type)
