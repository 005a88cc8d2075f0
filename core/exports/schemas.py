"""Shapes of exports over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from core.jobs.schemas import Submission


class ExportCreate(Submission):
    """An export to make; there is nothing to choose."""


class ExportRead(BaseModel):
    """An export: its size in bytes and where it is, both null until it is made, and until when."""

    id: UUID
    workspace_id: UUID
    job_id: UUID | None
    created_at: datetime
    size: int | None
    sha256: str | None
    expires_at: datetime | None
    link: str | None = Field(description="path of the file")
