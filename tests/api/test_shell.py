"""The shell around all routes: problems, headers, limits, readiness."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from api import errors
from api.app import EXPOSED_HEADERS, create_app
from api.middleware import BodyLimit, LastResort, RequestContext
from api.routes import service
from core.embedded.ports import find_free_port
from core.embedded.postgres import Postgres
from core.embedded.valkey import Valkey
from core.errors import Conflict, DomainError, Invalid, TooMany, Unavailable
from core.settings import Settings


def small_app() -> FastAPI:
    app = FastAPI()
    errors.install(app, [])
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit, limit=1000)
    app.add_middleware(RequestContext)

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise {
            "unexpected": RuntimeError("a secret"),
            "busy": Unavailable(retry_after_s=3),
            "often": TooMany(retry_after_s=7),
            "conflict": Conflict("It is so."),
        }[name]

    return app


@pytest.fixture
async def shell() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=small_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def test_every_kind_of_error_has_a_status() -> None:
    def kinds(parent: type[DomainError]) -> set[type[DomainError]]:
        return {k for k in parent.__subclasses__() if k.__module__ == "core.errors"}

    assert kinds(DomainError) == set(errors.STATUS_OF)
    assert errors.status_of(Invalid("x")) == 422


async def test_an_error_is_a_problem_document(shell: httpx.AsyncClient) -> None:
    answer = await shell.get("/raise/conflict", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:synthetic-people:error:conflict",
        "title": "Conflict",
        "status": 409,
        "detail": "It is so.",
        "instance": "/raise/conflict",
        "code": "conflict",
        "request_id": "abc-1",
    }


@pytest.mark.parametrize(("name", "status", "wait_s"), [("busy", 503, "3"), ("often", 429, "7")])
async def test_who_must_wait_is_told_how_long(shell: httpx.AsyncClient, name: str, status: int, wait_s: str) -> None:
    answer = await shell.get(f"/raise/{name}")
    assert (answer.status_code, answer.headers["retry-after"]) == (status, wait_s)


async def test_an_unexpected_error_tells_nothing_but_its_request(shell: httpx.AsyncClient) -> None:
    answer = await shell.get("/raise/unexpected")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/echo", 405)])
async def test_the_router_answers_with_problems_too(
    shell: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await shell.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb"])
async def test_a_strange_request_id_is_replaced(shell: httpx.AsyncClient, given: str) -> None:
    answer = await shell.get("/nowhere", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] not in ("", given)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_long_body_is_refused_by_its_declared_length_and_as_it_comes(
    shell: httpx.AsyncClient,
) -> None:
    async def parts(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100

    assert (await shell.post("/echo", content=b"x" * 1000)).json() == 1000
    assert (await shell.post("/echo", content=parts(10))).json() == 1000
    for content in (b"x" * 1001, parts(11)):
        answer = await shell.post("/echo", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
        assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_cors_exposes_the_headers_of_the_contract(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": ["https://ui.example"]}))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        known = await client.get("/healthz", headers={"Origin": "https://ui.example"})
        other = await client.get("/healthz", headers={"Origin": "https://other.example"})
    assert set(known.headers["access-control-expose-headers"].split(", ")) == set(EXPOSED_HEADERS)
    assert "access-control-allow-origin" not in other.headers


async def test_ids_that_are_no_ids_are_not_found(client: httpx.AsyncClient, workspace: dict[str, Any]) -> None:
    for path in ("/workspaces/nope", f"/workspaces/{workspace['id']}/explorations/nope", "/jobs/nope"):
        assert (await client.get(path)).status_code == 404


async def test_the_service_says_that_it_is_up_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["migrations"]) == (200, "ok")
    document = (await client.get("/openapi.json")).json()
    ids = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))


async def test_a_silent_database_is_told_of_in_time(
    client: httpx.AsyncClient, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "POSTGRES_WITHIN_S", 0.3)
    holder = await asyncpg.connect(database)
    try:
        async with asyncio.timeout(10), holder.transaction():
            await holder.execute("LOCK TABLE alembic_version")
            silent = await client.get("/readyz")
    finally:
        await holder.close()
    assert (silent.status_code, silent.json()["postgres"], silent.headers["retry-after"]) == (503, "unavailable", "2")
    assert (await client.get("/readyz")).status_code == 200


async def test_the_door_says_what_this_is_and_where_to_read_on(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/")
    told = answer.json()
    assert told["name"] == "Synthetic People"
    assert told["version"] == (await anonymous.get("/openapi.json")).json()["info"]["version"]
    for link in ("docs", "openapi", "health", "ready"):
        assert (await anonymous.get(told[link])).status_code == 200, link
    for word in ("fastapi", "starlette", "uvicorn", "python"):
        assert word not in (answer.text + str(answer.headers)).lower()


def test_a_wrong_setting_ends_the_process_with_one_line(tmp_path: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api"],
        env={"PORT": "many", "PATH": "", "PYTHONPATH": str(errors.__file__).rsplit("/api/", 1)[0]},
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "PORT" in done.stderr
    assert json.dumps(done.stdout) == '""'


async def test_a_client_that_sends_too_much_still_reads_the_answer() -> None:
    server = uvicorn.Server(uvicorn.Config(small_app(), port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            answer = await client.post("/echo", content=b"x" * 20_000_000)
    finally:
        server.should_exit = True
        await serving
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


async def test_before_the_migrations_it_starts_and_says_that_it_is_not_ready(
    postgres_server: Postgres, valkey_server: Valkey
) -> None:
    name = "not_migrated"
    connection = await asyncpg.connect(postgres_server.url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = postgres_server.url.rpartition("/")[0] + f"/{name}"
    env = {**os.environ, "DATABASE_URL": url, "REDIS_URL": valkey_server.url, "PORT": str(find_free_port())}
    web = await asyncio.create_subprocess_exec(sys.executable, "-m", "api", env=env, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{env['PORT']}") as client:
            ready = await _first_answer(client, "/readyz")
    finally:
        web.terminate()
        await web.wait()
    assert (ready.status_code, ready.json()["migrations"]) == (503, "pending")
    assert ready.headers["retry-after"]


async def _first_answer(client: httpx.AsyncClient, path: str) -> httpx.Response:
    async with asyncio.timeout(30):
        while True:
            try:
                return await client.get(path)
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
