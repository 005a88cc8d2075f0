"""A questionnaire while it is changed piece by piece: sections and questions put in, moved, taken out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from core.errors import FieldError, Invalid
from core.questionnaires.building import build_content, sections_input, splits_input
from core.questionnaires.content import Content
from core.questionnaires.errors import QuestionNotFound, SectionNotFound
from core.questionnaires.schemas import MAX_SECTIONS, QuestionInput, QuestionUpdate, Reorder, SectionInput

Place = tuple[int] | tuple[int, int]
WHOLE: Final = ("questionnaire", "sections")
LONGEST_KEY: Final = 64
CHOSEN_FROM: Final = frozenset({"single_choice", "multiple_choice", "ranking", "max_diff"})
"""Types whose options may stay when one is changed into another."""


class Draft:
    """The sections of a stored content as input, to be changed and built anew."""

    def __init__(self, content: Content) -> None:
        self.before = content
        self.kept = content.ids
        self.sections = sections_input(content)
        self.splits = splits_input(content)

    def section_at(self, section_id: UUID) -> int:
        """Return the place of a section; raises SectionNotFound."""
        for index, section in enumerate(self.sections):
            if section.id == section_id:
                return index
        raise SectionNotFound

    def question_at(self, section_id: UUID, question_id: UUID) -> tuple[int, int]:
        """Return the place of a question; raises SectionNotFound, QuestionNotFound."""
        index = self.section_at(section_id)
        for number, question in enumerate(self.sections[index].questions):
            if question.id == question_id:
                return index, number
        raise QuestionNotFound

    def add_section(self, given: SectionInput) -> tuple[int]:
        """Put a section in at its `position`, at the end by default; raises Invalid when there are too many."""
        if len(self.sections) >= MAX_SECTIONS:
            raise Invalid([FieldError(("body",), f"more than {MAX_SECTIONS} sections are not allowed")])
        return (_put(self.sections, given, given.position),)

    def add_question(self, section: int, given: QuestionInput) -> tuple[int, int]:
        """Put a question in at its `position`, at the end of the section by default."""
        return section, _put(self.sections[section].questions, given, given.position)

    def reordered(self, order: Reorder) -> None:
        """Put all sections and questions in an order; raises Invalid naming each id that is not there just once."""
        old = {section.id: section for section in self.sections if section.id}
        every = (question for section in self.sections for question in section.questions)
        questions = {question.id: question for question in every if question.id}
        errors = list(_misnamed(order, set(old), set(questions)))
        if errors:
            raise Invalid(errors)
        self.sections = [
            old[one.id].model_copy(update={"questions": [questions[id_] for id_ in one.questions]})
            for one in order.sections
        ]

    def free_key(self, key: str | None) -> str:
        """Return a key of no question yet: this one with the next free number."""
        taken = {(one.key or "").casefold() for section in self.sections for one in section.questions}
        taken |= {split.key.casefold() for split in self.splits}
        number = 2
        while (made := f"{(key or 'question')[: LONGEST_KEY - 1 - len(str(number))]}_{number}").casefold() in taken:
            number += 1
        return made

    def built(self, piece: Place | None = None, *, whole: tuple[str | int, ...] = WHOLE) -> Content:
        """Return the content; raises Invalid: what is wrong in `piece` by its place in the request's body, what is
        wrong elsewhere by its place below `whole` and the key of the question.
        """
        try:
            return build_content(self.sections, self.splits, kept=self.kept, loc=whole)
        except Invalid as error:
            raise self.told(error, piece, whole) from None

    def told(self, error: Invalid, piece: Place | None, whole: tuple[str | int, ...] = WHOLE) -> Invalid:
        """Return an error of the whole content with its places in the request's body."""
        return Invalid([self._told(one, piece, len(whole)) for one in error.errors])

    def _told(self, error: FieldError, piece: Place | None, above: int) -> FieldError:
        place = error.loc[above:]
        steps = _steps(piece)
        if steps and place[: len(steps)] == steps:
            return FieldError(("body", *place[len(steps) :]), error.msg)
        match place:
            case (int() as i, "questions", int() as j, *rest):
                key = self.sections[i].questions[j].key
                if rest == ["key"] and piece and (field := self._key_field(piece, key)):
                    return FieldError(field, f"{key} is the key of sections.{i}.questions.{j} already")
                return FieldError(error.loc, f"question {key}: {error.msg}")
        return error

    def _key_field(self, piece: Place, key: str | None) -> tuple[str | int, ...] | None:
        """Return the field of the body that gives this key."""
        if len(piece) == 2:
            return ("body", "key")
        for number, question in enumerate(self.sections[piece[0]].questions):
            if question.key and key and question.key.casefold() == key.casefold():
                return ("body", "questions", number, "key")
        return None


def merged(old: QuestionInput, change: QuestionUpdate) -> QuestionInput:
    """Return a question with what a change gives. Another type takes along only what fits it, and new options of a
    scale their scale, unless it is given too.
    """
    given = change.model_fields_set - {"id", "position"}
    dropped: set[str] = set()
    kind = change.type if "type" in given else old.type
    if kind != old.type:
        dropped = set(QuestionInput.model_fields) - {"id", "key", "type", "text", "required", "show_if", "serves"}
        if {kind, old.type} <= CHOSEN_FROM:
            dropped -= {"options"}
    elif kind == "likert" and given & {"options", "scale"}:
        dropped = {"options", "scale"}
    values: dict[str, Any] = {name: getattr(old, name) for name in old.model_fields_set - dropped - {"position"}}
    return QuestionInput.model_construct(
        **{name: field.get_default(call_default_factory=True) for name, field in QuestionInput.model_fields.items()}
        | values
        | {name: getattr(change, name) for name in given}
    )


def moved(items: list[Any], place: int, position: int | None) -> int:
    """Move one of a list to a position and return it; without one it stays."""
    if position is None:
        return place
    one = items.pop(place)
    try:
        return _put(items, one, position)
    except Invalid:
        items.insert(place, one)
        raise


def _put(items: list[Any], one: Any, position: int | None) -> int:
    at = len(items) if position is None else position
    if at > len(items):
        raise Invalid([FieldError(("body", "position"), f"must be 0 to {len(items)}")])
    items.insert(at, one)
    return at


def _steps(piece: Place | None) -> tuple[str | int, ...]:
    if piece is None:
        return ()
    return piece if len(piece) == 1 else (piece[0], "questions", piece[1])


def _misnamed(order: Reorder, sections: set[UUID], questions: set[UUID]) -> Sequence[FieldError]:
    errors: list[FieldError] = []
    seen: set[UUID] = set()

    def name(id_: UUID, known: set[UUID], what: str, *loc: str | int) -> None:
        if id_ not in known:
            errors.append(FieldError(("body", "sections", *loc), f"is no {what} of this questionnaire"))
        elif id_ in seen:
            errors.append(FieldError(("body", "sections", *loc), "is named twice"))
        seen.add(id_)

    for i, section in enumerate(order.sections):
        name(section.id, sections, "section", i, "id")
        for j, id_ in enumerate(section.questions):
            name(id_, questions, "question", i, "questions", j)
    for what, known in (("section", sections), ("question", questions)):
        errors += [FieldError(("body", "sections"), f"{what} {id_} is missing") for id_ in sorted(known - seen)]
    return errors
