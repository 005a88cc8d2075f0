"""Table of invitations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from core import clock
from core.db.base import created_at_field, id_field, time_field, workspace_field

_OPEN = text("accepted_at IS NULL AND revoked_at IS NULL")


class Invitation(SQLModel, table=True):
    """An address asked into a workspace or an organization, never both; of its token only the hash is kept."""

    __table_args__ = (
        CheckConstraint("num_nonnulls(workspace_id, organization_id) = 1", name="one_place"),
        Index("uq_invitation_open_workspace", "workspace_id", "email", unique=True, postgresql_where=_OPEN),
        Index("uq_invitation_open_organization", "organization_id", "email", unique=True, postgresql_where=_OPEN),
        Index("ix_invitation_workspace_id_created_at", "workspace_id", "created_at", "id"),
        Index("ix_invitation_organization_id_created_at", "organization_id", "created_at", "id"),
    )

    id: UUID = id_field()
    workspace_id: UUID | None = workspace_field(nullable=True, index=False)
    organization_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("organization.id", ondelete="CASCADE"), nullable=True)
    )
    email: str
    role: str
    token_hash: str = Field(unique=True)
    invited_by_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("app_user.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    created_at: datetime = created_at_field()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    accepted_at: datetime | None = time_field()
    accepted_by_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("app_user.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    revoked_at: datetime | None = time_field()

    @property
    def state(self) -> str:
        """What has become of it: pending, accepted, revoked or expired."""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "pending" if clock.now() < self.expires_at else "expired"
