"""`synthetic-people admin …`: accounts by hand, on DATABASE_URL or on the database of the stack in DATA_DIR."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from core import addresses
from core.admin import accounts, keys
from core.admin.errors import EmailTaken, UserNotFound
from core.auth import accounts as own_accounts
from core.auth import service as auth
from core.auth.schemas import SHORTEST_PASSWORD
from core.db import session as db
from core.db.text import storable
from core.embedded.state import find_running
from core.errors import DomainError, Invalid
from core.settings import LARGEST_PASSWORD, SettingsInvalid, get_settings, load_settings

admin = typer.Typer(name="admin", help="Accounts and keys, by hand.", no_args_is_help=True)
DataDir = Annotated[Path | None, typer.Option(help="Folder of the running stack; DATA_DIR by default.")]
Email = Annotated[str, typer.Argument(help="E-mail address of the account.")]
UNDEFINED_TABLE = "42P01"
UNDEFINED_COLUMN = "42703"


@admin.command("create-user")
def create_user(
    email: Email,
    name: Annotated[str, typer.Option(help="Full name.")],
    superadmin: Annotated[bool, typer.Option("--superadmin", help="Give the rights of a superadmin.")] = False,
    unverified: Annotated[bool, typer.Option("--unverified", help="Have the address verified first.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make an account. Its password is asked for, or read as a line from standard input."""
    address, full_name = _address(email), _full_name(name)

    async def make() -> None:
        async with db.scope(db.SYSTEM) as session:
            if await auth.find_user(session, address) is not None:
                raise EmailTaken
        hashed = await _hashed_password(address, full_name)
        async with db.scope(db.SYSTEM) as session:
            user = await accounts.create_user(
                session,
                accounts.BY_HAND,
                email=address,
                full_name=full_name,
                password_hash=hashed,
                superadmin=superadmin,
                verified=not unverified,
            )
        typer.echo(f"made {user.id}")

    run(make, data_dir)


@admin.command("reset-password")
def reset_password(email: Email, data_dir: DataDir = None) -> None:
    """Set a new password and end all sessions. It is asked for, or read as a line from standard input."""
    address = _address(email)

    async def reset() -> None:
        async with db.scope(db.SYSTEM) as session:
            user = await auth.find_user(session, address)
        if user is None:
            raise UserNotFound
        hashed = await _hashed_password(user.email, user.full_name)
        async with db.scope(db.SYSTEM) as session:
            await accounts.set_password(session, accounts.BY_HAND, user.id, hashed)
        typer.echo(f"new password for {user.id}; its sessions are ended")

    run(reset, data_dir)


@admin.command("rotate-keys")
def rotate_keys(data_dir: DataDir = None) -> None:
    """Seal all secrets in the database with the first of ENCRYPTION_KEYS. It can be broken off and begun again."""

    async def rotate() -> None:
        done = await keys.rotate(get_settings())
        typer.echo(f"sealed anew: {done.resealed}")
        if done.unopened:
            raise _fail(f"{done.unopened} values are opened by none of ENCRYPTION_KEYS: a key of old is missing")

    run(rotate, data_dir)


def run(command: Callable[[], Awaitable[None]], data_dir: Path | None) -> None:
    """Run a command on the database of the settings, else on that of the stack in `data_dir`; exits 1 on a refusal."""

    async def with_database() -> None:
        try:
            await command()
        finally:
            await db.dispose()

    try:
        _find_database(data_dir)
        asyncio.run(with_database())
    except (DomainError, SettingsInvalid) as error:
        raise _fail(str(error)) from None
    except db.STATEMENT_ERRORS as error:
        if db.sqlstate_of(error) not in (UNDEFINED_TABLE, UNDEFINED_COLUMN):
            raise
        raise _fail("the database is not migrated: run `alembic upgrade head`") from None


def _find_database(data_dir: Path | None) -> None:
    """Point this process's settings at the database; an address in the settings goes first."""
    settings = load_settings()
    if settings.database_url and data_dir is None:
        return
    folder = data_dir or settings.data_dir
    running = find_running(folder)
    if running is None:
        where = f"no stack is running in {folder.resolve()}: start it with `synthetic-people up`"
        raise SettingsInvalid(where if data_dir else f"DATABASE_URL is not set, and {where}")
    os.environ["DATABASE_URL"] = running.database_url
    get_settings.cache_clear()


def _address(given: str) -> str:
    try:
        return addresses.mailbox(given).lower()
    except ValueError as error:
        raise _fail(f"the address {error}") from None


def _full_name(given: str) -> str:
    name = given.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise _fail("the name must have 1 to 200 printable characters")
    return name


async def _hashed_password(email: str, full_name: str) -> str:
    """Have a password said and return its hash, by the same rules as when one signs up."""
    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not SHORTEST_PASSWORD <= len(password) <= LARGEST_PASSWORD:
        raise _fail(f"the password must have {SHORTEST_PASSWORD} to {LARGEST_PASSWORD} characters")
    try:
        storable(password)
        return await own_accounts.hash_new(password, email=email, full_name=full_name, field="password")
    except Invalid as error:
        raise _fail(f"the password {error.errors[0].msg}") from None
    except ValueError as error:
        raise _fail(f"the password {error}") from None


def _fail(message: str) -> typer.Exit:
    typer.echo(f"synthetic-people: {message}", err=True)
    return typer.Exit(1)
