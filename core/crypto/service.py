"""Seal and open secrets. What is sealed names the key that it was sealed with, so that keys can be rotated."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.settings import DEVELOPMENT_SECRET, Settings

SEAL: Final = b"synthetic-people/seal/1"
NAME: Final = b"synthetic-people/seal-name/1"
NAME_BYTES: Final = 8


class NotOpened(Exception):
    """None of ENCRYPTION_KEYS opens this: its key was taken away, or the bytes are not what was sealed."""


def encrypt(settings: Settings, plain: bytes) -> bytes:
    """Seal `plain` with the first key: its name, a colon, a Fernet token."""
    name, fernet = _keys(_secrets(settings))[0]
    return name + b":" + fernet.encrypt(plain)


def decrypt(settings: Settings, sealed: bytes) -> bytes:
    """Open what any of the keys sealed; raises NotOpened."""
    name, _, token = sealed.partition(b":")
    fernet = dict(_keys(_secrets(settings))).get(name)
    if fernet is None:
        raise NotOpened
    try:
        return fernet.decrypt(token)
    except InvalidToken:
        raise NotOpened from None


def prefix(settings: Settings) -> bytes:
    """Return what everything sealed with the first key starts with."""
    return _keys(_secrets(settings))[0][0] + b":"


def _secrets(settings: Settings) -> tuple[str, ...]:
    """Return the keys, newest first; in development its own opens, and seals where no other is set."""
    own = (DEVELOPMENT_SECRET,) if settings.environment == "development" else ()
    return (*settings.encryption_keys, *own)


@lru_cache(maxsize=8)
def _keys(secrets: tuple[str, ...]) -> tuple[tuple[bytes, Fernet], ...]:
    return tuple(
        (_derived(one, NAME, NAME_BYTES).hex().encode(), Fernet(base64.urlsafe_b64encode(_derived(one, SEAL, 32))))
        for one in secrets
    )


def _derived(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(secret.encode())
