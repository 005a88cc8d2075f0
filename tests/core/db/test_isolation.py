"""What the database's own catalogue says of isolation: every table, view, function and right, whoever made it."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db import session as db
from tests.factories.users import make_user

# Tables that no workspace owns. What a query in a workspace's scope could read there, were it to forget its filter:
OPEN_TABLES: Final = {
    "alembic_version": "the revision; read only",
    "app_user": "accounts, named as authors and members; no route of a workspace lists them without its members",
    "lease": "who dispatches; no data of anyone",
    "organization": "names of organizations; asked by the caller's own memberships",
    "organization_member": "roles by user; asked by the caller's own memberships",
    "pause": "what superadmins hold back, and why; no data of a workspace but its id",
    "worker": "processes and their slots; no data of anyone",
}
# Tables that no workspace's scope sees at all.
COLUMN: Final = {"workspace": "id"}
SYSTEM_ONLY: Final = {"auth_session", "auth_token", "spent_refresh_token"}
POLICY: Final = "((SELECT sp_is_system()) OR (%s = ANY ((SELECT sp_workspace_ids())::uuid[])))"


async def rows(query: str) -> list[dict[str, Any]]:
    """Ask the catalogue."""
    async with db.scope(db.SYSTEM) as session:
        return [dict(row) for row in (await session.execute(text(query))).mappings()]


async def test_every_relation_is_of_a_workspace_or_declared_open(database: str) -> None:
    found = await rows(
        """
        SELECT c.relname, c.relkind::text AS kind, c.relrowsecurity AND c.relforcerowsecurity AS forced
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        """
    )
    assert len(found) > 20
    assert {one["kind"] for one in found} <= {"r", "p"}, "a view asks with its owner's rights: see security_invoker"
    open_ones = {str(one["relname"]) for one in found if not one["forced"]}
    assert open_ones == set(OPEN_TABLES), "declare in OPEN_TABLES what could be read there, or force its security"


async def test_every_policy_is_the_one_policy(database: str) -> None:
    """A second policy would widen the first: they are joined by OR."""
    found = await rows(
        """
        SELECT p.polname, p.polcmd::text AS command, p.polpermissive AS permissive, p.polroles = '{0}' AS everyone,
            regexp_replace(
                pg_get_expr(p.polqual, p.polrelid), '\\( SELECT (\\w+)\\(\\) AS \\1\\)', '(SELECT \\1())', 'g'
            ) AS qual, pg_get_expr(p.polwithcheck, p.polrelid) AS checked, c.relname
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        """
    )
    assert len(found) > 15
    assert len({one["relname"] for one in found}) == len(found)
    said = {(one["command"], one["permissive"], one["everyone"], one["checked"]) for one in found}
    assert said == {("*", True, True, None)}
    assert {one["relname"] for one in found if one["polname"] == "system_only"} == SYSTEM_ONLY
    assert {one["polname"] for one in found} == {"system_only", "workspace_scope"}
    expected = {one["relname"]: POLICY % COLUMN.get(one["relname"], "workspace_id") for one in found}
    expected |= dict.fromkeys(SYSTEM_ONLY, "(SELECT sp_is_system())")
    assert {one["relname"]: one["qual"] for one in found} == expected


async def test_no_workspaces_scope_sees_or_makes_a_login(database: str) -> None:
    user = await make_user(password_hash="none")
    login = {"id": uuid4(), "user": user.id, "hash": uuid4().hex}
    insert = text(
        "INSERT INTO auth_session (id, user_id, refresh_hash, last_seen_at, expires_at)"
        " VALUES (:id, :user, :hash, now(), now())"
    )
    async with db.scope(db.SYSTEM) as session:
        await session.execute(insert, login)
    for scope in ([], [uuid4()]):
        async with db.scope(scope) as session:
            found = await session.execute(text("SELECT id FROM auth_session WHERE id = :id"), {"id": login["id"]})
            assert found.all() == []
        with pytest.raises(DBAPIError, match="row-level security"):
            async with db.scope(scope) as session:
                await session.execute(insert, login | {"id": uuid4(), "hash": uuid4().hex})


async def test_no_function_lends_its_owners_rights(database: str) -> None:
    found = await rows(
        """
        SELECT p.proname FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND (p.prosecdef OR p.proname NOT LIKE 'sp\\_%')
        """
    )
    assert found == []


async def test_the_role_of_all_transactions_owns_nothing_and_cannot_make_anything(database: str) -> None:
    (found,) = await rows(
        """
        SELECT has_schema_privilege('sp_app', 'public', 'CREATE') AS creates,
            (SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'sp_app') AS owned,
            (SELECT array_agg(relname::text) FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
               AND (has_table_privilege('sp_app', oid, 'TRUNCATE') OR has_table_privilege('sp_app', oid, 'TRIGGER')
                    OR has_table_privilege('sp_app', oid, 'REFERENCES'))) AS beyond_rows,
            pg_has_role('sp_app', 'pg_read_all_data', 'MEMBER') AS reads_all
        """
    )
    assert found == {"creates": False, "owned": 0, "beyond_rows": None, "reads_all": False}
