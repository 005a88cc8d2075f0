"""`synthetic-people admin`: accounts by hand, on a database of the settings or of a stack."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from core.audit.models import AuditEntry
from core.auth import passwords
from core.auth.models import User
from core.cli.main import app
from core.db import session as db
from core.embedded.state import RunningProcess, StackState

PASSWORD = "a password nobody would guess"
OTHER = "another one that nobody would guess"


def admin(*arguments: str, password: str = PASSWORD) -> Result:
    """Run a command that reads a password."""
    return CliRunner().invoke(app, ["admin", *arguments], input=f"{password}\n")


def new_address() -> str:
    return f"{uuid4().hex}@example.org"


def found(email: str) -> tuple[User | None, list[str]]:
    """Return an account and the actions that the audit log has of it, first to last."""

    async def look() -> tuple[User | None, list[str]]:
        try:
            async with db.scope(db.SYSTEM) as session:
                user = (await session.execute(select(User).where(User.email == email))).scalar_one_or_none()  # type: ignore[arg-type]
                query = select(AuditEntry).where(AuditEntry.subject_id == (user.id if user else uuid4()))  # type: ignore[arg-type]
                entries = (await session.execute(query.order_by(text("created_at")))).scalars()
                return user, [entry.action for entry in entries]
        finally:
            await db.dispose()

    return asyncio.run(look())


def fits(user: User | None, password: str) -> bool:
    assert user is not None
    return asyncio.run(passwords.verify(password, user.password_hash))[0]


def test_an_account_is_made(database: str) -> None:
    email = new_address()
    result = admin("create-user", email.upper(), "--name", "Ada Moreno")
    assert result.exit_code == 0, result.output
    user, actions = found(email)
    assert user is not None
    assert (user.full_name, user.is_verified, user.is_superadmin) == ("Ada Moreno", True, False)
    assert fits(user, PASSWORD)
    assert actions == ["user.created"]
    assert PASSWORD not in result.output


def test_a_superadmin_is_made(database: str) -> None:
    email = new_address()
    assert admin("create-user", email, "--name", "Ada", "--superadmin", "--unverified").exit_code == 0
    user, _ = found(email)
    assert user is not None
    assert (user.is_superadmin, user.is_verified) == (True, False)


def test_an_address_is_taken_once(database: str) -> None:
    email = new_address()
    admin("create-user", email, "--name", "Ada")
    again = admin("create-user", email, "--name", "Ben", password=OTHER)
    assert again.exit_code == 1
    assert "There is an account" in again.output
    assert fits(found(email)[0], PASSWORD)


def test_a_password_is_reset_and_sessions_end(database: str) -> None:
    email = new_address()
    admin("create-user", email, "--name", "Ada")
    user, _ = found(email)
    assert user is not None
    user_id = user.id

    async def count(statement: str) -> int:
        try:
            async with db.scope(db.SYSTEM) as session:
                return int((await session.execute(text(statement), {"id": user_id})).scalar_one())
        finally:
            await db.dispose()

    opened = (
        "INSERT INTO auth_session (id, user_id, refresh_hash, last_seen_at, expires_at)"
        " VALUES (gen_random_uuid(), :id, gen_random_uuid()::text, now(), now()) RETURNING 1"
    )
    asyncio.run(count(opened))
    assert admin("reset-password", email, password=OTHER).exit_code == 0
    user, actions = found(email)
    assert fits(user, OTHER)
    assert not fits(user, PASSWORD)
    assert actions == ["user.created", "user.password_reset"]
    assert asyncio.run(count("SELECT count(*) FROM auth_session WHERE user_id = :id AND revoked_at IS NULL")) == 0


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (("create-user", "nobody", "--name", "Ada"), PASSWORD, "e-mail address"),
        (("create-user", "a@example.org", "--name", " "), PASSWORD, "the name"),
        (("create-user", "b@example.org", "--name", "Ada"), "", "the password"),
        (("create-user", "b@example.org", "--name", "Ada"), "too short", "the password"),
        (("create-user", "b@example.org", "--name", "Ada"), "password12345", "the password is easy to guess"),
        (("create-user", "b@example.org", "--name", "Ada"), "b@example.org", "the password is easy to guess"),
        (("reset-password", "no-one@example.org"), PASSWORD, "no such user"),
    ],
)
def test_what_is_wrong_is_said(database: str, arguments: tuple[str, ...], password: str, said: str) -> None:
    result = admin(*arguments, password=password)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_without_a_database_it_says_what_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    result = admin("reset-password", "a@example.org")
    assert result.exit_code == 1
    assert "DATABASE_URL is not set" in result.output
    assert "synthetic-people up" in result.output


def test_the_stack_of_a_folder_is_found(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.chdir(tmp_path)
    me = RunningProcess.of(os.getpid())
    assert me is not None
    StackState(
        owner=me,
        processes={},
        data_dir=tmp_path,
        web_url=None,
        database_url=database,
        redis_url="redis://127.0.0.1:1/0",
        openai_base_url=None,
        openai_api_key=None,
    ).save()
    result = admin("reset-password", "no-one@example.org", "--data-dir", str(tmp_path))
    assert "no such user" in result.output


def test_keys_are_rotated(database: str) -> None:
    result = admin("rotate-keys")
    assert result.exit_code == 0, result.output
    assert "sealed anew: " in result.output
