"""Webhooks as their receiver sees them (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final

from core.client.errors import InvalidWebhook

PREFIX: Final = "whsec_"
TOLERANCE_S: Final = 300.0
_TIMESTAMP: Final = re.compile("[0-9]{1,15}")


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance_s: float = TOLERANCE_S,
    now_s: float | None = None,
) -> Any:
    """Return the event of a delivery, its body as it came; raises InvalidWebhook unless the sender has `secret`.

    `tolerance_s` is how far its timestamp may be from `now_s`, the seconds since 1970 (by default the present).
    A delivery may come twice: `webhook-id` stays the same.
    """
    given = {name.lower(): value for name, value in headers.items()}
    key = _key(secret)
    try:
        id_, timestamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise InvalidWebhook(f"no header {error}") from None
    if not _TIMESTAMP.fullmatch(timestamp):
        raise InvalidWebhook("the timestamp is no number")
    if abs((time.time() if now_s is None else now_s) - int(timestamp)) > tolerance_s:
        raise InvalidWebhook("the timestamp is too far from now")
    digest = hmac.digest(key, f"{id_}.{timestamp}.".encode(errors="replace") + body, hashlib.sha256)
    expected = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(one.encode(errors="replace"), expected) for one in signatures.split(" ")):
        raise InvalidWebhook("no signature fits")
    try:
        return json.loads(body)
    except ValueError:
        raise InvalidWebhook("the body is no JSON") from None


def _key(secret: str) -> bytes:
    """Return the key of a secret; raises InvalidWebhook for none: what an empty key signs is anybody's."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not key:
        raise InvalidWebhook("the secret is none")
    return key
