"""Shapes of evidence over HTTP, and of passages that were found."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Json, StringConstraints

from core.db.moments import Moment
from core.db.text import ShortText, VisibleText, readable, storable
from core.jobs.schemas import JobOptions

EvidenceStatus = Literal["queued", "extracting", "ready", "failed"]
LONGEST_TEXT: Final = 1_000_000
LONGEST_QUERY: Final = 400


def whole_day(value: Any) -> Any:
    """Return a date without a time (`2025-03-01`) as the start of that day in UTC, anything else as it is."""
    if isinstance(value, str) and len(value) == len("2025-03-01"):
        try:
            return datetime.combine(date.fromisoformat(value), time()).isoformat() + "Z"
        except ValueError:
            return value
    return value


Published = Annotated[
    Moment,
    BeforeValidator(whole_day),
    Field(description="when it was published: a date, or a moment with its offset"),
]
Source = Annotated[ShortText, Field(description="where it comes from: a publisher, a study, a link")]
PastedText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(storable),
    AfterValidator(readable),
]
SearchText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUERY),
    AfterValidator(storable),
]


class EvidenceDetails(BaseModel):
    """What is told of a document besides its content; `redact` has personal data taken out of it."""

    model_config = ConfigDict(extra="forbid")

    title: VisibleText | None = Field(default=None, description="by default the file's name, or how the text begins")
    source: Source | None = None
    published_at: Published | None = None
    redact: bool = False


class EvidenceText(EvidenceDetails):
    """A pasted text."""

    text: PastedText


class EvidenceFile(EvidenceDetails):
    """What stands in a form beside the file; `job` is JSON there."""

    job: Json[JobOptions] | None = None


class EvidenceRead(BaseModel):
    """A document. `status` and `reason` tell of its extraction, `redactions` how much of what was taken out."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    exploration_id: UUID
    research_objective_id: UUID | None
    title: str
    source: str | None
    published_at: datetime | None
    filename: str | None
    media_type: str
    sha256: str
    size: int
    status: EvidenceStatus
    reason: str | None
    n_passages: int
    redacted: bool
    redactions: dict[str, int] | None
    job_id: UUID | None
    created_at: datetime


class PassageRead(BaseModel):
    """A passage. `position` has what applies: page, sheet, row, to_row, paragraph, to_paragraph, part."""

    id: UUID
    evidence_id: UUID
    ordinal: int
    text: str
    position: dict[str, int | str]


class FoundPassage(BaseModel):
    """A passage with the document it is of.

    `highlight` is HTML: excerpts of the text, escaped, with what was found in `<mark>`. `rank` orders the passages of
    one search; of `relevant` it is the share (0–1) of the words asked for, rare ones counting more.
    """

    model_config = ConfigDict(frozen=True)

    passage_id: UUID
    evidence_id: UUID
    title: str
    source: str | None
    published_at: datetime | None
    text: str
    highlight: str
    rank: float
    position: dict[str, int | str]
