"""`synthetic-people doctor`: check settings, Postgres, Redis, the model endpoint and mail; one line each."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer

from core.db.migrations import head_revision
from core.embedded.model import API_KEY
from core.embedded.postgres_binaries import PostgresMissing, find_binaries
from core.embedded.stack import without_password
from core.embedded.state import StackState, find_running
from core.embedded.valkey import ValkeyMissing, find_valkey
from core.mail import delivery
from core.settings import Settings, SettingsInvalid, load_settings

OLDEST_POSTGRES = 130_000
MAIL_TIMEOUT_S = 10.0
APPLICATION_ROLE = "sp_app"
NOT_RUNNING = "no address is set and no embedded one is running (start it with `synthetic-people up`)"


class CheckFailed(Exception):
    """A check found something wrong; the message says what."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    name: str
    ok: bool
    text: str


def doctor() -> None:
    """Check that what the product needs is there and answers; exit 1 if anything is not."""
    healthy = True
    for finding in examine():
        healthy &= finding.ok
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name:<10}  {finding.text}")
    if not healthy:
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Make each check in turn."""
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, f"{settings.environment}, data in {settings.data_dir.resolve()}")
    running = find_running(settings.data_dir)
    checks: list[tuple[str, Callable[[Settings, StackState | None], str]]] = [
        ("embedded", _check_embedded),
        ("postgres", _check_postgres),
        ("redis", _check_redis),
        ("model", _check_model),
        ("mail", _check_mail),
    ]
    for name, check in checks:
        try:
            yield Finding(name, True, check(settings, running))
        except CheckFailed as error:
            yield Finding(name, False, str(error))


def _check_embedded(settings: Settings, running: StackState | None) -> str:
    if running is not None:
        return f"running (process {running.owner.pid})"
    try:
        postgres = "not needed" if settings.database_url else f"PostgreSQL {find_binaries().major}"
        valkey = "not needed" if settings.redis_url else find_valkey().name
    except (PostgresMissing, ValkeyMissing) as error:
        raise CheckFailed(str(error)) from error
    return f"not running; available: Postgres: {postgres}, Redis: {valkey}"


def _check_postgres(settings: Settings, running: StackState | None) -> str:
    url = settings.database_url or (running.database_url if running is not None else None)
    if not url:
        raise CheckFailed(NOT_RUNNING)
    return asyncio.run(_ask_postgres(url.replace("+asyncpg://", "://", 1)))


async def _ask_postgres(url: str) -> str:
    import asyncpg

    shown = without_password(url)
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CheckFailed(f"{shown} does not answer: {error or type(error).__name__}") from error
    try:
        number = int(await connection.fetchval("SHOW server_version_num"))
        role = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", APPLICATION_ROLE)
        has_versions = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
        current = await connection.fetchval("SELECT version_num FROM alembic_version") if has_versions else None
    finally:
        await connection.close()
    version = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < OLDEST_POSTGRES:
        raise CheckFailed(f"{shown} is {version}; at least 13 is needed")
    expected = head_revision()
    if current != expected:
        raise CheckFailed(f"{shown} is at migration {current}, the code at {expected}; run `alembic upgrade head`")
    if not role:
        raise CheckFailed(f"{shown} has no role {APPLICATION_ROLE}; run `alembic upgrade head`")
    return f"{shown}, {version}, migration {current}, role {APPLICATION_ROLE}"


def _check_redis(settings: Settings, running: StackState | None) -> str:
    import redis

    url = settings.redis_url or (running.redis_url if running is not None else None)
    if not url:
        raise CheckFailed(NOT_RUNNING)
    shown = without_password(url)
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            version = client.info("server").get("redis_version")
    except (redis.RedisError, OSError, ValueError) as error:
        raise CheckFailed(f"{shown} does not answer: {error}") from error
    return f"{shown}, version {version}"


def _check_model(settings: Settings, running: StackState | None) -> str:
    import httpx

    base_url, key = settings.openai_base_url, settings.openai_api_key
    if not base_url and not key:
        if running is None:
            raise CheckFailed(NOT_RUNNING)
        base_url, key = running.openai_base_url, running.openai_api_key
    base_url = base_url or "https://api.openai.com/v1"
    try:
        answer = httpx.get(
            f"{base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key or ''}"}, timeout=10
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CheckFailed(f"{base_url} does not answer: {error}") from error
    if not answer.is_success:
        raise CheckFailed(f"{base_url} answers {answer.status_code} to a list of models")
    kind = "the offline demonstration model" if key == API_KEY else "answers"
    return f"{base_url}, {kind}"


def _check_mail(settings: Settings, _running: StackState | None) -> str:
    where = delivery.destination(settings)
    if settings.mail_server is None:
        if settings.environment == "production":
            raise CheckFailed(where)
        return where
    try:
        asyncio.run(delivery.MailServer(settings.model_copy(update={"mail_timeout_s": MAIL_TIMEOUT_S})).check())
    except delivery.Undelivered as error:
        raise CheckFailed(f"{where}: {error.detail}") from error
    return f"{where} takes mails" + (" and the login" if settings.mail_username else "")
