"""From what a caller sends to stored content: keys, codes and ids are given, every wrong field is named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from core.db.base import uuid7
from core.errors import FieldError, Invalid
from core.questionnaires.content import RANDOMISED, Content, Question, Section, Serves, Split
from core.questionnaires.item_sets import item_sets
from core.questionnaires.routing import routed
from core.questionnaires.rows import check_ranks, rows_of
from core.questionnaires.scales import FEWEST_OPTIONS, answers_of
from core.questionnaires.schemas import MAX_QUESTIONS, QuestionInput, SectionInput, SplitInput
from core.questionnaires.splits import built_splits, splits_read

Loc = tuple[str | int, ...]
MAX_ERRORS: Final = 100
LONGEST_MADE_KEY: Final = 40
RATED: Final = ("likert", "nps", "matrix")
LONGEST_TITLE: Final = 200
COPIED: Final = " (copy)"


def build_content(
    sections: Sequence[SectionInput],
    splits: Sequence[SplitInput] = (),
    *,
    kept: Collection[UUID] | None = None,
    loc: Loc = ("body", "sections"),
) -> Content:
    """Return stored content; raises Invalid naming each wrong field below `loc`, and of splits beside it.

    `kept` are the ids of the content being replaced: sections and questions that name one keep it, any other
    id is an error. Without `kept` all ids are new.
    """
    return _Builder(kept, loc).build(sections, splits)


class _Builder:
    """Builds one questionnaire's content, collecting what is wrong on the way."""

    def __init__(self, kept: Collection[UUID] | None, loc: Loc) -> None:
        self.kept = kept
        self.loc = loc
        self.errors: list[FieldError] = []
        self.ids: set[UUID] = set()
        self.keys: dict[str, str] = {}

    def build(self, sections: Sequence[SectionInput], given: Sequence[SplitInput]) -> Content:
        count = sum(len(section.questions) for section in sections)
        if count == 0:
            self.report(self.loc, "needs at least one question")
        if count > MAX_QUESTIONS:
            self.report(self.loc, f"{count:,} questions are more than the {MAX_QUESTIONS} allowed")
        if self.errors:
            raise Invalid(self.errors)
        splits = built_splits(given, (*self.loc[:-1], "splits"), self.report)
        for at, split in enumerate(splits):
            self.keys.setdefault(split.key.casefold(), f"splits.{at}")
        self.claim_keys(sections)
        built = tuple(self.section(index, section) for index, section in enumerate(sections))
        read = routed(built, splits, self.loc, self.report)
        if self.errors:
            raise Invalid(self.errors[:MAX_ERRORS])
        return Content(sections=tuple(_marked(section, read, splits) for section in built), splits=splits)

    def report(self, loc: Loc, msg: str) -> None:
        self.errors.append(FieldError(loc, msg))

    def claim_keys(self, sections: Sequence[SectionInput]) -> None:
        """Take the keys that are given, before any is made; case does not tell two keys apart."""
        for i, section in enumerate(sections):
            for j, question in enumerate(section.questions):
                if question.key is None:
                    continue
                place = f"sections.{i}.questions.{j}"
                first = self.keys.setdefault(question.key.casefold(), place)
                if first != place:
                    self.report((*self.loc, i, "questions", j, "key"), f"{question.key} is the key of {first} already")

    def section(self, index: int, given: SectionInput) -> Section:
        place = (*self.loc, index)
        return Section(
            id=self.identity(given.id, place),
            title=given.title,
            position=index,
            questions=tuple(
                self.question((*place, "questions", number), number, question)
                for number, question in enumerate(given.questions)
            ),
        )

    def question(self, place: Loc, position: int, given: QuestionInput) -> Question:
        if given.randomise and given.type not in RANDOMISED:
            self.report((*place, "randomise"), f"the order of a {given.type} question cannot be randomised")
        if given.anchor_set_id is not None and given.type not in RATED:
            self.report((*place, "anchor_set_id"), f"a {given.type} question is not rated by anchors")
        if given.sets is not None and given.type != "max_diff":
            self.report((*place, "sets"), f"a {given.type} question has no sets")

        def told(inner: Loc, msg: str) -> None:
            self.report((*place, *inner), msg)

        options, scale = answers_of(given, told)
        rows = rows_of(given, told)
        check_ranks(given, told)
        enough = given.type == "max_diff" and len(options) >= FEWEST_OPTIONS
        return Question(
            id=self.identity(given.id, place),
            key=given.key or self.made_key(given.text),
            type=given.type,
            text=given.text,
            required=given.required,
            position=position,
            options=options,
            scale=scale,
            rows=rows,
            rank_top=given.rank_top,
            sets=item_sets(given.sets, options, told) if enough else None,
            randomise=given.randomise,
            show_if=given.show_if,
            anchor_set_id=given.anchor_set_id,
            serves=Serves(**given.serves.model_dump()) if given.serves else None,
        )

    def identity(self, given: UUID | None, place: Loc) -> UUID:
        if given is None or self.kept is None:
            return uuid7()
        if given not in self.kept:
            self.report((*place, "id"), "is not an id of this questionnaire; leave it out for something new")
        elif given in self.ids:
            self.report((*place, "id"), "is used twice")
        self.ids.add(given)
        return given

    def made_key(self, text: str) -> str:
        """Return an unused key made of the first words of a question's text."""
        base = key_from(text)
        key, number = base, 1
        while key.casefold() in self.keys:
            number += 1
            key = f"{base}_{number}"
        self.keys[key.casefold()] = key
        return key


def sections_input(content: Content) -> list[SectionInput]:
    """Return stored sections as a caller would send them, ids and all."""
    return [SectionInput.model_validate(section.model_dump(mode="json")) for section in content.sections]


def splits_input(content: Content) -> list[SplitInput]:
    """Return stored splits as a caller would send them."""
    return [SplitInput.model_validate(split.model_dump(mode="json")) for split in content.splits]


def with_new_ids(content: Content) -> Content:
    """Return content whose sections and questions have ids of their own."""
    sections = tuple(
        section.model_copy(
            update={
                "id": uuid7(),
                "questions": tuple(one.model_copy(update={"id": uuid7()}) for one in section.questions),
            }
        )
        for section in content.sections
    )
    return content.model_copy(update={"sections": sections})


def copied_title(title: str) -> str:
    """Return what a copy is called: at most 200 letters."""
    return f"{title[: LONGEST_TITLE - len(COPIED)]}{COPIED}"


def _marked(section: Section, read: Collection[str], splits: Sequence[Split]) -> Section:
    """Return a section with marks on its questions: whether a later one reads the answer, and which splits it reads."""
    questions = tuple(
        question.model_copy(update={"feeds": question.key in read, "splits": splits_read(question, splits)})
        for question in section.questions
    )
    return section.model_copy(update={"questions": questions})


def key_from(text: str) -> str:
    """Return a key of a question's first words in ASCII; "question" when nothing of the text is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    key = ""
    for word in words:
        longer = f"{key}_{word}" if key else word
        if len(longer) > LONGEST_MADE_KEY:
            break
        key = longer
    key = key or "".join(words)[:LONGEST_MADE_KEY]
    if not key:
        return "question"
    return key if key[0].isalpha() else f"q_{key}"
