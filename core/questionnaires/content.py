"""The typed content of a questionnaire as it is stored: sections, questions, options. Pure data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.questionnaires.piping import piped_keys
from core.questionnaires.reading import names_in
from core.stats.sampling import SeedPart, rng, shuffled

QuestionType = Literal[
    "single_choice", "multiple_choice", "likert", "nps", "numeric", "ranking", "matrix", "max_diff", "open_ended"
]
QUESTION_TYPES: Final[tuple[QuestionType, ...]] = get_args(QuestionType)
CODED: Final = frozenset({"single_choice", "multiple_choice", "likert", "nps"})
RANDOMISED: Final = frozenset({"single_choice", "multiple_choice", "ranking", "matrix"})
NPS_LOWEST: Final = 0
NPS_HIGHEST: Final = 10


class _Stored(BaseModel):
    """Base of stored content: newer releases may add members, so unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Option(_Stored):
    """One answer to choose. `score` is its number on an ordinal scale, None where it has none."""

    code: str
    label: str
    exclusive: bool = False
    pinned: bool = False
    score: float | None = None


class Scale(_Stored):
    """The ends of a scale, each None where it is open; `labels` name its points, or its two ends."""

    min: float | None = None
    max: float | None = None
    labels: tuple[str, ...] = ()


class Row(_Stored):
    """One row of a matrix, which is rated on the scale that its options are."""

    code: str
    label: str
    pinned: bool = False


class ItemSets(_Stored):
    """How a max_diff question shows its options: `count` sets of `size`, of each the best and the worst."""

    size: int
    count: int


Listed = TypeVar("Listed", bound=Option | Row)


class Serves(_Stored):
    """What a question is asked for."""

    component: str | None = None
    hypothesis: str | None = None
    theme: str | None = None


class Arm(_Stored):
    """One arm of a split ballot: its share (0–1) of the respondents, and the words that stand for it in questions.

    Respondents read the text at most, never code or label.
    """

    code: str
    label: str
    share: float
    text: str | None = None


class Split(_Stored):
    """An experiment in the questionnaire: each respondent is put in one of its arms by lot."""

    key: str
    arms: tuple[Arm, ...]


class Question(_Stored):
    """One question; `key` is unique in the questionnaire, `position` counts from 0 within its section.

    `show_if` is an expression over earlier answers (`logic.py`); `feeds` tells that a later question reads this one's
    answer, in its own `show_if` or in its text. `splits` are the keys of the split ballots by whose arm it differs.
    `rank_top` is how many options of a ranking are ranked, None for all.
    """

    id: UUID
    key: str
    type: QuestionType
    text: str
    required: bool = True
    position: int
    options: tuple[Option, ...] = ()
    scale: Scale | None = None
    rows: tuple[Row, ...] = ()
    sets: ItemSets | None = None
    rank_top: int | None = None
    randomise: bool = False
    show_if: str | None = None
    feeds: bool = False
    splits: tuple[str, ...] = ()
    anchor_set_id: UUID | None = None
    serves: Serves | None = None

    @property
    def reads(self) -> bool:
        """Tell whether whom it is put to, or how, depends on earlier answers."""
        read = {*piped_keys(self.text), *(names_in(self.show_if) if self.show_if is not None else ())}
        return not read.issubset(self.splits)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes an answer may have, in order."""
        return tuple(option.code for option in self.options)

    @property
    def ranks(self) -> int:
        """Return how many options a ranking puts in order."""
        return self.rank_top or len(self.options)

    def items(self) -> tuple[Question, ...]:
        """Return the rows of a matrix, each as the rating question that it is; none of any other type."""
        return tuple(self.item(row) for row in self.rows)

    def item(self, row: Row) -> Question:
        """Return one row of a matrix as a rating question with the key `<key>.<code of the row>`."""
        own = {"key": f"{self.key}.{row.code}", "type": "likert", "rows": (), "randomise": False}
        return self.model_copy(update=own | {"text": f"{self.text} – {row.label}"})

    def option(self, code: str) -> Option | None:
        """Return the option of a code, None when there is none."""
        return next((option for option in self.options if option.code == code), None)


class Section(_Stored):
    """Questions that are asked together; `position` counts from 0."""

    id: UUID
    title: str
    position: int
    questions: tuple[Question, ...]


class Content(_Stored):
    """All sections of one version of a questionnaire, and its split ballots."""

    sections: tuple[Section, ...]
    splits: tuple[Split, ...] = ()

    def questions(self) -> Iterator[Question]:
        """Return all questions in the order they are asked."""
        for section in self.sections:
            yield from section.questions

    @property
    def ids(self) -> set[UUID]:
        """Return the ids of all sections and questions."""
        return {section.id for section in self.sections} | {question.id for question in self.questions()}

    def without_empty_sections(self) -> Content:
        """Return the content as it is asked: a section that is still without questions says nothing to anybody."""
        return self.model_copy(update={"sections": tuple(one for one in self.sections if one.questions)})

    @property
    def question_count(self) -> int:
        """Return how many questions there are."""
        return sum(len(section.questions) for section in self.sections)


def shown_options(question: Question, *seed: SeedPart) -> tuple[Option, ...]:
    """Return the options in the order one respondent sees them: shuffled when randomised, pinned ones last.

    `seed` names who sees them (run seed, and the respondent's number or the cell): the same parts give the same
    order. The points of a scale keep their order; an exclusive option moves unless it is pinned too.
    """
    if question.type in ("likert", "nps", "matrix"):
        return question.options
    return _by_lot(question, question.options, seed)


def shown_rows(question: Question, *seed: SeedPart) -> tuple[Row, ...]:
    """Return the rows of a matrix in the order one respondent sees them, as `shown_options` does options."""
    return _by_lot(question, question.rows, seed)


def _by_lot(question: Question, listed: tuple[Listed, ...], seed: tuple[SeedPart, ...]) -> tuple[Listed, ...]:
    if not question.randomise:
        return listed
    free: list[Listed] = [one for one in listed if not one.pinned]
    pinned: list[Listed] = [one for one in listed if one.pinned]
    return (*shuffled(free, rng("option order", question.key, *seed)), *pinned)


def order_shown(question: Question, *seed: SeedPart) -> list[str] | None:
    """Return the codes in the order `shown_options` gives, None where it is the questionnaire's own by rule.

    Of a matrix those of its rows.
    """
    if not question.randomise or question.type in ("likert", "nps"):
        return None
    if question.type == "matrix":
        return [row.code for row in shown_rows(question, *seed)]
    return [option.code for option in shown_options(question, *seed)]
