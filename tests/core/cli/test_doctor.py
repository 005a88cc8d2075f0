"""`synthetic-people doctor`: says what is wrong, and exits 1 then only."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from core.cli import doctor
from core.cli.main import app
from core.embedded.postgres import Postgres
from core.embedded.valkey import Valkey

runner = CliRunner()


def execute(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url, ssl=False)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of its own: roles belong to a whole server."""
    with Postgres(tmp_path_factory.mktemp("doctor") / "postgres", durable=False) as server:
        yield server


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "REDIS_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY", "DATA_DIR", "ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)


def test_with_nothing_running_it_says_so_and_fails() -> None:
    result = runner.invoke(app, ["doctor"])

    assert result.exit_code == 1
    assert "ok    settings" in result.output
    assert result.output.count("no embedded one is running") == 3


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://h/db")

    result = runner.invoke(app, ["doctor"])

    assert result.exit_code == 1
    assert "FAIL  settings    DATABASE_URL" in result.output


def test_a_database_without_migrations_then_role_then_whole(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url)
    monkeypatch.setattr(doctor, "head_revision", lambda: "0001")

    assert "at migration None, the code at 0001" in runner.invoke(app, ["doctor"]).output
    execute(
        postgres.url,
        "CREATE TABLE alembic_version (version_num text)",
        "INSERT INTO alembic_version VALUES ('0001')",
    )
    assert "has no role sp_app" in runner.invoke(app, ["doctor"]).output
    execute(postgres.url, "CREATE ROLE sp_app")

    output = runner.invoke(app, ["doctor"]).output
    assert "ok    postgres" in output
    assert postgres.url not in output  # it holds the password


def test_redis_is_asked(valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", valkey_server.url)
    assert "ok    redis" in runner.invoke(app, ["doctor"]).output

    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert "FAIL  redis       redis://127.0.0.1:1/0 does not answer" in runner.invoke(app, ["doctor"]).output


def test_a_model_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    assert "FAIL  model       http://127.0.0.1:9/v1 does not answer" in runner.invoke(app, ["doctor"]).output
