"""Shapes of an uploaded questionnaire over HTTP."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import VisibleText
from core.questionnaires.schemas import Language, QuestionnaireRead


class UploadDetails(BaseModel):
    """What may stand beside the file; both come before what the file says."""

    model_config = ConfigDict(extra="forbid")

    title: VisibleText | None = None
    language: Language | None = None


class UploadNote(BaseModel):
    """Something that was guessed or passed over in reading a file: where in it, and what."""

    model_config = ConfigDict(from_attributes=True)

    place: str
    message: str


class QuestionnaireUploaded(QuestionnaireRead):
    """A questionnaire made of a file, with what was guessed in reading it."""

    notes: list[UploadNote] = Field(default_factory=list)
