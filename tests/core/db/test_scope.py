"""Row-level security on every table of a workspace, whatever the query and whoever logs in."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError

import core
from core.db import session as db
from core.db.base import metadata
from core.db.session import System, asyncpg_url
from core.explorations.models import Exploration
from tests.factories.users import make_user

for package in pkgutil.iter_modules(core.__path__, "core."):  # as the migrations do
    if package.ispkg and importlib.util.find_spec(f"{package.name}.models") is not None:
        importlib.import_module(f"{package.name}.models")
TABLES = [
    table for table in metadata.sorted_tables if "workspace_id" in table.columns or table.name == "workspace"
]  # fmt: skip


CHANGEABLE = [table for table in TABLES if table.name != "audit_entry"]


def own(table: Table) -> Any:
    """Return the column that says whose a row is."""
    return table.columns["id" if table.name == "workspace" else "workspace_id"]


@pytest.fixture(scope="module")
async def two(database: str) -> AsyncIterator[tuple[UUID, UUID]]:
    """Two workspaces with a row of each table, written past all foreign keys by the database's owner."""
    ids = (uuid4(), uuid4())
    connection = await asyncpg.connect(asyncpg_url(database))
    await connection.execute("SET session_replication_role = replica")  # no foreign keys
    try:
        for id_ in ids:
            for table in TABLES:
                await connection.execute(insert_of(table, id_))
        yield ids
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table.name} WHERE {own(table).name} = ANY ($1)", list(ids))
    finally:
        await connection.close()


def insert_of(table: Table, workspace_id: UUID) -> str:
    """Return a statement that inserts a row with some value in every column that needs one."""
    values = {}
    for column in table.columns:
        if column is own(table):
            values[column.name] = f"'{workspace_id}'"
        elif not column.nullable and column.server_default is None and column.identity is None:
            values[column.name] = some_value(column.type)
    return f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({', '.join(values.values())})"


def some_value(type_: Any) -> str:
    if isinstance(type_, JSONB):
        return "'{}'"
    if isinstance(type_, ARRAY):
        return "'{}'"
    kind = type_.python_type
    plain = {datetime: "now()", date: "now()", bool: "false", bytes: "''", int: "1", float: "1", Decimal: "1"}
    return plain.get(kind, f"'{uuid4()}'")


async def count(scope: list[UUID] | System, table: Table, workspace_id: UUID) -> int:
    """Return how many of a workspace's rows a scope sees when the query itself does not filter by scope."""
    async with db.scope(scope) as session:
        query = select(func.count()).select_from(table).where(own(table) == workspace_id)
        return int((await session.execute(query)).scalar_one())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
async def test_a_scope_sees_its_own_rows_and_no_others(two: tuple[UUID, UUID], table: Table) -> None:
    mine, other = two
    assert await count([mine], table, mine) == 1
    assert await count([mine], table, other) == 0
    assert await count([mine, other], table, other) == 1
    assert await count(db.SYSTEM, table, other) == 1
    assert await count([], table, mine) == 0
    async with db.scope([mine]) as session:
        assert set((await session.execute(select(own(table)))).scalars()) == {mine}
    async with db.scope([]) as session:
        assert list((await session.execute(select(own(table)))).scalars()) == []


@pytest.mark.parametrize("table", CHANGEABLE, ids=lambda table: str(table.name))
async def test_a_row_is_neither_given_to_nor_taken_from_another_workspace(two: tuple[UUID, UUID], table: Table) -> None:
    mine, other = two
    column = own(table).name
    with pytest.raises(DBAPIError, match="row-level security"):
        async with db.scope([mine]) as session:
            await session.execute(text(f"UPDATE {table.name} SET {column} = :other"), {"other": other})
    async with db.scope([mine]) as session:
        for query in (f"UPDATE {table.name} SET {column} = :mine WHERE {column} = :other",
                      f"DELETE FROM {table.name} WHERE {column} = :other"):  # fmt: skip
            done: Any = await session.execute(
                text(query), {"mine": mine, "other": other} if "mine" in query else {"other": other}
            )
            assert done.rowcount == 0
    assert await count(db.SYSTEM, table, other) == 1


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
async def test_an_insert_into_another_workspace_is_refused(two: tuple[UUID, UUID], table: Table) -> None:
    mine, other = two
    for scope in ([mine], []):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with db.scope(scope) as session:
                await session.execute(text(insert_of(table, other).replace(":", "\\:")))


async def test_an_insert_into_ones_own_workspace_is_not(two: tuple[UUID, UUID]) -> None:
    query = "INSERT INTO workspace_member (workspace_id, user_id, role) VALUES (:ws, :user, 'admin')"
    user = await make_user()
    async with db.scope([two[1]]) as session:
        await session.execute(text(query), {"ws": two[1], "user": user.id})
        await session.rollback()


async def test_every_table_of_a_workspace_forces_row_level_security(database: str) -> None:
    async with db.scope(db.SYSTEM) as session:
        rows = await session.execute(
            text(
                "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
                " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) FROM pg_class c"
                " WHERE c.relname = ANY (:names) AND c.relkind = 'r'"
            ),
            {"names": [table.name for table in TABLES]},
        )
    found = {name: (forced, policy) for name, forced, policy in rows}
    assert found == {table.name: (True, True) for table in TABLES}


async def test_no_table_that_hangs_on_a_workspaces_row_goes_without_a_workspace() -> None:
    secured = {table.name for table in TABLES}
    open_ones = {
        table.name
        for table in metadata.sorted_tables
        if table.name not in secured
        for key in table.foreign_keys
        if key.column.table.name in secured
    }
    assert open_ones == set()


async def test_the_role_holds_for_one_transaction_only(database: str) -> None:
    who = text("SELECT current_user, current_setting('app.workspace_ids', true)")
    id_ = uuid4()
    async with db.scope([id_]) as session:
        assert tuple((await session.execute(who)).one()) == ("sp_app", str(id_))
    async with db.engine().connect() as connection:
        role, ids = (await connection.execute(who)).one()
    assert role != "sp_app"
    assert not ids


async def test_the_role_may_not_bypass_its_limits_nor_log_in(database: str) -> None:
    query = text("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'sp_app'")
    async with db.scope(db.SYSTEM) as session:
        assert tuple((await session.execute(query)).one()) == (False, False, False)


async def test_an_error_rolls_everything_back(two: tuple[UUID, UUID]) -> None:
    mine = two[0]

    async def fail() -> None:
        async with db.scope([mine]) as session:
            await session.execute(text("DELETE FROM workspace_member"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with db.scope([mine]) as session:
        assert (await session.execute(text("SELECT count(*) FROM workspace_member"))).scalar_one() == 1


async def test_an_error_does_not_tell_what_was_to_be_stored(database: str) -> None:
    with pytest.raises(DBAPIError) as told:
        async with db.scope(db.SYSTEM) as session:
            await session.execute(text("SELECT CAST(:address AS text), 1 / 0"), {"address": "ada@example.org"})
    assert "ada@example.org" not in str(told.value)


async def test_a_scope_that_was_widened_is_narrow_again_after_an_error(two: tuple[UUID, UUID]) -> None:
    async with db.scope([two[0]]) as session:
        with suppress(ZeroDivisionError):
            async with db.as_system(session):
                assert (await session.execute(text("SELECT current_setting('app.workspace_ids')"))).scalar_one() == "*"
                raise ZeroDivisionError
        now = (await session.execute(text("SELECT current_setting('app.workspace_ids')"))).scalar_one()
    assert now == str(two[0])


async def test_what_was_written_before_a_scope_is_widened_has_to_fit_the_narrow_one(two: tuple[UUID, UUID]) -> None:
    async def write_elsewhere() -> None:
        async with db.scope([two[0]]) as session:
            session.add(Exploration(workspace_id=two[1], title="Not mine", description=""))
            async with db.as_system(session):
                await session.flush()

    with pytest.raises(DBAPIError, match="row-level security"):
        await write_elsewhere()
