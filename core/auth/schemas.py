"""Shapes of authentication over HTTP."""

from __future__ import annotations

from datetime import datetime
from email import headerregistry
from email.errors import MessageError
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from core import addresses
from core.db.text import VisibleText, storable
from core.settings import LARGEST_PASSWORD

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=320), AfterValidator(storable)
]
SHORTEST_PASSWORD: Final = 10
NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LARGEST_PASSWORD), AfterValidator(storable)]


def _mailable(value: str) -> str:
    """Return an address that a mail can be written to as it is: no list of them, no comment, nothing unseen."""
    try:
        parsed = headerregistry.Address(addr_spec=addresses.mailbox(value)).addr_spec
    except (ValueError, MessageError):
        parsed = None
    if parsed != value or not value.isprintable() or "." not in value.rpartition("@")[2]:
        raise ValueError("must be an e-mail address, like name@example.org")
    return value


NewEmail = Annotated[Email, AfterValidator(_mailable)]
OldPassword = Annotated[str, Field(min_length=1, max_length=LARGEST_PASSWORD), AfterValidator(storable)]


class SignUp(BaseModel):
    """Who wants an account."""

    model_config = ConfigDict(extra="forbid")

    email: NewEmail
    password: NewPassword
    full_name: VisibleText


class SignedUp(BaseModel):
    """The same for every address, whether or not it has an account."""

    email: str
    message: str = "A mail is on its way to this address; the link in it makes the account ready."


class Address(BaseModel):
    """The address of an account, if there is one."""

    model_config = ConfigDict(extra="forbid")

    email: Email


class MailPromised(BaseModel):
    """The same for every address, whether or not it has an account."""

    message: str = "If there is such an account, a mail is on its way."


class Verified(BaseModel):
    """The address is verified; its owner can log in."""

    email: str
    is_verified: Literal[True] = True


class PasswordReset(BaseModel):
    """The password to use from now on."""

    model_config = ConfigDict(extra="forbid")

    new_password: NewPassword


class ResetLink(BaseModel):
    """A link that can be used, once, with POST."""

    usable: Literal[True] = True


class PasswordChange(BaseModel):
    """The present password, and the one to use from now on."""

    model_config = ConfigDict(extra="forbid")

    current_password: OldPassword
    new_password: NewPassword


class UserUpdate(BaseModel):
    """What may be changed of one's own account; what is not named, or null, stays."""

    model_config = ConfigDict(extra="forbid")

    full_name: VisibleText | None = None
    notify_on_job_end: bool | None = Field(default=None, description="whether the ends of one's jobs are mailed")


class AccountErasure(BaseModel):
    """The password, to say that it is meant."""

    model_config = ConfigDict(extra="forbid")

    password: OldPassword


class SessionRead(BaseModel):
    """A login that still works; `current` is the one that asks. `last_seen_at` is right to half a minute."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str | None
    ip: str | None
    current: bool


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
