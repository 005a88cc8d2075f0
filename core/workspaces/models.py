"""Tables of workspaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class Workspace(SQLModel, table=True):
    """A workspace; all rows below it carry its id and are visible only in its scope."""

    id: UUID = id_field()
    organization_id: UUID = Field(
        sa_column=Column(ForeignKey("organization.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    name: str
    description: str = Field(default="")
    brand: dict[str, Any] | None = json_field(nullable=True)
    created_at: datetime = created_at_field()


class WorkspaceMember(SQLModel, table=True):
    """A user's role in a workspace: admin or member."""

    __tablename__ = "workspace_member"
    __table_args__ = (PrimaryKeyConstraint("workspace_id", "user_id"),)

    workspace_id: UUID = workspace_field(index=False)
    user_id: UUID = Field(sa_column=Column(ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False, index=True))
    role: str
    created_at: datetime = created_at_field()
