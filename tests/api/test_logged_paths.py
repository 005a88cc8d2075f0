"""Tokens that mailed links end in are no part of the log."""

from __future__ import annotations

import json

import httpx
import pytest
import structlog

TOKEN = "a-token-that-opens-an-account"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "path", ["/auth/verify-email/{}", "/auth/reset-password/{}", "/auth/reset-password/{}/", "//auth//verify-email//{}"]
)
async def test_a_mailed_token_is_not_logged(anonymous: httpx.AsyncClient, method: str, path: str) -> None:
    with structlog.testing.capture_logs() as lines:
        await anonymous.request(method, path.format(TOKEN), json={})
    (line,) = [one for one in lines if one["event"] == "request"]
    assert line["path"].rstrip("/").endswith("/{token}")
    assert TOKEN not in json.dumps(lines, default=str)


async def test_other_paths_are_logged_as_they_are(anonymous: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        await anonymous.get("/workspaces/one/reset-password")
    assert [one["path"] for one in lines if one["event"] == "request"] == ["/workspaces/one/reset-password"]
