"""Tables of organizations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field


class Organization(SQLModel, table=True):
    """An owner of workspaces; `personal_of` names the user whose own it is."""

    __table_args__ = (
        Index(
            "uq_organization_personal_of",
            "personal_of",
            unique=True,
            postgresql_where=text("personal_of IS NOT NULL"),
        ),
    )

    id: UUID = id_field()
    name: str
    personal_of: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("app_user.id", ondelete="CASCADE"), nullable=True)
    )
    created_at: datetime = created_at_field()


class OrganizationMember(SQLModel, table=True):
    """A user's role in an organization: owner, admin or member."""

    __tablename__ = "organization_member"
    __table_args__ = (PrimaryKeyConstraint("organization_id", "user_id"),)

    organization_id: UUID = Field(sa_column=Column(ForeignKey("organization.id", ondelete="CASCADE"), nullable=False))
    user_id: UUID = Field(sa_column=Column(ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False, index=True))
    role: str
    created_at: datetime = created_at_field()
