"""Access tokens: signed JWTs with a fixed algorithm, issuer, audience and type."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

import jwt

from core import clock
from core.auth.errors import InvalidToken
from core.settings import Settings

ISSUER: Final = "synthetic-people"
AUDIENCE: Final = "synthetic-people-api"
TYPE: Final = "access"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a token says: whose it is and of which session."""

    user_id: UUID
    session_id: UUID


def issue(settings: Settings, user_id: UUID, session_id: UUID) -> tuple[str, int]:
    """Return an access token and its lifetime in seconds."""
    lifetime = timedelta(minutes=settings.access_token_expire_minutes)
    issued = clock.now()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "typ": TYPE,
        "sub": str(user_id),
        "sid": str(session_id),
        "iat": issued,
        "exp": issued + lifetime,
    }
    return jwt.encode(claims, settings.jwt_secret, algorithm=settings.jwt_algorithm), int(lifetime.total_seconds())


def read(settings: Settings, token: str) -> AccessClaims:
    """Return what a valid token says; raises InvalidToken."""
    claims, expires = _verified(settings.jwt_secret, settings.jwt_algorithm, token)
    if expires <= clock.now().timestamp():
        raise InvalidToken
    return claims


@lru_cache(maxsize=1024)
def _verified(secret: str, algorithm: str, token: str) -> tuple[AccessClaims, float]:
    """Return what a token says and until when; a token's signature is checked once, its age each time."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[algorithm],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        if claims.get("typ") != TYPE:
            raise InvalidToken
        return AccessClaims(UUID(claims["sub"]), UUID(claims["sid"])), float(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
        raise InvalidToken from None


def new_refresh_token() -> str:
    """Return a new opaque refresh token."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """Return what is stored of an opaque token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
