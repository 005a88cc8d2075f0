"""Shapes of reports over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from core.jobs.schemas import Submission
from core.jobs.shown import ShownStatus

ReportKind = Literal["survey"]
ReportFormat = Literal["pdf"]
MEDIA_TYPES: dict[str, str] = {"pdf": "application/pdf"}


class ReportCreate(Submission):
    """A report to build, with what its kind needs: a survey report names its simulation."""

    kind: ReportKind
    formats: list[ReportFormat] = Field(default=["pdf"], min_length=1, max_length=10)
    simulation_id: UUID | None = None


class ReportRead(BaseModel):
    """A report; `status` is that of its job, `demonstration` true when the demonstration model answered."""

    id: UUID
    exploration_id: UUID
    kind: str
    formats: list[str]
    simulation_id: UUID | None
    title: str
    status: ShownStatus
    demonstration: bool | None
    files: dict[str, str]
    job_id: UUID | None
    created_at: datetime
