"""Display logic: a small expression over earlier answers that says whether a question is shown. Pure.

    diet == "2"                      the answer is this code; != for any other answer
    diet in ["1", "2"]               … one of these codes; not in for none of them
    "3" in uses                      a multiple choice holds this code; not in for one that does not
    hours >= 3, 1 <= hours < 5       a number or nps compares; also == and !=
    answered(why)                    there is an answer, whatever it is
    … and …, … or …, not (…)

A comparison with a question that has no answer does not hold, whatever its sign: neither == nor !=.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from core.questionnaires.content import CODED, Content, Question
from core.questionnaires.schemas import LONGEST_CONDITION
from core.questionnaires.splits import asked_first

DEEPEST: Final = 30
_COMPARED: Final[dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPERATORS: Final = dict(_COMPARED.values())
_NUMBERS: Final = frozenset({"numeric", "nps"})
_NO_VALUES: Final = {"open_ended": "open-ended", "max_diff": "a max_diff question"}


class LogicInvalid(ValueError):
    """An expression that cannot be used; the message says why, in words for its author."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`key sign value`: a code or a number, or the list of them for "in" and "not in".

    `key` may be a part of an answer, `<key>.<row>` of a matrix and `<key>.<place>` of a ranking.
    """

    key: str
    sign: str
    value: str | float | tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """The codes that were chosen or ranked for `key` hold `code`, or do not."""

    key: str
    code: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """There is an answer to `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a part."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the parts, or any."""

    parts: tuple[Condition, ...]
    every: bool


Condition = Compared | Holds | Answered | Not | Joined


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """Return the condition that a text stands for; raises LogicInvalid. Nothing of the text is ever executed."""
    if len(text) > LONGEST_CONDITION:
        raise LogicInvalid(f"is longer than {LONGEST_CONDITION:,} characters")
    if "\n" in text or "\r" in text or "#" in text or "\\" in text:
        raise LogicInvalid("must stand in one line, without # and \\")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, Warning, ValueError, RecursionError, MemoryError):
        raise LogicInvalid('is no expression such as diet == "2" and hours >= 3') from None
    return _condition(tree.body, 0)


def references(condition: Condition) -> Iterator[str]:
    """Return the keys of the questions that a condition reads, in order, each as often as it stands there."""
    match condition:
        case Not(part):
            yield from references(part)
        case Joined(parts):
            for part in parts:
                yield from references(part)
        case _:
            yield whole(condition.key)


def whole(key: str) -> str:
    """Return the key of the question whose answer, or a part of it, a key names."""
    return key.partition(".")[0]


def check(condition: Condition, earlier: Mapping[str, Question]) -> Iterator[str]:
    """Return what is wrong with a condition's use of the questions that are asked before, by key."""
    match condition:
        case Not(part):
            yield from check(part, earlier)
        case Joined(parts):
            for part in parts:
                yield from check(part, earlier)
        case Compared() | Holds():
            if whole(condition.key) in earlier:
                yield from _misused(condition, earlier[whole(condition.key)])


def conditions_of(content: Content) -> dict[str, Condition]:
    """Return the condition of each question that has one, by key, as `holds` takes it."""
    questions = {question.key: question for question in content.questions()}
    known = asked_first(content.splits) | questions
    return {
        key: normalised(parse(question.show_if), known)
        for key, question in questions.items()
        if question.show_if is not None
    }


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Return whether a condition holds; `answers` are the values given so far, by key, None or no entry for none."""
    match condition:
        case Joined(parts, every):
            found = (holds(part, answers) for part in parts)
            return all(found) if every else any(found)
        case Not(part):
            return not holds(part, answers)
        case Answered(key):
            return answers.get(key) is not None
        case Holds(key, code, negated):
            chosen = answers.get(key)
            return isinstance(chosen, list) and (code in chosen) != negated
        case Compared(key, sign, value):
            answer = answers.get(key)
            if answer is None:
                return False
            if isinstance(value, tuple):
                return (answer in value) == (sign == "in")
            return type(answer) is not list and _same_kind(answer, value) and _OPERATORS[sign](answer, value)


def decided(condition: Condition, known: Mapping[str, Any]) -> bool | None:
    """Return whether a condition holds whatever the answers are that are not among those `known`; None if they decide.

    A key among the known with the value None has no answer.
    """
    match condition:
        case Joined(parts, every):
            found = [decided(part, known) for part in parts]
            return (not every) if (not every) in found else None if None in found else every
        case Not(part):
            inner = decided(part, known)
            return None if inner is None else not inner
        case _:
            return holds(condition, known) if condition.key in known else None


def _same_kind(answer: Any, value: Any) -> bool:
    return isinstance(answer, str) == isinstance(value, str)


def _condition(node: ast.expr, depth: int) -> Condition:
    if depth > DEEPEST:
        raise LogicInvalid(f"is nested more than {DEEPEST} deep")
    match node:
        case ast.BoolOp(op, values):
            return Joined(tuple(_condition(value, depth + 1) for value in values), isinstance(op, ast.And))
        case ast.UnaryOp(ast.Not(), operand):
            return Not(_condition(operand, depth + 1))
        case ast.Call(ast.Name("answered"), [ast.Name(key)], []):
            return Answered(key)
        case ast.Compare(left, ops, comparators):
            sides = [left, *comparators]
            parts = tuple(_comparison(sides[at], op, sides[at + 1]) for at, op in enumerate(ops))
            return parts[0] if len(parts) == 1 else Joined(parts, every=True)
    raise LogicInvalid(f"{_shown(node)} is no comparison, answered(…), and, or, not")


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition:
    if isinstance(op, ast.In | ast.NotIn):
        return _membership(left, right, negated=isinstance(op, ast.NotIn))
    if type(op) not in _COMPARED:
        raise LogicInvalid("compares with ==, !=, <, <=, >, >=, in and not in only")
    sign = _COMPARED[type(op)][0]
    first, second = _key(left), _key(right)
    if first is not None and second is None:
        return Compared(first, sign, _literal(right))
    if second is not None and first is None:
        return Compared(second, _MIRRORED[sign], _literal(left))
    raise LogicInvalid("compares a question's key with a code or a number, nothing else")


def _membership(left: ast.expr, right: ast.expr, *, negated: bool) -> Condition:
    match left, right:
        case ast.Name() | ast.Subscript(), ast.List(elts) | ast.Tuple(elts) if elts and (part := _key(left)):
            return Compared(part, "not in" if negated else "in", tuple(map(_literal, elts)))
        case ast.Constant(), ast.Name(key):
            code = _literal(left)
            return Holds(key, _code(code), negated)
    raise LogicInvalid('"in" takes a key and a list of codes, or a code and the key of a multiple choice')


def _key(node: ast.expr) -> str | None:
    """Return the key that a side names: `diet`, or a part as `brands["acme"]` and `rank[1]`; None for a literal."""
    match node:
        case ast.Name(key):
            return key
        case ast.Subscript(ast.Name(key), ast.Constant() as part):
            return f"{key}.{_code(_literal(part))}"
    return None


def _literal(node: ast.expr) -> str | float:
    match node:
        case ast.Constant(bool() | None):
            pass
        case ast.Constant(str() as text):
            return text
        case ast.Constant(int() | float() as number):
            return float(number) if abs(number) < 1e15 else _refuse(node)
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)) if not isinstance(number, bool):
            return -float(number) if abs(number) < 1e15 else _refuse(node)
    return _refuse(node)


def _refuse(node: ast.expr) -> str | float:
    raise LogicInvalid(f"{_shown(node)} is no code in quotes and no number")


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _misused(condition: Compared | Holds, question: Question) -> Iterator[str]:
    key, kind = question.key, question.type
    part = condition.key.partition(".")[2]
    if part or kind == "matrix" or (kind == "ranking" and isinstance(condition, Compared)):
        yield from _misused_part(condition, part, question)
        return
    if isinstance(condition, Holds):
        if kind not in ("multiple_choice", "ranking"):
            yield f"{key} is no multiple choice: compare it with == or with in and a list"
        elif condition.code not in question.codes:
            yield f"{key} has no option {condition.code!r}"
        return
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if kind in ("open_ended", "max_diff"):
        yield f"{key} is {_NO_VALUES[kind]}: only answered({key}) can be asked of it"
    elif kind == "multiple_choice":
        yield f'{key} is a multiple choice: ask "code" in {key}'
    elif kind in _NUMBERS:
        yield from (f"{key} is a number, and {value!r} is none" for value in values if isinstance(value, str))
    elif kind in CODED and condition.sign not in ("==", "!=", "in", "not in"):
        yield f"{key} has codes: compare it with ==, !=, in or not in"
    else:
        yield from (f"{key} has no option {code!r}" for code in map(_code, values) if code not in question.codes)


def _misused_part(condition: Compared | Holds, part: str, question: Question) -> Iterator[str]:
    """Return what is wrong with a condition on one row of a matrix or one place of a ranking."""
    key, kind = question.key, question.type
    if kind == "matrix" and (isinstance(condition, Holds) or not part):
        yield f'{key} is a matrix: ask {key}["row"] == "code"'
    elif kind == "ranking" and not part:
        yield f'{key} is a ranking: ask {key}[1] == "code", or "code" in {key}'
    elif kind not in ("matrix", "ranking"):
        yield f"{key} has no parts: ask {key} itself"
    elif kind == "matrix" and part not in {row.code for row in question.rows}:
        yield f"{key} has no row {part!r}"
    elif kind == "ranking" and part not in {str(place) for place in range(1, question.ranks + 1)}:
        yield f"{key} ranks 1 to {question.ranks}, not {part}"
    elif isinstance(condition, Compared) and condition.sign not in ("==", "!=", "in", "not in"):
        yield f"{key} has codes: compare it with ==, !=, in or not in"
    elif isinstance(condition, Compared):
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        yield from (f"{key} has no option {code!r}" for code in map(_code, values) if code not in question.codes)


def normalised(condition: Condition, earlier: Mapping[str, Question]) -> Condition:
    """Return the condition with the codes of options as text, however they were written (`mood == 1`)."""
    match condition:
        case Not(part):
            return Not(normalised(part, earlier))
        case Joined(parts, every):
            return Joined(tuple(normalised(part, earlier) for part in parts), every)
        case Compared(key, sign, value) if earlier[whole(key)].type not in _NUMBERS:
            if isinstance(value, tuple):
                return Compared(key, sign, tuple(map(_code, value)))
            return Compared(key, sign, _code(value))
    return condition


def _code(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value.is_integer() else str(value)
