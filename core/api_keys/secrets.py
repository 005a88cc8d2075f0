"""What a key looks like: `sp_PREFIX_SECRET`. The secret has 256 random bits, so that a plain hash keeps it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

from core.auth.errors import InvalidToken

BEGINNING: Final = "sp_"
_KEY: Final = re.compile(r"sp_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class KeyClaims:
    """What a request's key says: which one it is, and the hash of all of it."""

    prefix: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """A key without its secret: a ticket that this service signed says that it was shown."""

    prefix: str


def new_key() -> tuple[str, KeyClaims]:
    """Return a new key, and what of it is stored."""
    prefix = secrets.token_hex(6)
    key = f"{BEGINNING}{prefix}_{secrets.token_urlsafe(32)}"
    return key, KeyClaims(prefix, _hashed(key))


def read(key: str) -> KeyClaims:
    """Return what a key says; raises InvalidToken where it looks like none."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise InvalidToken
    return KeyClaims(found[1], _hashed(key))


def fits(claims: KeyClaims, stored_hash: str) -> bool:
    """Compare with what is stored, in the same time wherever they differ."""
    return hmac.compare_digest(claims.secret_hash, stored_hash)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
