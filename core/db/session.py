"""Transactions: each opens through `scope`, which sets the role and the workspaces it may see.

SQLAlchemy's pool keeps the connections, but a transaction is begun and ended by two statements of our own (to its
engine all is autocommit): one round trip less, and a third of the cost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from core.errors import DomainError, Unavailable
from core.settings import Settings, get_settings, require


class System:
    """The scope of the service itself: claim, sweeper, superadmin. Asked for by name, never by default."""


SYSTEM: Final = System()
DIALECT: Final = "postgresql+asyncpg://"
APPLICATION_ROLE: Final = "sp_app"
# SQLSTATE classes that say the server is away or going: connection failure, operator intervention, no
# room, a transaction in which nothing was said for too long.
AWAY_CLASSES: Final = ("08", "57P", "53", "25P03")
LONGEST_SILENCE: Final = "20s"
"""After so long between two statements Postgres ends a transaction: a process that froze or was cut off in the middle
of one would otherwise keep its locks, and nobody could take its jobs."""


class DatabaseUnavailable(Unavailable):
    """The database is away; try again in a few seconds."""

    code = "database_unavailable"


class TransactionLost(Exception):
    """The transaction was rolled back although nobody asked for it."""


Opened: TypeAlias = AsyncSession | asyncpg.Connection
"""An open transaction: a session of `scope`, or the bare connection of `direct`."""
STATEMENT_ERRORS: Final = (DBAPIError, asyncpg.PostgresError)
"""What a statement may raise: through SQLAlchemy, or on the connection itself."""
_AFTER_COMMIT: Final = "after_commit"
_WIDEN: Final = """
    WITH held AS MATERIALIZED (SELECT current_setting('app.workspace_ids') AS ids), widened AS MATERIALIZED (
        SELECT held.ids, set_config('app.workspace_ids', '*', true) AS now FROM held
    )
    SELECT ids FROM widened
"""
_NARROW: Final = "SELECT set_config('app.workspace_ids', $1, true)"
_DRIVER: Final = "driver"
_engines: dict[asyncio.AbstractEventLoop, AsyncEngine] = {}
_at_dispose: list[Callable[[], Awaitable[None]]] = []


def asyncpg_url(url: str) -> str:
    """Return `url` as asyncpg itself reads it."""
    return "postgresql://" + url.split("://", 1)[1]


def connect_arguments(settings: Settings) -> dict[str, Any]:
    """Return what an engine of DIALECT connects with: asyncpg itself reads DATABASE_URL, options (sslmode …) and all.

    Raises SettingsInvalid where it is missing.
    """
    return {"dsn": asyncpg_url(require(settings.database_url, "DATABASE_URL"))}


def create_engine(settings: Settings) -> AsyncEngine:
    """Return a pool of connections for `settings`; nothing is connected yet."""
    connect_args = connect_arguments(settings) | {"timeout": 10, "command_timeout": 60}
    if not settings.database_statement_cache:  # PgBouncer in transaction mode
        connect_args |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    made = create_async_engine(
        DIALECT,
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended by `transaction`
        pool_size=settings.database_pool_size,
        max_overflow=0,  # what is opened under load and closed again costs more than what it is used for
        pool_use_lifo=True,
        pool_timeout=10,
        connect_args=connect_args,
        hide_parameters=True,  # an error goes into the log: what was to be stored does not
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    )
    event.listen(made.sync_engine, "checkout", _refuse_closed)
    return made


def engine() -> AsyncEngine:
    """Return this event loop's engine, made on first use."""
    loop = asyncio.get_running_loop()
    found = _engines.get(loop)
    if found is None:
        found = _engines[loop] = create_engine(get_settings())
    return found


async def dispose() -> None:
    """Close this event loop's connections."""
    found = _engines.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.dispose()
    for close in _at_dispose:
        await close()


def at_dispose(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` called by `dispose`."""
    _at_dispose.append(close)


def scope_value(workspace_ids: Iterable[UUID] | System) -> str:
    """Return what `app.workspace_ids` is set to: ids with commas between, or a star for the system."""
    if isinstance(workspace_ids, System):
        return "*"
    return ",".join(str(UUID(int=i.int)) for i in workspace_ids)  # nothing but an id gets into a statement


@asynccontextmanager
async def scope(workspace_ids: Iterable[UUID] | System) -> AsyncIterator[AsyncSession]:
    """Open one transaction that sees only the given workspaces; commit at the end, roll back on error.

    Raises DatabaseUnavailable when the server cannot be reached or goes away, TransactionLost when a statement failed
    and its error was passed over.
    """
    with told_when_away():
        async with engine().connect() as connection:
            driver = _driver(connection)
            session = AsyncSession(connection, expire_on_commit=False, autoflush=False, info={_DRIVER: driver})
            try:
                async with transaction(driver, workspace_ids):
                    yield session
                    if session.in_transaction():
                        await session.commit()  # writes what is pending; the transaction's end is `transaction`'s
            finally:
                await asyncio.shield(session.close())
        for callback in session.info.get(_AFTER_COMMIT, ()):
            await callback()


@asynccontextmanager
async def as_system(session: AsyncSession) -> AsyncIterator[None]:
    """Let the statements of this block work in the system scope; afterwards the session's own holds again.

    For what a workspace's change makes of the service itself, such as a mail. An error narrows the scope again, too,
    should anyone pass over it; one of a statement lets no other statement of the transaction run.
    """
    await session.flush()  # what the caller has written so far has to fit the caller's own scope
    driver = driver_of(session)
    before = await driver.fetchval(_WIDEN)
    try:
        yield
    except Exception:
        with suppress(asyncpg.PostgresError):
            await driver.execute(_NARROW, before)
        raise
    await driver.execute(_NARROW, before)


@contextmanager
def told_when_away() -> Iterator[None]:
    """Raise DatabaseUnavailable in place of what says that the server cannot be reached or went away."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        if is_away(error):
            raise DatabaseUnavailable(retry_after_s=2) from error
        raise


@asynccontextmanager
async def transaction(driver: asyncpg.Connection, workspace_ids: Iterable[UUID] | System) -> AsyncIterator[None]:
    """Run one transaction of a scope on a connection: begun and told its scope in one round trip.

    A connection that was left in the middle of a statement is closed. Raises TransactionLost.
    """
    try:
        await driver.execute(
            "BEGIN; SELECT set_config('role', 'sp_app', true),"
            f" set_config('app.workspace_ids', '{scope_value(workspace_ids)}', true),"
            f" set_config('idle_in_transaction_session_timeout', '{LONGEST_SILENCE}', true)"
        )
        yield
        ended = await driver.execute("COMMIT")
    except Exception:
        await _roll_back(driver)
        raise
    except BaseException:
        driver.terminate()
        raise
    if ended != "COMMIT":
        raise TransactionLost


async def _roll_back(driver: asyncpg.Connection) -> None:
    try:
        if not driver.is_closed() and driver.is_in_transaction():
            await driver.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - a connection that cannot even do that is of no use; what led here is told
        driver.terminate()


def driver_of(session: Opened) -> asyncpg.Connection:
    """Return the connection of a transaction, be it of `scope` or of `direct`, for the hottest statements."""
    found: asyncpg.Connection = session.info[_DRIVER] if isinstance(session, AsyncSession) else session
    return found


def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    found: asyncpg.Connection = connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]  # it is open
    return found


def _refuse_closed(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection that was lost while nobody used it."""
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError


def after_commit(session: AsyncSession, callback: Callable[[], Awaitable[None]]) -> None:
    """Run `callback` once the session's transaction is committed; it must not raise."""
    session.info.setdefault(_AFTER_COMMIT, []).append(callback)


def is_away(error: BaseException) -> bool:
    """Tell whether `error` says that the database cannot be reached, as opposed to a wrong statement."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError):
        return True
    if isinstance(error, InterfaceError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return not isinstance(error, ValueError)  # as asyncpg's complaints of arguments are
    state = sqlstate_of(error)
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or state.startswith(AWAY_CLASSES):
            return True
        return isinstance(error, OperationalError) and not state
    return isinstance(error, OSError) or state.startswith(AWAY_CLASSES)


def sqlstate_of(error: BaseException) -> str:
    """Return the SQLSTATE of what a statement raised; empty where there is none."""
    return str(getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None) or "")
