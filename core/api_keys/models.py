"""The table of API keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, time_field, workspace_field


class ApiKey(SQLModel, table=True):
    """A key of a workspace; it outlives who made it. `prefix` is public, of the secret only a hash is kept."""

    __tablename__ = "api_key"

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    name: str
    prefix: str = Field(unique=True)
    secret_hash: str
    scopes: list[str] = Field(sa_column=Column(ARRAY(TEXT), nullable=False))
    created_by_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("app_user.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    created_at: datetime = created_at_field()
    expires_at: datetime | None = time_field()
    last_used_at: datetime | None = time_field()
    revoked_at: datetime | None = time_field()
