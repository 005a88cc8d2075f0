"""Tables of users and their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, time_field


class User(SQLModel, table=True):
    """A person with an account; `email` is stored in lower case."""

    __tablename__ = "app_user"

    id: UUID = id_field()
    email: str = Field(unique=True)
    full_name: str
    password_hash: str
    is_active: bool = Field(default=True)
    is_verified: bool = Field(default=False)
    is_superadmin: bool = Field(default=False)
    notify_on_job_end: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created_at_field()


class AuthSession(SQLModel, table=True):
    """A login and the hash of its refresh token; exchanged tokens are remembered, so that reuse is seen."""

    __tablename__ = "auth_session"

    id: UUID = id_field()
    user_id: UUID = Field(sa_column=Column(ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False, index=True))
    refresh_hash: str = Field(unique=True)
    created_at: datetime = created_at_field()
    last_seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoked_at: datetime | None = time_field()
    user_agent: str | None = None
    ip: str | None = None


class SpentRefreshToken(SQLModel, table=True):
    """A refresh token that was exchanged; its second use ends the session it belonged to."""

    __tablename__ = "spent_refresh_token"

    refresh_hash: str = Field(primary_key=True)
    session_id: UUID = Field(
        sa_column=Column(ForeignKey("auth_session.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    created_at: datetime = created_at_field()


class OneTimeToken(SQLModel, table=True):
    """A token that was mailed: its hash, what it is for, and when it was used; of each purpose one waits at most."""

    __tablename__ = "auth_token"
    __table_args__ = (
        Index("uq_auth_token_waiting", "user_id", "purpose", unique=True, postgresql_where=text("used_at IS NULL")),
    )

    id: UUID = id_field()
    user_id: UUID = Field(sa_column=Column(ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False, index=True))
    purpose: str
    token_hash: str = Field(unique=True)
    created_at: datetime = created_at_field()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    used_at: datetime | None = time_field()
