"""Tickets: signed links for what cannot send a header, good for one address and a minute.

A ticket says who asked for it and for what; whether they still may is looked up when it is used, as with any token. It
has an audience and a type of its own: no access token is a ticket, no ticket an access token.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import jwt

from core import clock
from core.auth.errors import InvalidTicket
from core.auth.tokens import ISSUER, AccessClaims
from core.settings import Settings

AUDIENCE: Final = "synthetic-people-ticket"
TYPE: Final = "ticket"
LIFETIME: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A program that asked for a ticket, by the prefix of its API key."""

    prefix: str


Holder = AccessClaims | KeyHolder


def issue(settings: Settings, holder: Holder, target: str) -> tuple[str, datetime]:
    """Return a ticket for one address, path and query, and when it ends."""
    issued = clock.now()
    expires_at = (issued + LIFETIME).replace(microsecond=0)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "typ": TYPE,
        "tgt": _fingerprint(target),
        "iat": issued,
        "exp": expires_at,
    }
    if isinstance(holder, KeyHolder):
        claims["key"] = holder.prefix
    else:
        claims |= {"sub": str(holder.user_id), "sid": str(holder.session_id)}
    return jwt.encode(claims, settings.jwt_secret, algorithm=settings.jwt_algorithm), expires_at


def read(settings: Settings, ticket: str, target: str) -> Holder:
    """Return whose a ticket for this address is; raises InvalidTicket."""
    try:
        claims = jwt.decode(
            ticket,
            settings.jwt_secret,
            algorithms=[settings.jwt_algorithm],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "iss", "aud"]},
        )
        if claims.get("typ") != TYPE or claims["tgt"] != _fingerprint(target):
            raise InvalidTicket
        if "key" in claims:
            return KeyHolder(str(claims["key"]))
        return AccessClaims(UUID(claims["sub"]), UUID(claims["sid"]))
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
        raise InvalidTicket from None


def _fingerprint(target: str) -> str:
    digest = hashlib.sha256(target.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
