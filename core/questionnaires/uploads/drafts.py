"""What a file says of a questionnaire, with the places in the file that each part was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import ValidationError

from core.errors import FieldError, Invalid
from core.questionnaires.building import build_content
from core.questionnaires.schemas import QuestionnaireCreate

FILE: Final = ("body", "file")
MOST_PROBLEMS: Final = 100
Kind = Literal["heading", "number", "letter", "bullet", "plain", "title"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was guessed or passed over: where in the file, and what."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line or paragraph: where it stands, what it says without its marker, and how it is marked."""

    place: str
    text: str
    kind: Kind = "plain"
    mark: str = ""
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table by its cells; `sheet` is empty where there is but one table."""

    number: int
    cells: Sequence[str]
    sheet: str = ""


@dataclass(slots=True)
class DraftQuestion:
    """A question as it would be sent, where it stands, and where each of its options does."""

    place: str
    body: dict[str, Any]
    option_places: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DraftSection:
    """A section and its questions."""

    title: str
    questions: list[DraftQuestion] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A questionnaire as a file has it; `problems` are what cannot be read."""

    title: str = ""
    sections: list[DraftSection] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[FieldError] = field(default_factory=list)

    def note(self, place: str, message: str) -> None:
        """Tell of a guess."""
        self.notes.append(Note(place, message))

    def problem(self, place: str, message: str) -> None:
        """Tell of something that cannot be read."""
        self.problems.append(FieldError((*FILE, place), message))

    def section(self, title: str) -> DraftSection:
        """Return the section of this title if it is the present one, else begin it."""
        if not self.sections or self.sections[-1].title != title:
            self.sections.append(DraftSection(title))
        return self.sections[-1]

    def built(self, title: str, language: str) -> QuestionnaireCreate:
        """Return what would be sent to create it; raises Invalid naming all that is wrong by its place in the file."""
        sections = [one for one in self.sections if one.questions]
        if not sections and not self.problems:
            self.problem("whole file", "has no questions")
        body = {
            "title": title,
            "language": language,
            "sections": [
                {"title": one.title, "questions": [question.body for question in one.questions]} for one in sections
            ],
        }
        found = list(self.problems)
        if not sections:
            raise Invalid(found[:MOST_PROBLEMS])
        try:
            made = QuestionnaireCreate.model_validate(body)
            build_content(made.sections, loc=(*FILE, "sections"))
        except ValidationError as error:
            found += [_placed(sections, item["loc"], item["msg"]) for item in error.errors(include_url=False)]
        except Invalid as error:
            found += [_placed(sections, one.loc[len(FILE) :], one.msg) for one in error.errors]
        if found:
            raise Invalid(found[:MOST_PROBLEMS])
        return made


def _placed(sections: Sequence[DraftSection], loc: Sequence[str | int], message: str) -> FieldError:
    """Return an error of a body at the place in the file that its part was read from."""
    match list(loc):
        case ["sections", int(i), "questions", int(j), *rest]:
            question = sections[i].questions[j]
            place = question.place
            if len(rest) > 1 and rest[0] == "options" and isinstance(rest[1], int):
                place = question.option_places[rest[1]] if rest[1] < len(question.option_places) else place
                rest = ["options", *rest[2:]]
            return FieldError((*FILE, place, *rest), message)
        case ["sections", int(i), *rest] if sections[i].questions:
            return FieldError((*FILE, sections[i].questions[0].place, "section", *rest), message)
        case ["title" | "language" as name, *_]:
            return FieldError(("body", name), message)
    return FieldError((*FILE, *loc), message)
