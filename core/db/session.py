"""Transactions: each opens through `scope`, which sets the role and the workspaces it may see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from core.errors import DomainError, Unavailable
from core.settings import Settings, get_settings, require


class System:
    """The scope of the service itself: claim, sweeper, superadmin. Asked for by name, never by default."""


SYSTEM: Final = System()
APPLICATION_ROLE: Final = "sp_app"
# SQLSTATE classes that say the server is away or going: connection failure, operator intervention, no room.
AWAY_CLASSES: Final = ("08", "57P", "53")
_ENTER = text("SELECT set_config('role', 'sp_app', true), set_config('app.workspace_ids', :ids, true)")


class DatabaseUnavailable(Unavailable):
    """The database is away; try again in a few seconds."""

    code = "database_unavailable"


_AFTER_COMMIT: Final = "after_commit"
_engines: dict[asyncio.AbstractEventLoop, AsyncEngine] = {}


def sqlalchemy_url(url: str) -> str:
    """Return `url` with SQLAlchemy's asyncpg driver named."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


def asyncpg_url(url: str) -> str:
    """Return `url` as asyncpg itself reads it."""
    return "postgresql://" + url.split("://", 1)[1]


def create_engine(settings: Settings) -> AsyncEngine:
    """Return a pool of connections for `settings`; nothing is connected yet."""
    connect_args: dict[str, Any] = {"timeout": 10, "command_timeout": 60}
    if not settings.database_statement_cache:  # PgBouncer in transaction mode
        connect_args |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    return create_async_engine(
        sqlalchemy_url(require(settings.database_url, "DATABASE_URL")),
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_size,
        pool_timeout=10,
        connect_args=connect_args,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    )


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


@asynccontextmanager
async def scope(workspace_ids: Iterable[UUID] | System) -> AsyncIterator[AsyncSession]:
    """Open one transaction that sees only the given workspaces; commit at the end, roll back on error.

    Raises DatabaseUnavailable when the server cannot be reached or goes away.
    """
    ids = "*" if isinstance(workspace_ids, System) else ",".join(str(i) for i in workspace_ids)
    session = AsyncSession(engine(), expire_on_commit=False, autoflush=False)
    try:
        await session.execute(_ENTER, {"ids": ids})
        yield session
        await session.commit()
        for callback in session.info.get(_AFTER_COMMIT, ()):
            await callback()
    except DomainError:
        raise
    except Exception as error:
        if is_away(error):
            raise DatabaseUnavailable(retry_after_s=2) from error
        raise
    finally:
        # An aborted close must still give the connection back.
        await asyncio.shield(session.close())


def after_commit(session: AsyncSession, callback: Callable[[], Awaitable[None]]) -> None:
    """Run `callback` once the session's transaction is committed; it must not raise."""
    session.info.setdefault(_AFTER_COMMIT, []).append(callback)


def is_away(error: BaseException) -> bool:
    """Tell whether `error` says that the database cannot be reached, as opposed to a wrong statement."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError):
        return True
    if isinstance(error, InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state.startswith(AWAY_CLASSES):
            return True
        return isinstance(error, OperationalError) and not state
    state = str(getattr(error, "sqlstate", None) or "")
    return isinstance(error, OSError) or state.startswith(AWAY_CLASSES)
