"""Table of exports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, time_field, workspace_field


class WorkspaceExport(SQLModel, table=True):
    """An export of a workspace. Once made it has `parts` pieces of `size` bytes in all, until `expires_at`."""

    __tablename__ = "workspace_export"

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    job_id: UUID | None = None
    parts: int | None = None
    size: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    sha256: str | None = None
    created_at: datetime = created_at_field()
    expires_at: datetime | None = time_field()
