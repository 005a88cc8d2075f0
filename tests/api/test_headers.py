"""Headers every answer has: security, what may be kept, the request's id; and which origins browsers may call from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import structlog

from api.app import create_app
from core.settings import Settings
from tests.factories.api_keys import make_key
from tests.factories.studies import new_study
from tests.factories.users import make_user

PRODUCTION = {"environment": "production", "trusted_proxies": ["127.0.0.1"]}
UI = "https://ui.example"


@asynccontextmanager
async def served(settings: Settings, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with other settings; it is not started."""
    transport = httpx.ASGITransport(create_app(settings.model_copy(update=changes)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/auth/me", "/openapi.json", "/docs"])
async def test_every_answer_is_safe_to_look_at(anonymous: httpx.AsyncClient, path: str) -> None:
    headers = (await anonymous.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ("script-src" in headers["content-security-policy"]) is (path == "/docs")
    assert headers["x-request-id"]


async def test_the_docs_page_asks_for_nothing_its_policy_forbids(anonymous: httpx.AsyncClient) -> None:
    page = await anonymous.get("/docs")
    sources = [part.split('"')[0] for part in page.text.replace('href="', 'src="').split('src="')[1:]]
    assert len(sources) == 3
    for source in sources:
        assert source.startswith("/"), source
        assert (await anonymous.get(source)).status_code == 200


async def test_what_is_secret_or_somebodys_is_not_kept(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    user = await make_user()
    login = await client.post("/auth/login", json={"email": user.email, "password": "wrong"})
    answers = [login, await client.get("/auth/me"), await client.get(study.workspace), await client.get("/jobs")]
    key = await make_key(client, study.workspace_id)
    answers.append(await client.get(f"{study.workspace}/api-keys/{key['id']}"))
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    tagged = await client.get(f"{study.base}/personas/{study.persona_ids[0]}")
    assert tagged.headers["etag"]
    assert tagged.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("changes", "proto", "strict"),
    [
        (PRODUCTION, "https", True),
        (PRODUCTION, "http", False),
        (PRODUCTION, None, False),
        (PRODUCTION | {"trusted_proxies": []}, "https", False),
        ({"trusted_proxies": ["127.0.0.1"]}, "https", False),
    ],
    ids=["production over tls", "production in the clear", "no proxy", "untrusted proxy", "development"],
)
async def test_strict_transport_is_asked_for_in_production_over_tls_only(
    settings: Settings, changes: dict[str, Any], proto: str | None, strict: bool
) -> None:
    async with served(settings, **changes) as client:
        answer = await client.get("/healthz", headers={"X-Forwarded-Proto": proto} if proto else {})
    assert ("strict-transport-security" in answer.headers) is strict


async def test_a_browser_may_call_from_named_origins_without_credentials(settings: Settings) -> None:
    asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization,if-match"}
    async with served(settings, cors_origins=[UI]) as client:
        for origin, known in ((UI, True), (f"{UI}.evil.example", False), ("http://ui.example", False), ("null", False)):
            preflight = await client.options("/jobs", headers={"Origin": origin} | asked)
            answer = await client.get("/auth/me", headers={"Origin": origin})
            assert (preflight.headers.get("access-control-allow-origin") == origin) is known
            assert (answer.headers.get("access-control-allow-origin") == origin) is known
            assert answer.status_code == 401
            assert "access-control-allow-credentials" not in {*preflight.headers, *answer.headers}
            if known:
                assert {"Location", "Retry-After", "ETag", "Content-Disposition", "Idempotent-Replayed",
                        "X-Request-ID", "Preference-Applied"} <= set(
                            answer.headers["access-control-expose-headers"].split(", "))  # fmt: skip
                assert "DELETE" in preflight.headers["access-control-allow-methods"]
                assert preflight.headers["access-control-allow-headers"] == "authorization,if-match"


async def test_the_requests_id_is_in_the_answer_the_problem_and_every_log_line(anonymous: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = await anonymous.get("/auth/me", headers={"X-Request-ID": "mine-1"})
        other = await anonymous.get("/auth/me")
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine-1"
    assert other.headers["x-request-id"] != "mine-1"
    assert [line["request_id"] for line in lines] == ["mine-1", other.headers["x-request-id"]]
    assert lines[0]["ip"] == "127.0.0.1"


@pytest.mark.parametrize("place", ["/auth/verify-email", "/auth/reset-password"])
async def test_no_mailed_token_is_repeated_in_a_problem(anonymous: httpx.AsyncClient, place: str) -> None:
    answer = await anonymous.put(f"{place}/a-secret-token")
    assert answer.json()["instance"] == f"{place}/{{token}}"
    assert "a-secret-token" not in answer.text
