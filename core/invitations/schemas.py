"""Shapes of invitations over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.auth.schemas import NewEmail, NewPassword
from core.db.text import VisibleText

InvitedRole = Literal["admin", "member"]
State = Literal["pending", "accepted", "expired", "revoked"]


class InvitationCreate(BaseModel):
    """Whom to invite, and as what."""

    model_config = ConfigDict(extra="forbid")

    email: NewEmail
    role: InvitedRole


class InvitationRead(BaseModel):
    """An invitation; its token is in the mail only."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    workspace_id: UUID | None
    organization_id: UUID | None
    email: str
    role: InvitedRole
    state: State
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


class InvitationShown(BaseModel):
    """What an invitation says to the one who has its token."""

    to: Literal["workspace", "organization"]
    name: str = Field(description="of the workspace or the organization")
    role: InvitedRole
    email: str = Field(description="the address that was invited")
    state: State
    expires_at: datetime
    has_account: bool = Field(description="log in to accept; else full_name and password make the account")


class InvitationAccept(BaseModel):
    """The token of the mail, and without a login the account to make."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=500)
    full_name: VisibleText | None = None
    password: NewPassword | None = None


class Joined(BaseModel):
    """Where one is a member now."""

    workspace_id: UUID | None
    organization_id: UUID | None
    role: InvitedRole
