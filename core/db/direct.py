"""Transactions on asyncpg itself, for the few statements that run most often: a fifth of what a session costs.

The same door as `core.db.session.scope`, with the same role and the same row-level security; connections of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import UUID

import asyncpg

from core.db.session import System, asyncpg_url, at_dispose, told_when_away, transaction
from core.settings import get_settings, require

MOST_CONNECTIONS: Final = 4


class _Connections:
    """A few connections, handed out last in, first out; one that is not fit any more is closed."""

    def __init__(self) -> None:
        self._free: list[asyncpg.Connection] = []
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._room:
            connection = await self._take()
            try:
                yield connection
            finally:
                if connection.is_closed() or connection.is_in_transaction():
                    connection.terminate()
                else:
                    self._free.append(connection)

    async def _take(self) -> asyncpg.Connection:
        while self._free:
            found = self._free.pop()
            if not found.is_closed():
                return found
        settings = get_settings()
        made = await asyncpg.connect(
            asyncpg_url(require(settings.database_url, "DATABASE_URL")),
            timeout=10,
            command_timeout=60,
            statement_cache_size=100 if settings.database_statement_cache else 0,
        )
        # As SQLAlchemy has it: JSON goes in as text and comes out as what it says.
        try:
            await made.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=json.loads)
        except BaseException:
            made.terminate()
            raise
        return made

    async def close(self) -> None:
        """Close what is free."""
        while self._free:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._free.pop().close(timeout=2)


_connections: dict[asyncio.AbstractEventLoop, _Connections] = {}


@asynccontextmanager
async def direct(workspace_ids: Iterable[UUID] | System) -> AsyncIterator[asyncpg.Connection]:
    """Open one transaction that sees only the given workspaces; commit at the end, roll back on error.

    Raises DatabaseUnavailable when the server cannot be reached or goes away, TransactionLost when a statement failed
    and its error was passed over.
    """
    connections = _connections.setdefault(asyncio.get_running_loop(), _Connections())
    with told_when_away():
        async with connections.one() as connection, transaction(connection, workspace_ids):
            yield connection


async def _close() -> None:
    found = _connections.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


at_dispose(_close)
