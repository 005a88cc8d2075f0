"""Tables of evidence.

The table passage has a column more than its class: `search`, which Postgres makes of `text` and only queries use.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field


class Evidence(SQLModel, table=True):
    """A document: a file whose passages a job extracts, or a pasted text (it has no `filename`).

    `sha256` and `size` are of the bytes as they were sent. `redacted` says that personal data was taken out before
    anything readable was stored; `redactions` counts what was found, by kind.
    """

    __table_args__ = (Index("ix_evidence_exploration_id_created_at", "exploration_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    research_objective_id: UUID | None = Field(default=None, index=True)
    title: str
    source: str | None = None
    published_at: datetime | None = time_field()
    filename: str | None = None
    media_type: str
    sha256: str
    size: int = Field(sa_type=BigInteger)
    status: str
    reason: str | None = None
    n_passages: int = Field(default=0)
    redacted: bool = Field(default=False)
    redactions: dict[str, int] | None = json_field(nullable=True)
    extractor: str | None = None
    job_id: UUID | None = None
    created_by_id: UUID | None = None
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()


class Passage(SQLModel, table=True):
    """A piece of a document that can be cited; `position` says where it stands (page, sheet, row, paragraph)."""

    __table_args__ = (UniqueConstraint("evidence_id", "ordinal"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(
        sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    evidence_id: UUID = Field(sa_column=Column(ForeignKey("evidence.id", ondelete="CASCADE"), nullable=False))
    ordinal: int
    text: str
    position: dict[str, Any] = json_field()
