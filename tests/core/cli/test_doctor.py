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
from tests.fixtures.smtp import SmtpServer

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
    for name in ("MAIL_SERVER", "MAIL_PORT", "MAIL_STARTTLS"):
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


def test_without_a_mail_server_the_folder_of_the_mails_is_named(tmp_path: Path) -> None:
    assert f"ok    mail        no MAIL_SERVER: mails are written to {tmp_path / '.data' / 'mails'}" in (
        runner.invoke(app, ["doctor"]).output
    )


def test_production_without_a_mail_server_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://u@127.0.0.1:1/d",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "JWT_SECRET": "j" * 40,
        "ENCRYPTION_KEYS": "k" * 40,
        "SUPERADMIN_PASSWORD": "a password nobody would guess",
    }.items():
        monkeypatch.setenv(name, value)
    assert "FAIL  mail        MAIL_SERVER is not set" in runner.invoke(app, ["doctor"]).output


def test_the_mail_server_is_asked(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_SERVER", "127.0.0.1")
    monkeypatch.setenv("MAIL_PORT", str(smtp.port))
    monkeypatch.setenv("MAIL_STARTTLS", "false")
    assert f"ok    mail        127.0.0.1:{smtp.port} takes mails" in runner.invoke(app, ["doctor"]).output
    monkeypatch.setenv("MAIL_STARTTLS", "true")
    assert "does not offer what the settings ask for" in runner.invoke(app, ["doctor"]).output
    smtp.stop()
    assert "cannot be reached" in runner.invoke(app, ["doctor"]).output
