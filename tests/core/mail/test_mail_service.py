"""A mail is written with the change it tells of, and what it says is sealed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.db import session as db
from core.mail import service
from core.mail.content import Invitation, VerifyEmail
from tests.factories import mails as rows
from tests.factories.mails import TOKEN, new_address
from tests.fixtures.smtp import Mails


async def test_a_mail_of_a_change_that_is_rolled_back_is_never_sent(job_database: None) -> None:
    to = new_address()
    with suppress(ZeroDivisionError):
        async with db.scope(db.SYSTEM) as session:
            await service.send(session, VerifyEmail("Ada", TOKEN), to=to)
            raise ZeroDivisionError
    async with db.scope(db.SYSTEM) as session:
        found = await session.execute(text("SELECT count(*) FROM mail WHERE to_address = :to"), {"to": to})
        assert found.scalar_one() == 0


async def test_a_token_is_in_no_row_in_the_clear(job_database: None) -> None:
    mail_id = await rows.write(new_address())
    async with db.scope(db.SYSTEM) as session:
        for query in (
            "SELECT mail::text FROM mail WHERE id = :id",
            "SELECT encode(content, 'escape') FROM mail WHERE id = :id",
            "SELECT job::text FROM job WHERE subject_id = :id",
            "SELECT job_event::text FROM job_event JOIN job ON job.id = job_id WHERE subject_id = :id",
        ):
            assert TOKEN not in (await session.execute(text(query), {"id": mail_id})).scalar_one()


async def test_a_workspaces_scope_writes_mails_but_its_job_is_the_services_own(workspace_id: UUID) -> None:
    async with db.scope([workspace_id]) as session:
        mail_id = await service.send(
            session, Invitation("Ada", "Study", "member", TOKEN), to=new_address(), workspace_id=workspace_id
        )
        seen = await session.execute(text("SELECT count(*) FROM job WHERE subject_id = :id"), {"id": mail_id})
        assert seen.scalar_one() == 0
    assert (await rows.job_of(mail_id)).workspace_id is None


async def test_writing_a_mail_leaves_the_scope_as_it_was(workspace_id: UUID) -> None:
    async with db.scope([workspace_id]) as session:
        before = (await session.execute(text("SELECT current_setting('app.workspace_ids')"))).scalar_one()
        await service.send(session, VerifyEmail("Ada", TOKEN), to=new_address(), workspace_id=workspace_id)
        after = (await session.execute(text("SELECT current_setting('app.workspace_ids')"))).scalar_one()
    assert before == after == str(workspace_id)


async def test_a_mail_goes_with_its_workspace(workspace_id: UUID) -> None:
    mail_id = await rows.write(new_address(), workspace_id=workspace_id)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("DELETE FROM workspace WHERE id = :id"), {"id": workspace_id})
    async with db.scope(db.SYSTEM) as session:
        assert await service.begin(session, mail_id) == "gone"


async def test_what_is_of_no_use_any_more_is_wiped(job_database: None) -> None:
    mail_id = await rows.write(new_address(), expires_at=clock.now() - timedelta(hours=2))
    async with db.scope(db.SYSTEM) as session:
        await service.purge(session)
    row = await rows.row(mail_id)
    assert (row["content"], row["status"], row["error"]) == (None, "failed", {"code": "mail_expired"})


async def test_rows_settled_long_ago_are_deleted_and_waiting_ones_are_not(job_database: None) -> None:
    waiting, settled = await rows.write(new_address()), await rows.write(new_address())
    await rows.change(settled, "content", "NULL")
    for mail_id in (waiting, settled):
        await rows.change(mail_id, "created_at", "now() - interval '31 days'")
    async with db.scope(db.SYSTEM) as session:
        await service.purge(session)
        left = await session.execute(text("SELECT id FROM mail WHERE id = ANY(:ids)"), {"ids": [waiting, settled]})
        assert list(left.scalars()) == [waiting]


async def test_all_mails_to_an_address_can_be_forgotten(job_database: None) -> None:
    to, other = new_address(), new_address()
    await rows.write(to)
    kept = await rows.write(other)
    async with db.scope(db.SYSTEM) as session:
        await service.forget(session, to)
        query = text("SELECT id FROM mail WHERE to_address = ANY(:addresses)")
        left = await session.execute(query, {"addresses": [to, other]})
        assert list(left.scalars()) == [kept]


async def test_tests_can_read_a_mail_that_waits(job_database: None, mails: Mails) -> None:
    to = new_address()
    await rows.write(to)
    [seen] = await mails.for_address(to)
    assert (seen.kind, seen.token) == ("verify_email", TOKEN)
