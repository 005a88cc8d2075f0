"""Table of files."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, workspace_field


class StoredFile(SQLModel, table=True):
    """One file: its bytes, their SHA-256 and what it is of."""

    __tablename__ = "stored_file"
    __table_args__ = (Index("ix_stored_file_subject_id_name", "subject_id", "name"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    subject_type: str
    subject_id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    data: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = created_at_field()
