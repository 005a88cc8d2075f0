"""Webhooks as their receiver sees them (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

from core.client.errors import InvalidWebhook

PREFIX: Final = "whsec_"
TOLERANCE_S: Final = 300.0


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
    try:
        id_, timestamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        age_s = (time.time() if now_s is None else now_s) - int(timestamp)
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except KeyError as error:
        raise InvalidWebhook(f"no header {error}") from None
    except (ValueError, binascii.Error):
        raise InvalidWebhook("the timestamp is no number, or the secret is none") from None
    if abs(age_s) > tolerance_s:
        raise InvalidWebhook("the timestamp is too far from now")
    digest = hmac.digest(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(one.encode(errors="replace"), expected) for one in signatures.split(" ")):
        raise InvalidWebhook("no signature fits")
    try:
        return json.loads(body)
    except ValueError:
        raise InvalidWebhook("the body is no JSON") from None
