"""Secrets that sign: made, sealed, and what a message is signed with (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from standardwebhooks import Webhook

from core.crypto import service as crypto
from core.settings import Settings

BYTES: Final = 32
OVERLAP: Final = timedelta(hours=24)
"""How long the secret before signs too."""


def new_secret() -> str:
    """Return a new secret as its owner is shown it: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def seal(settings: Settings, secret: str) -> bytes:
    """Return a secret as it is stored."""
    return crypto.encrypt(settings, secret.encode())


def opened(
    settings: Settings, secret: bytes | None, previous: bytes | None, previous_until: datetime | None, now: datetime
) -> list[str]:
    """Return the secrets that sign now, the newest first; raises crypto.NotOpened."""
    valid = previous if previous_until is not None and previous_until > now else None
    return [crypto.decrypt(settings, one).decode() for one in (secret, valid) if one is not None]


def headers(signing: Sequence[str], message_id: str, now: datetime, body: str) -> dict[str, str]:
    """Return the headers of one attempt, signed with each secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body) for secret in signing),
    }
