"""What the database's own catalogue says of isolation: every table, view, function and right, whoever made it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from core.db import session as db

# Tables that no workspace owns. What a query in a workspace's scope could read there, were it to forget its filter:
OPEN_TABLES: Final = {
    "alembic_version": "the revision; read only",
    "app_user": "accounts, named as authors and members; no route of a workspace lists them without its members",
    "auth_session": "logins by user; asked in the system scope only",
    "lease": "who dispatches; no data of anyone",
    "organization": "names of organizations; asked by the caller's own memberships",
    "organization_member": "roles by user; asked by the caller's own memberships",
    "pause": "what superadmins hold back, and why; no data of a workspace but its id",
    "spent_refresh_token": "hashes of tokens; asked in the system scope only",
    "worker": "processes and their slots; no data of anyone",
}
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
    said = {(one["polname"], one["command"], one["permissive"], one["everyone"], one["checked"]) for one in found}
    assert said == {("workspace_scope", "*", True, True, None)}
    column = {"workspace": "id"}
    assert {
        one["relname"]: one["qual"]
        for one in found
        if one["qual"] != POLICY % column.get(one["relname"], "workspace_id")
    } == {}


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
