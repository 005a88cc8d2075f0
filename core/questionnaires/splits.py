"""Split ballots: which arm a respondent is in decides how questions read and whom they are put to. Pure.

A split's key stands in texts and conditions like that of a question asked before all others, whose answer is the arm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from core.db.text import look_of
from core.questionnaires.content import Arm, Content, Option, Question, Split
from core.questionnaires.piping import filled, needed_keys, piped_keys
from core.questionnaires.reading import names_in
from core.questionnaires.schemas import ArmInput, SplitInput

Loc = tuple[str | int, ...]
Report = Callable[[Loc, str], None]
TOLERANCE: Final = 1e-6
MOST_COMBINATIONS: Final = 256
_NO_ID: Final = UUID(int=0)


def built_splits(given: Sequence[SplitInput], loc: Loc, report: Report) -> tuple[Split, ...]:
    """Return splits as they are stored, equal shares where none are given; `report` gets what is wrong below `loc`."""
    seen: dict[str, int] = {}
    for at, one in enumerate(given):
        first = seen.setdefault(one.key.casefold(), at)
        if first != at:
            report((*loc, at, "key"), f"{one.key} is the key of split {first} already")
        _check_arms(one.arms, (*loc, at, "arms"), report)
    combinations = math.prod(len(one.arms) for one in given)
    if combinations > MOST_COMBINATIONS:
        report(loc, f"{combinations:,} combinations of arms are more than the {MOST_COMBINATIONS} allowed")
    return tuple(Split(key=one.key, arms=_arms(one.arms)) for one in given)


def _arms(given: Sequence[ArmInput]) -> tuple[Arm, ...]:
    return tuple(
        Arm(
            code=arm.code or str(number),
            label=arm.label,
            share=arm.share if arm.share is not None else 1 / len(given),
            text=arm.text,
        )
        for number, arm in enumerate(given, start=1)
    )


def _check_arms(arms: Sequence[ArmInput], loc: Loc, report: Report) -> None:
    codes: dict[str, int] = {}
    labels: dict[str, int] = {}
    for at, arm in enumerate(arms):
        code = arm.code or str(at + 1)
        if (first := codes.setdefault(code, at)) != at:
            report((*loc, at, "code"), f"{code} is the code of arm {first} already")
        if (first := labels.setdefault(look_of(arm.label), at)) != at:
            report((*loc, at, "label"), f"cannot be told from the label of arm {first}")
        if arm.text and any(piped_keys(arm.text)):
            report((*loc, at, "text"), "is put in questions as it stands: no {{…}} can be in it")
    shares = [arm.share for arm in arms if arm.share is not None]
    if shares and len(shares) < len(arms):
        report(loc, "shares must be given for all arms or for none")
    elif shares and abs(math.fsum(shares) - 1) > TOLERANCE:
        report(loc, f"the shares sum to {math.fsum(shares):g}, not to 1")


def asked_first(splits: Sequence[Split]) -> dict[str, Question]:
    """Return each split as the single choice that conditions take it for, by key."""
    return {
        split.key: Question(
            id=_NO_ID,
            key=split.key,
            type="single_choice",
            text=split.key,
            position=0,
            options=tuple(Option(code=arm.code, label=arm.label) for arm in split.arms),
        )
        for split in splits
    }


def splits_read(question: Question, splits: Sequence[Split]) -> tuple[str, ...]:
    """Return the keys of the splits that decide how a question reads, or whom it is put to."""
    read = {key for text in _texts(question) for key in piped_keys(text)}
    if question.show_if is not None:
        read |= names_in(question.show_if)
    return tuple(split.key for split in splits if split.key in read)


def misread(question: Question, splits: Sequence[Split]) -> Iterator[tuple[Loc, str]]:
    """Yield what is wrong with how a question's texts name splits, with the place within the question."""
    for split in splits:
        wordless = next((arm.code for arm in split.arms if not arm.text), None)
        told = (
            f"{split.key} has no text in its arm {wordless}: give it one, or words instead as in {{{{{split.key}|…}}}}"
        )
        if wordless is not None and split.key in needed_keys(question.text):
            yield ("text",), told
        for at, option in enumerate(question.options):
            if split.key in piped_keys(option.label) and question.type in ("likert", "nps", "matrix"):
                yield ("options", at), f"names {split.key}: the points of a scale are the same in every arm"
            elif wordless is not None and split.key in needed_keys(option.label):
                yield ("options", at, "label"), told
        for at, row in enumerate(question.rows):
            if wordless is not None and split.key in needed_keys(row.label):
                yield ("rows", at, "label"), told


def resolved(content: Content, arms: Mapping[str, str]) -> Content:
    """Return the questionnaire as respondents in these arms (split → arm) read it; a split that is not there stays."""
    words = {
        split.key: [next((arm.text or "" for arm in split.arms if arm.code == arms[split.key]), "")]
        for split in content.splits
        if split.key in arms
    }
    return _worded(content, words)


def in_all_arms(content: Content) -> Content:
    """Return the questionnaire with the words of all arms in place of a split, as "$3 / $9"."""
    return _worded(content, {split.key: [arm.text or "" for arm in split.arms] for split in content.splits})


def _worded(content: Content, words: Mapping[str, Sequence[str]]) -> Content:
    if not words:
        return content
    sections = tuple(
        section.model_copy(update={"questions": tuple(_resolved(one, words) for one in section.questions)})
        for section in content.sections
    )
    return content.model_copy(update={"sections": sections})


def _resolved(question: Question, words: Mapping[str, Sequence[str]]) -> Question:
    if not question.splits:
        return question
    return question.model_copy(
        update={
            "text": filled(question.text, words),
            "options": tuple(
                option.model_copy(update={"label": filled(option.label, words)}) for option in question.options
            ),
            "rows": tuple(row.model_copy(update={"label": filled(row.label, words)}) for row in question.rows),
        }
    )


def one_by_one(content: Content) -> Iterator[dict[str, str]]:
    """Yield arms in which every arm of every split occurs once at least: those of one split by turns."""
    first = {split.key: split.arms[0].code for split in content.splits}
    yield first
    for split in content.splits:
        for arm in split.arms[1:]:
            yield first | {split.key: arm.code}


def _texts(question: Question) -> list[str]:
    labels = [*(option.label for option in question.options), *(row.label for row in question.rows)]
    return [question.text, *labels]
