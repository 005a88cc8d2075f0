"""What an access token must be to be taken."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from core import clock
from core.auth import tokens
from core.auth.errors import InvalidToken
from core.settings import Settings

SETTINGS = Settings(jwt_secret="s" * 64, jwt_algorithm="HS256")


def claims(**changes: Any) -> dict[str, Any]:
    now = clock.now()
    good = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "typ": tokens.TYPE,
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "iat": now,
        "exp": now + timedelta(minutes=5),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(algorithm: str = "HS256", secret: str = "s" * 64, **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


def test_an_issued_token_says_whose_it_is() -> None:
    user_id, session_id = uuid4(), uuid4()
    token, lifetime_s = tokens.issue(SETTINGS, user_id, session_id)
    assert tokens.read(SETTINGS, token) == tokens.AccessClaims(user_id, session_id)
    assert lifetime_s == SETTINGS.access_token_expire_minutes * 60


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(exp=clock.now() - timedelta(seconds=1)), id="expired"),
        pytest.param(signed(exp=None), id="never expires"),
        pytest.param(signed(aud="another-api"), id="wrong audience"),
        pytest.param(signed(iss="another-issuer"), id="wrong issuer"),
        pytest.param(signed(typ="refresh"), id="wrong type"),
        pytest.param(signed(typ=None), id="no type"),
        pytest.param(signed(sid=None), id="no session"),
        pytest.param(signed(sub="me"), id="subject is no id"),
        pytest.param(signed(secret="t" * 64), id="another key"),
        pytest.param(jwt.encode(claims(), "s" * 64, algorithm="HS384"), id="another algorithm"),
        pytest.param(jwt.encode(claims(), "", algorithm="none"), id="alg none"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 40_000).decode() + ".e30.e30", id="nested header"),
        pytest.param("é.é.é", id="not ASCII"),
        pytest.param("", id="empty"),
    ],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(SETTINGS, token)
