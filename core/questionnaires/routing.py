"""Checks what questions read of earlier ones: display logic and piping. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from core.questionnaires import logic
from core.questionnaires.content import Question, Section, Split
from core.questionnaires.piping import piped_keys
from core.questionnaires.splits import asked_first, misread

Loc = tuple[str | int, ...]
Report = Callable[[Loc, str], None]
MOST_NAMED: Final = 5


def routed(sections: Sequence[Section], splits: Sequence[Split], loc: Loc, report: Report) -> set[str]:
    """Return the keys of the questions that others read; `report` gets each place below `loc` and what is wrong there.

    A question may read only what is asked before it, so that no chain of conditions can close; its arm in a split
    everybody has before anything is asked.
    """
    every = {question.key for section in sections for question in section.questions}
    earlier = asked_first(splits)
    read: set[str] = set()
    for i, section in enumerate(sections):
        for j, question in enumerate(section.questions):
            place = (*loc, i, "questions", j)
            for key in piped_keys(question.text):
                read.add(key)
                if wrong := _unknown(key, question, earlier, every):
                    report((*place, "text"), wrong)
            for inner, wrong in misread(question, splits):
                report((*place, *inner), wrong)
            if question.show_if is not None:
                read.update(_logic(question, earlier, every, (*place, "show_if"), report))
            earlier[question.key] = question
    return read


def _logic(question: Question, earlier: dict[str, Question], every: set[str], loc: Loc, report: Report) -> set[str]:
    assert question.show_if is not None
    try:
        condition = logic.parse(question.show_if)
    except logic.LogicInvalid as error:
        report(loc, str(error))
        return set()
    keys = list(dict.fromkeys(logic.references(condition)))
    unknown = (wrong for key in keys if (wrong := _unknown(key, question, earlier, every)))
    for wrong in _first([*unknown, *logic.check(condition, earlier)]):
        report(loc, wrong)
    return set(keys)


def _unknown(key: str, question: Question, earlier: dict[str, Question], every: set[str]) -> str | None:
    if key in earlier:
        return None
    if key == question.key:
        return f"{key} is this question itself"
    if key in every:
        return f"{key} is asked later: only earlier answers can be read"
    return f"{key or 'an empty name'} is the key of no question"


def _first(messages: Sequence[str]) -> Iterator[str]:
    yield from list(dict.fromkeys(messages))[:MOST_NAMED]
