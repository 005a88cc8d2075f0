"""The audit log takes entries, and neither changes nor loses them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.audit import service as audit
from core.audit.models import AuditEntry
from core.audit.origin import Origin, origin
from core.audit.service import Wanted
from core.db import session as db


async def entries_of(actor_id: UUID, **wanted: object) -> list[AuditEntry]:
    """Return what one actor did, newest first, as the service sees it."""
    async with db.scope(db.SYSTEM) as session:
        return await audit.list_entries(session, Wanted(actor_id=actor_id, **wanted), limit=50)  # type: ignore[arg-type]


async def recorded(action: str, actor_id: UUID, workspace_id: UUID | None = None, **data: object) -> None:
    async with db.scope(db.SYSTEM) as session:
        await audit.record(session, action, actor_type="user", actor_id=actor_id, workspace_id=workspace_id, data=data)


async def test_an_entry_says_who_did_what_from_where(database: str) -> None:
    actor, subject = uuid4(), uuid4()
    before = origin.set(Origin("192.0.2.7", "request-1"))
    async with db.scope(db.SYSTEM) as session:
        await audit.record(
            session,
            "user.deactivated",
            actor_type="user",
            actor_id=actor,
            subject_type="user",
            subject_id=subject,
            data={"is_active": False},
        )
    origin.reset(before)
    [entry] = await entries_of(actor)
    assert (entry.action, entry.subject_type, entry.subject_id) == ("user.deactivated", "user", subject)
    assert (entry.ip, entry.request_id, entry.data) == ("192.0.2.7", "request-1", {"is_active": False})
    assert entry.created_at is not None


async def test_an_entry_falls_with_the_change_it_tells_of(database: str) -> None:
    actor = uuid4()

    async def fail() -> None:
        async with db.scope(db.SYSTEM) as session:
            await audit.record(session, "user.deactivated", actor_type="user", actor_id=actor)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await entries_of(actor) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
async def test_the_application_cannot_change_what_is_written(database: str, statement: str) -> None:
    actor = uuid4()
    await recorded("user.deactivated", actor)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.scope(db.SYSTEM) as session:
            await session.execute(text(statement))
    assert len(await entries_of(actor)) == 1


async def test_a_workspace_sees_its_own_entries_only(database: str) -> None:
    actor, mine = uuid4(), uuid4()
    for workspace_id in (mine, uuid4(), None):
        await recorded("workspace.updated", actor, workspace_id)
    async with db.scope([mine]) as session:
        found = await audit.list_entries(session, Wanted(), limit=50)
    assert [entry.workspace_id for entry in found] == [mine]


async def test_entries_are_found_by_action_and_by_noun(database: str) -> None:
    actor = uuid4()
    for action in ("workspace.updated", "workspace.member_removed", "workspaceless.made"):
        await recorded(action, actor)
    assert [e.action for e in await entries_of(actor, action="workspace.updated")] == ["workspace.updated"]
    assert len(await entries_of(actor, action="workspace.*")) == 2
    assert await entries_of(actor, action="workspace") == []


async def test_entries_are_found_by_time(database: str) -> None:
    actor = uuid4()
    await recorded("workspace.updated", actor)
    [entry] = await entries_of(actor)
    assert len(await entries_of(actor, since=entry.created_at)) == 1
    assert await entries_of(actor, until=entry.created_at) == []
