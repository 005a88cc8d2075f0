"""Whatever is sent, the answer is never a 5xx: each error is a problem document and stores nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.exceptions import HTTPException

from api.middleware import LARGEST_BODY
from core.db.session import DatabaseUnavailable
from tests.factories import bodies
from tests.factories.studies import Study, new_study, stored
from tests.factories.users import NOBODY, join, log_in, make_user

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}
JSON = {"Content-Type": "application/json"}
NAMES = (
    "login", "refresh", "workspace", "workspace change", "exploration", "exploration change", "method", "persona",
    "persona change", "generation", "plan", "questionnaire", "questionnaire change", "simulation", "report",
    "story by hand",
)  # fmt: skip


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study whose rows are counted; no worker is asked to run anything of it."""
    return await new_study(client)


def check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Check an error's shape and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert set(document) - {"errors"} == MEMBERS
    assert (document["status"], document["instance"]) == (status, answer.request.url.path)
    assert document["type"].endswith(document["code"])
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["detail"]
    assert ("errors" in document) or status != 422
    return document


async def test_every_kind_of_error_has_one_shape(client: httpx.AsyncClient, study: Study) -> None:
    member = await make_user()
    await join(study.workspace_id, member)
    as_member = await log_in(client, member)
    ended = (await client.post(f"{study.workspace}/explorations", json={"title": "t"})).headers["location"]
    await client.post(f"{ended}/method", json={"is_ended": True})
    person = f"{study.base}/personas/{study.persona_ids[0]}"
    check_problem(await client.get("/auth/me", headers=NOBODY), 401)
    check_problem(await client.delete(study.workspace, headers=as_member), 403)
    check_problem(await client.get(f"{study.base}/nothing"), 404)
    put = await client.put(study.base)
    check_problem(put, 405)
    assert put.headers["allow"] == "DELETE, GET, PATCH"
    check_problem(await client.post(f"{ended}/personas/auto-generate", json={"count": 1}), 409)
    check_problem(await client.patch(person, json={"name": "x"}, headers={"If-Match": '"9"'}), 412)
    check_problem(await client.post("/workspaces", content=b"x" * (LARGEST_BODY + 1)), 413)
    check_problem(await client.post("/workspaces", json={}), 422)


async def test_a_good_request_id_comes_back_and_a_bad_one_is_replaced(anonymous: httpx.AsyncClient) -> None:
    given = await anonymous.get("/healthz", headers={"X-Request-ID": "a.b_c-1"})
    assert given.headers["x-request-id"] == "a.b_c-1"
    for bad in ("x" * 65, "<script>", "a b", "é"):
        answer = await anonymous.get("/nowhere", headers={b"X-Request-ID": bad.encode()})
        assert check_problem(answer, 404)["request_id"] not in ("", bad)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"{'a': 1}", "line 1 column 2: Expecting property name enclosed in double quotes"),
        (b'{"name":\n  nothing}', "line 2 column 3: Expecting value"),
        (b'{"name": "x"} more', "line 1 column 15: Extra data"),
    ],
)
async def test_a_body_that_is_no_json_is_told_where_it_breaks_off(
    client: httpx.AsyncClient, content: bytes, where: str
) -> None:
    document = check_problem(await client.post("/workspaces", content=content, headers=JSON), 422)
    assert document["errors"] == [{"loc": ["body"], "msg": f"not valid JSON at {where}"}]
    assert document["detail"] == f"body: not valid JSON at {where}"


@pytest.mark.parametrize(
    ("content", "content_type", "told"),
    [
        (b'{"name": "x"}', "application/x-www-form-urlencoded", "must be JSON, with Content-Type: application/json"),
        (b'{"name": "x"}', "text/plain", "must be JSON, with Content-Type: application/json"),
        (b"[]", "application/json", "must be a JSON object"),
        (b'"x"', "application/json", "must be a JSON object"),
    ],
)
async def test_a_body_that_is_no_object_is_told_what_it_must_be(
    client: httpx.AsyncClient, content: bytes, content_type: str, told: str
) -> None:
    answer = await client.post("/workspaces", content=content, headers={"Content-Type": content_type})
    assert check_problem(answer, 422)["errors"] == [{"loc": ["body"], "msg": told}]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("a secret"), 500, "internal_error"),
        (DBAPIError("a secret", {}, Exception("a secret")), 500, "internal_error"),
        (IntegrityError("a secret", {}, Exception("a secret")), 409, "conflict"),
        (DatabaseUnavailable(retry_after_s=2), 503, "database_unavailable"),
        (HTTPException(418), 418, "i'm_a_teapot"),
    ],
)
async def test_what_goes_wrong_inside_is_a_problem_too(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    async def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("core.workspaces.service.list_ids", fail)
    answer = await client.get("/jobs")
    assert check_problem(answer, status)["code"] == code
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/docs/nowhere", 404),
        ("GET", "/static-offline-docs/nowhere.js", 404),
        ("GET", "/jobs/nope", 404),
        ("PUT", "/jobs", 405),
        ("POST", "/healthz", 405),
        ("POST", "/static-offline-docs/swagger-ui.css", 405),
    ],
)
async def test_no_place_answers_anything_but_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    check_problem(answer, status)
    assert ("allow" in answer.headers) is (status == 405)


async def test_good_answers_name_their_request_too(client: httpx.AsyncClient, study: Study) -> None:
    for path, status in (("/healthz", 200), ("/docs", 200), ("/openapi.json", 200), ("/jobs/", 307), ("/jobs", 200)):
        answer = await client.get(path, headers={"X-Request-ID": "mine-1"})
        assert (answer.status_code, answer.headers["x-request-id"]) == (status, "mine-1")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_of_20_mb_is_413_on_every_route(client: httpx.AsyncClient, study: Study, declared: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 1_000_000

    before = await stored(study.workspace_id)
    for method, path, _ in bodies.routes(study).values():
        content = b" " * 20_000_000 if declared else parts()
        check_problem(await client.request(method, path, content=content, headers=JSON), 413)
    assert await stored(study.workspace_id) == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"], ids=["NUL", "surrogate"])
async def test_text_that_cannot_be_stored_is_refused_in_every_field(
    client: httpx.AsyncClient, study: Study, name: str, bad: str
) -> None:
    method, path, body = bodies.routes(study)[name]
    before = await stored(study.workspace_id)
    for place in bodies.places(body, (str,)):
        content = json.dumps(bodies.replaced(body, place, bad))
        answer = await client.request(method, path, content=content, headers=JSON)
        if path.startswith("/auth/") and answer.status_code == 401:
            continue  # no password and no token is like that
        named = [error["loc"][: 1 + len(place)] for error in check_problem(answer, 422)["errors"]]
        assert ["body", *place] in named or ["body", *place[:2]] in named, (place, named)
    assert await stored(study.workspace_id) == before


@pytest.mark.parametrize("name", NAMES)
async def test_names_of_members_that_cannot_be_stored_are_refused(
    client: httpx.AsyncClient, study: Study, name: str
) -> None:
    method, path, body = bodies.routes(study)[name]
    before = await stored(study.workspace_id)
    for bad in ("a\x00b", "a\ud800b"):
        for wrong in (body | {bad: 1}, body | {"attributes": {bad: "x"}}, body | {"targets": {"margins": {bad: {}}}}):
            answer = await client.request(method, path, content=json.dumps(wrong), headers=JSON)
            check_problem(answer, 422)
    assert await stored(study.workspace_id) == before


@pytest.mark.parametrize("name", NAMES)
async def test_numbers_out_of_this_world_are_refused_in_every_field(
    client: httpx.AsyncClient, study: Study, name: str
) -> None:
    method, path, body = bodies.routes(study)[name]
    before = await stored(study.workspace_id)
    for place in bodies.places(body, (int, float)):
        for number in ("1e400", "-1e400", "NaN", "Infinity", "1" + "0" * 30, "9" * 5000, '"x"', "[]", "{}"):
            content = json.dumps(bodies.replaced(body, place, "@@")).replace('"@@"', number)
            answer = await client.request(method, path, content=content, headers=JSON)
            assert answer.status_code == 422, (place, number[:10], answer.text[:300])
            check_problem(answer, 422)
    assert await stored(study.workspace_id) == before


@pytest.mark.parametrize("name", NAMES)
async def test_members_nobody_knows_are_refused_by_name(client: httpx.AsyncClient, study: Study, name: str) -> None:
    method, path, body = bodies.routes(study)[name]
    document = check_problem(await client.request(method, path, json=body | {"surprise": 1}), 422)
    assert ["body", "surprise"] in [error["loc"] for error in document["errors"]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        (b"{'a': 1}", "application/json"),
        (b'{"a": ' * 100_000, "application/json"),
        (b'{"title": "\xff"}', "application/json"),
        (b"\xff\xfe[\x00]\x00", "application/json"),
        (b"{}", "text/plain"),
        (b"<a/>", "application/xml"),
        (b"a=1", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"{}", "nonsense"),
    ],
)
async def test_what_is_no_object_of_json_is_refused(
    client: httpx.AsyncClient, study: Study, name: str, content: bytes, content_type: str
) -> None:
    method, path, _ = bodies.routes(study)[name]
    before = await stored(study.workspace_id)
    answer = await client.request(method, path, content=content, headers={"Content-Type": content_type})
    check_problem(answer, 422)
    assert await stored(study.workspace_id) == before


@pytest.mark.parametrize(
    "query", ["kind=%00", "kind=%ff", "cursor=%00", "status=%00", "limit=1e9", "limit=" + "9" * 5000]
)
async def test_strange_queries_are_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/jobs?{query}")
    assert answer.status_code == 200 or check_problem(answer, 422)["errors"][0]["loc"][0] == "query"
