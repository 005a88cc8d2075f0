"""Tables of the co-pilot."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class OmiSession(SQLModel, table=True):
    """A conversation of one user, or one API key, with the co-pilot about one exploration.

    `state` is how the co-pilot looks; `last_number` is the number of its newest message.
    """

    __tablename__ = "omi_session"
    __table_args__ = (
        Index("ix_omi_session_exploration_id", "exploration_id"),
        Index("ix_omi_session_created_by_id_created_at", "created_by_id", "created_at", "id"),
    )

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    state: str
    last_number: int = Field(default=0)
    created_by_type: str
    created_by_id: UUID
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()


class OmiMessage(SQLModel, table=True):
    """What was said in a session; `number` rises from 1. A reply answers one message, and each has one at most.

    `data` holds what comes with a reply: suggestions, and by what it was made.
    """

    __tablename__ = "omi_message"
    __table_args__ = (UniqueConstraint("session_id", "number"), UniqueConstraint("reply_to_id"))

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    session_id: UUID = Field(sa_column=Column(ForeignKey("omi_session.id", ondelete="CASCADE"), nullable=False))
    number: int
    role: str
    type: str | None = None
    omi_state: str | None = None
    content: str
    data: dict[str, Any] = json_field()
    job_id: UUID | None = None
    reply_to_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("omi_message.id", ondelete="SET NULL"), nullable=True)
    )
    created_at: datetime = created_at_field()


class OmiStage(SQLModel, table=True):
    """The stage that was last noticed of an exploration; `number` counts its changes."""

    __tablename__ = "omi_stage"

    exploration_id: UUID = Field(
        sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    workspace_id: UUID = workspace_field()
    stage: str
    previous: str | None = None
    number: int = Field(default=1, sa_type=BigInteger)
    changed_at: datetime = created_at_field()
