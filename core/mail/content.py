"""What a mail says, by kind; a token in it is shown nowhere but in the mail."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass
from pydantic_core import to_jsonable_python

# Sealed contents outlive a release: members may be added with a default. An error must not show a token.
_CONFIG: Final = ConfigDict(extra="ignore", hide_input_in_errors=True)


@dataclass(frozen=True, config=_CONFIG)
class VerifyEmail:
    """Asks who signed up to confirm the address."""

    full_name: str
    token: str = Field(repr=False)


@dataclass(frozen=True, config=_CONFIG)
class ResetPassword:
    """Lets who forgot the password choose a new one."""

    full_name: str
    token: str = Field(repr=False)


@dataclass(frozen=True, config=_CONFIG)
class HasAccount:
    """Tells an address that somebody signed up with it again."""

    full_name: str


@dataclass(frozen=True, config=_CONFIG)
class Invitation:
    """Invites to a workspace, or to an organization; `inviter` is a person's name, `role` admin or member."""

    inviter: str
    workspace_name: str
    role: str
    token: str = Field(repr=False)
    place: Literal["workspace", "organization"] = "workspace"


@dataclass(frozen=True, config=_CONFIG)
class WebhookDisabled:
    """Says that a webhook is not called any more; it has failed since `since`."""

    url: str
    since: datetime
    reason: str


@dataclass(frozen=True, config=_CONFIG)
class JobFinished:
    """Says how a job ended."""

    kind: str
    status: Literal["succeeded", "failed", "cancelled"]
    job_id: UUID
    workspace_name: str


Mail: TypeAlias = VerifyEmail | ResetPassword | HasAccount | Invitation | WebhookDisabled | JobFinished
KINDS: Final[dict[str, type[Mail]]] = {
    "verify_email": VerifyEmail,
    "reset_password": ResetPassword,
    "has_account": HasAccount,
    "invitation": Invitation,
    "webhook_disabled": WebhookDisabled,
    "job_finished": JobFinished,
}
_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def kind_of(mail: Mail) -> str:
    """Return the name under which a mail's kind is stored."""
    return _NAMES[type(mail)]


def dump(mail: Mail, until: datetime | None) -> bytes:
    """Return what is to be sealed: the mail's content, and until when its link works if that is to be said."""
    body = to_jsonable_python({"mail": mail, "until": until})
    return json.dumps(body, ensure_ascii=False).encode()


def load(kind: str, content: bytes) -> tuple[Mail, datetime | None]:
    """Read what `dump` wrote; raises ValueError for a kind or a content that this release does not know."""
    if kind not in KINDS:
        raise ValueError("unknown kind of mail")
    body = json.loads(content)
    mail: Mail = TypeAdapter(KINDS[kind]).validate_python(body["mail"])
    return mail, datetime.fromisoformat(body["until"]) if body["until"] else None
