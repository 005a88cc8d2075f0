"""What a receiver is sent by others than the service: whatever it is, it is refused and nothing else happens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import pytest

from core.client.errors import InvalidWebhook
from core.client.webhooks import verify
from core.webhooks import secrets

SECRET: Final = secrets.new_secret()
BODY: Final = json.dumps({"type": "job.succeeded"})
NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)


def signed(
    secret: str = SECRET, *, at: datetime = NOW, changed: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Headers as the service sends them, some of them changed on the way."""
    return secrets.headers([secret], "msg_1", at, BODY) | {f"webhook-{name}": value for name, value in changed.items()}


def verified(headers: dict[str, str], secret: str = SECRET, body: bytes = BODY.encode()) -> Any:
    """What the receiver makes of it."""
    return verify(body, headers, secret, now_s=NOW.timestamp())


def test_one_signature_of_many_is_enough() -> None:
    theirs = signed(secrets.new_secret())["webhook-signature"]
    mine = signed()["webhook-signature"]
    assert verified(signed(changed={"signature": f"v1a,{'A' * 88} v2,x {theirs} {mine}"})) == json.loads(BODY)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": ""},
        {"signature": " "},
        {"signature": "v1,"},
        {"signature": "v1, v1"},
        {"signature": "\udcff é v1,\u0661"},
        {"id": "msg_2"},
        {"id": "\udcff"},
        {"timestamp": ""},
        {"timestamp": "nan"},
        {"timestamp": "inf"},
        {"timestamp": "-1"},
        {"timestamp": "9" * 400},
        {"timestamp": "9" * 5000},
        {"timestamp": f" {int(NOW.timestamp())}"},
        {"timestamp": f"+{int(NOW.timestamp())}"},
        {"timestamp": f"{int(NOW.timestamp())}.0"},
    ],
)
def test_what_was_changed_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(InvalidWebhook):
        verified(signed(changed=changed))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_what_is_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidWebhook, match="too far"):
        verified(signed(at=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_no base64", "whsec_é"])
def test_with_no_secret_nothing_is_verified(secret: str) -> None:
    """Signatures with an empty key are anybody's."""
    at = int(NOW.timestamp())
    forged = base64.b64encode(hmac.digest(b"", f"msg_1.{at}.{BODY}".encode(), hashlib.sha256)).decode()
    with pytest.raises(InvalidWebhook, match="secret"):
        verified(signed(changed={"signature": f"v1,{forged}"}), secret)
