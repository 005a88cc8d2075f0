"""Shapes of authentication over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from core.db.text import storable
from core.settings import LARGEST_PASSWORD

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=320), AfterValidator(storable)
]
NewPassword = Annotated[str, Field(min_length=10, max_length=LARGEST_PASSWORD), AfterValidator(storable)]


class Login(BaseModel):
    """Credentials."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: str = Field(min_length=1, max_length=LARGEST_PASSWORD)


class Refresh(BaseModel):
    """A refresh token to exchange."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(min_length=1, max_length=500)


class Tokens(BaseModel):
    """An access token (`expires_in` seconds) and the refresh token that gets the next one, once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int


class UserRead(BaseModel):
    """A user."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    full_name: str
    is_active: bool
    is_verified: bool
    is_superadmin: bool
    notify_on_job_end: bool
    created_at: datetime
