"""Tokens that must not be let in, each of someone who may do everything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core import clock
from core.auth.models import AuthSession
from core.auth.tokens import AUDIENCE, ISSUER, TYPE
from core.db import session as db
from core.settings import Settings
from tests.api.authorization.policies import Kind


def claims(user_id: UUID, session_id: UUID, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token, with changes; None takes one out."""
    now = int(clock.now().timestamp())
    good = {"iss": ISSUER, "aud": AUDIENCE, "typ": TYPE, "sub": str(user_id), "sid": str(session_id)}
    found = good | {"iat": now, "exp": now + 600} | changes
    return {name: value for name, value in found.items() if value is not None}


def bearer(token: str) -> dict[str, str]:
    """Return the headers that present a token."""
    return {"Authorization": f"Bearer {token}"}


async def spoil(session_id: UUID, **columns: Any) -> UUID:
    """Change a login's row and return its id."""
    async with db.scope(db.SYSTEM) as session:
        found = await session.get_one(AuthSession, session_id)
        for name, value in columns.items():
            setattr(found, name, value)
    return session_id


def forged(settings: Settings, user_id: UUID, session_id: UUID) -> dict[Kind, dict[str, str]]:
    """Return the headers of tokens that this service never issued, and of none."""
    good, secret = claims(user_id, session_id), settings.jwt_secret
    now = int(clock.now().timestamp())
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    changed = {
        "expired": claims(user_id, session_id, iat=now - 900, exp=now - 1),
        "wrong audience": claims(user_id, session_id, aud="another-api"),
        "wrong issuer": claims(user_id, session_id, iss="another-issuer"),
        "wrong type": claims(user_id, session_id, typ="refresh"),
        "no expiry": claims(user_id, session_id, exp=None),
    }
    signed = {kind: jwt.encode(one, secret, algorithm="HS256") for kind, one in changed.items()}
    signed |= {
        "garbage": "garbage",
        "alg none": _signed({"alg": "none", "typ": "JWT"}, good, lambda _: b""),
        "another secret": jwt.encode(good, "another secret that is long enough", algorithm="HS256"),
        "another HMAC": jwt.encode(good, secret + secret, algorithm="HS512"),
        "RS256 by a key of the caller's": jwt.encode(good, key, algorithm="RS256"),
        "HS256 by a public key": _signed(
            {"alg": "HS256", "typ": "JWT"}, good, lambda text: hmac.digest(public, text, hashlib.sha256)
        ),
    }
    whole = jwt.encode(good, secret, algorithm="HS256")
    return {kind: bearer(token) for kind, token in signed.items()} | {
        "no token": {},
        "an empty token": {"Authorization": "Bearer "},
        "another scheme": {"Authorization": f"Basic {whole}"},
    }


def moment(**ago: float) -> Any:
    """Return a moment in the past."""
    return clock.now() - timedelta(**ago)


def _signed(header: dict[str, str], payload: dict[str, Any], sign: Any) -> str:
    text = b".".join(_coded(json.dumps(part).encode()) for part in (header, payload))
    return b".".join((text, _coded(sign(text)))).decode()


def _coded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
