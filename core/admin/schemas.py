"""Shapes of administration over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.auth.models import User

Role = Literal["user", "superadmin"]


class AccountUpdate(BaseModel):
    """What may be changed of an account; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    is_active: bool | None = None
    is_verified: bool | None = None
    role: Role | None = None


class AccountRead(BaseModel):
    """An account."""

    id: UUID
    email: str
    full_name: str
    is_active: bool
    is_verified: bool
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> AccountRead:
        """Build from a row."""
        return cls(
            id=user.id,
            email=user.email,
            full_name=user.full_name,
            is_active=user.is_active,
            is_verified=user.is_verified,
            role="superadmin" if user.is_superadmin else "user",
            created_at=user.created_at,
        )
