"""Transactions without a session: the same door, and what becomes of their connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.db.direct import MOST_CONNECTIONS, direct
from core.db.session import DatabaseUnavailable, System, TransactionLost, asyncpg_url
from core.settings import get_settings
from tests.fixtures.jobs import new_workspace

pytestmark = pytest.mark.usefixtures("job_database")
WHO = "SELECT current_user, current_setting('app.workspace_ids', true)"


async def terminate_all() -> None:
    """Have Postgres close every connection of this test process."""
    owner = await asyncpg.connect(asyncpg_url(get_settings().database_url or ""))
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    await owner.close()
    await asyncio.sleep(0.05)


async def direct_to(workspace_ids: list[UUID] | System, query: str, *args: object, fail: bool = False) -> Any:
    """Run one statement in a bare transaction and return its first value; `fail` ends it with a LookupError."""
    async with direct(workspace_ids) as connection:
        found = await connection.fetchval(query, *args)
        if fail:
            raise LookupError
    return found


async def pass_over(session: db.Opened) -> None:
    """Run a statement that fails, as if that did not matter."""
    with suppress(asyncpg.PostgresError):
        await db.driver_of(session).execute("SELECT 1 / 0")


async def lose(session: db.Opened, *, bare: bool = True) -> None:
    """Have the server close all connections, and go on."""
    await terminate_all()
    if bare or not isinstance(session, AsyncSession):
        await db.driver_of(session).fetchval("SELECT 1")
    else:
        await session.execute(text("SELECT 1"))


async def test_the_role_and_the_workspaces_hold_for_one_transaction() -> None:
    one, other = uuid4(), uuid4()
    async with direct([one, other]) as connection:
        assert tuple(await connection.fetchrow(WHO)) == ("sp_app", f"{one},{other}")
    async with direct([]) as again:
        assert again is connection
        assert tuple(await again.fetchrow(WHO)) == ("sp_app", "")
    assert await connection.fetchval("SELECT current_user") != "sp_app"


async def test_rows_of_other_workspaces_are_not_seen() -> None:
    mine, other = await new_workspace(), await new_workspace()
    count = "SELECT count(*) FROM workspace WHERE id = ANY($1)"
    assert await direct_to([mine], count, [mine, other]) == 1
    assert await direct_to([], count, [mine, other]) == 0
    assert await direct_to(db.SYSTEM, count, [mine, other]) == 2


async def test_what_raises_is_rolled_back() -> None:
    workspace_id = await new_workspace()
    with pytest.raises(LookupError):
        await direct_to(
            [workspace_id], "UPDATE workspace SET name = 'b' WHERE id = $1 RETURNING name", workspace_id, fail=True
        )
    assert await direct_to([workspace_id], "SELECT name FROM workspace WHERE id = $1", workspace_id) == "Test"


async def test_an_error_that_was_passed_over_does_not_pass_for_a_commit() -> None:
    with pytest.raises(TransactionLost):
        async with direct(db.SYSTEM) as connection:
            await pass_over(connection)
    with pytest.raises(TransactionLost):
        async with db.scope(db.SYSTEM) as session:
            await pass_over(session)


async def test_whoever_is_cancelled_in_mid_statement_leaves_no_connection_behind() -> None:
    for _ in range(MOST_CONNECTIONS + 1):
        task = asyncio.create_task(direct_to(db.SYSTEM, "SELECT pg_sleep(30)"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await direct_to(db.SYSTEM, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == 0


async def test_connections_lost_while_nobody_used_them_are_replaced_unseen() -> None:
    for _ in range(2):
        async with direct(db.SYSTEM) as connection, db.scope(db.SYSTEM) as session:
            assert await connection.fetchval("SELECT 1") == 1
            assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
        await terminate_all()


async def test_a_connection_lost_in_use_is_a_database_that_is_away() -> None:
    with pytest.raises(DatabaseUnavailable):
        async with direct(db.SYSTEM) as connection:
            await lose(connection)
    for bare in (True, False):
        with pytest.raises(DatabaseUnavailable):
            async with db.scope(db.SYSTEM) as session:
                await lose(session, bare=bare)


@pytest.mark.parametrize("door", [direct, db.scope])
async def test_who_freezes_in_the_middle_keeps_no_lock(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "LONGEST_SILENCE", "300ms")
    workspace_id = await new_workspace()
    lock = f"SELECT id FROM workspace WHERE id = '{workspace_id}' FOR UPDATE"

    async def freeze() -> None:
        async with door(db.SYSTEM) as frozen:
            await db.driver_of(frozen).fetchval(lock)
            async with asyncio.timeout(5), direct(db.SYSTEM) as other:
                assert await other.fetchval(lock) == workspace_id
            await db.driver_of(frozen).fetchval("SELECT 1")

    with pytest.raises(DatabaseUnavailable):
        await freeze()
