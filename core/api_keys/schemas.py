"""Shapes of API keys over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core import clock
from core.api_keys.models import ApiKey
from core.db.moments import Moment
from core.db.text import VisibleText
from core.jobs.schemas import Creator

Scope = Literal["read", "write"]


def _all_granted(scopes: list[Scope]) -> list[Scope]:
    """Return the scopes in order, each once; who writes reads too."""
    return ["read", "write"] if "write" in scopes else ["read"]


def _to_come(moment: datetime) -> datetime:
    if moment <= clock.now():
        raise ValueError("must be in the future")
    return moment


class ApiKeyCreate(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=2), AfterValidator(_all_granted)] = Field(
        description="`read`: what a member may read; `write`: what a member may do, reading included"
    )
    expires_at: Annotated[Moment, AfterValidator(_to_come)] | None = Field(
        default=None, description="when it ends by itself; never without it"
    )


class ApiKeyRead(BaseModel):
    """A key, without its secret. `last_used_at` is right to the minute."""

    id: UUID
    name: str
    prefix: str = Field(description="its beginning, to tell it by: `sp_PREFIX_…`")
    scopes: list[Scope]
    created_by: Creator
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> ApiKeyRead:
        """Build from a row."""
        return cls.model_validate(_shown(key))


class ApiKeyMade(ApiKeyRead):
    """A new key; `secret` is shown this once, and is all that `Authorization: Bearer …` takes."""

    secret: str

    @classmethod
    def with_secret(cls, key: ApiKey, secret: str) -> ApiKeyMade:
        """Build from a row and its secret."""
        return cls.model_validate(_shown(key) | {"secret": secret})


def _shown(key: ApiKey) -> dict[str, object]:
    return key.model_dump() | {"created_by": Creator(type="user", id=key.created_by_id)}
