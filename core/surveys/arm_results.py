"""Results by the arms of split ballots; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import Invalid
from core.questionnaires.content import Arm, Content, Question, Split
from core.questionnaires.splits import resolved
from core.surveys.arm_schemas import ArmBase, SplitBase
from core.surveys.crosstab import Asked, drawn_by_lot, table_of
from core.surveys.methods import Requested
from core.surveys.results import question_result
from core.surveys.samples import Sample
from core.surveys.schemas import ArmResult, CrosstabRead, QuestionResult, SplitResult
from core.surveys.variables import AnyOf, Condition, Variable, parse_variable

ALPHA: Final = 0.05


def split_bases(content: Content, sample: Sample) -> list[SplitBase]:
    """Return the splits of a questionnaire, with how many of these respondents are in each arm."""
    return [
        SplitBase(
            key=split.key,
            arms=[
                ArmBase(code=arm.code, label=arm.label, text=arm.text, share=arm.share, n=_in(sample, split, arm).n)
                for arm in split.arms
            ],
        )
        for split in content.splits
    ]


def pinned(conditions: Sequence[AnyOf]) -> dict[str, str]:
    """Return split → the arm that all who meet the conditions are in."""
    each = [any_of[0] for any_of in conditions if len(any_of) == 1]
    return {one.variable.name: one.value for one in each if one.variable.kind == "arm"}


def by_splits(
    question: Question, content: Content, sample: Sample, requested: Requested, known: Mapping[str, str]
) -> list[SplitResult]:
    """Return a question's results by the arms of each split it reads, but for those of which one arm is `known`."""
    return [
        _by_split(question, split, content, sample, requested, known)
        for split in content.splits
        if split.key in question.splits and split.key not in known
    ]


def _by_split(
    question: Question,
    split: Split,
    content: Content,
    sample: Sample,
    requested: Requested,
    known: Mapping[str, str],
) -> SplitResult:
    table = _table(question, split, content, sample, requested)
    return SplitResult(
        split=split.key,
        arms=[
            ArmResult(
                arm=arm.code,
                label=arm.label,
                result=_of_arm(question, resolved(content, {**known, split.key: arm.code}), _in(sample, split, arm)),
            )
            for arm in split.arms
        ],
        chi2=table.chi2 if table else None,
        cramers_v=table.cramers_v if table else None,
    )


def _of_arm(question: Question, content: Content, sample: Sample) -> QuestionResult:
    read = next(one for one in content.questions() if one.key == question.key)
    return question_result(read, sample.tallies(question.key), {})


def _table(
    question: Question, split: Split, content: Content, sample: Sample, requested: Requested
) -> CrosstabRead | None:
    """Return the table of a question with the arms; None for a question that has no categories."""
    place: tuple[Any, ...] = ("query",)
    try:
        row = parse_variable(f"q:{question.key}", content, (), place)
    except Invalid:
        return None
    column = _variable(split)
    asked = Asked(row, column, ALPHA, "holm", drawn_by_lot(row, column, requested))
    return table_of(asked, sample.crossed(row, column), {}, {})


def _in(sample: Sample, split: Split, arm: Arm) -> Sample:
    return sample.where([(Condition(_variable(split), arm.code),)])


def _variable(split: Split) -> Variable:
    return Variable("arm", split.key, split=split)
