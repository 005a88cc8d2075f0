"""What the process that writes files is told before the responses: one line of JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from core.questionnaires.content import Content
from core.surveys.fields import Frame

FileFormat = Literal["xlsx", "sav"]


class FileRequest(BaseModel):
    """A file to write. `text_bytes` are the longest texts, in UTF-8, by attribute (`a:<name>`) or question key."""

    format: FileFormat
    title: str
    made_at: datetime
    content: Content
    personas: dict[UUID, str]
    attributes: list[str]
    model: str
    demonstration: bool
    text_bytes: dict[str, int]
    notes: list[str]

    def frame(self) -> Frame:
        """Return what besides the questions is known of the dataset."""
        return Frame(self.personas, self.attributes, self.model, self.demonstration)
