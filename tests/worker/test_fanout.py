"""The end of a job is mailed to the user who submitted it and asked for that, once, and to nobody else."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.auth.models import User
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.events import service as events
from core.jobs import service as jobs
from core.jobs.service import Author
from core.mail import service as mail
from core.mail.letters import ENDED
from tests.factories import jobs as factory
from tests.factories import mails as mail_rows
from tests.factories.jobs import PROBE, ProbeArgs
from tests.factories.users import join, make_user
from tests.fixtures.smtp import Mails
from worker import fanout
from worker.fanout import fan_out

pytestmark = pytest.mark.usefixtures("job_database")


@pytest.fixture
async def user(workspace_id: UUID) -> User:
    """A member of the workspace who wants to be told."""
    made = await make_user(password_hash="none")
    await join(str(workspace_id), made)
    await wants(made, "true")
    return made


async def wants(user: User, wanted: str) -> None:
    """Set whether a user wants to be told."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text(f"UPDATE app_user SET notify_on_job_end = {wanted} WHERE id = :id"), {"id": user.id})


async def end_job(workspace_id: UUID, author: Author, status: str = "succeeded") -> UUID:
    """Submit a job and end it."""
    async with db.scope([workspace_id]) as session:
        job = await jobs.submit(session, PROBE, ProbeArgs(), workspace_id=workspace_id, author=author)
    await factory.finish(await factory.claim(job.id), status)
    return job.id


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
async def test_the_end_of_a_job_is_mailed_to_who_submitted_it(
    workspace_id: UUID, user: User, mails: Mails, status: str
) -> None:
    job_id = await end_job(workspace_id, Author("user", user.id), status)
    await fan_out()
    [seen] = await mails.for_address(user.email)
    assert (seen.kind, seen.link.rsplit("/", 1)[-1]) == ("job_finished", str(job_id))
    assert ENDED[status] in seen.subject


async def test_who_did_not_ask_is_not_told(workspace_id: UUID, user: User, mails: Mails) -> None:
    await wants(user, "false")
    await end_job(workspace_id, Author("user", user.id))
    await fan_out()
    assert await mails.for_address(user.email) == []


async def test_who_left_the_workspace_is_told_nothing_of_it(workspace_id: UUID, user: User, mails: Mails) -> None:
    await end_job(workspace_id, Author("user", user.id))
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("DELETE FROM workspace_member WHERE user_id = :id"), {"id": user.id})
    await fan_out()
    assert await mails.for_address(user.email) == []


async def test_what_an_api_key_submitted_is_not_mailed(workspace_id: UUID, user: User, mails: Mails) -> None:
    await end_job(workspace_id, Author("api_key", user.id))
    await fan_out()
    assert await mails.for_address(user.email) == []


async def test_an_end_is_mailed_once_however_many_hand_it_out(workspace_id: UUID, user: User, mails: Mails) -> None:
    for _ in range(5):
        await end_job(workspace_id, Author("user", user.id))
    await asyncio.gather(*(fan_out() for _ in range(6)))
    await fan_out()
    assert len(await mails.for_address(user.email)) == 5


async def test_an_end_is_mailed_although_handing_it_out_was_broken_off(
    workspace_id: UUID, user: User, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> UUID:
        raise DatabaseUnavailable

    await end_job(workspace_id, Author("user", user.id))
    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", away)
        with pytest.raises(DatabaseUnavailable):
            await fan_out()
    await fan_out()
    assert len(await mails.for_address(user.email)) == 1


async def test_an_event_that_is_committed_after_a_later_one_is_handed_out_too(workspace_id: UUID, user: User) -> None:
    async with db.scope([workspace_id]) as slow:
        await events.record(slow, type="test.slow", workspace_id=workspace_id)
        async with db.scope([workspace_id]) as quick:
            await events.record(quick, type="test.quick", workspace_id=workspace_id)
        first = await taken()
    assert (first, await taken()) == (["test.quick"], ["test.slow"])


async def test_shards_are_not_mailed_but_their_parent_is(workspace_id: UUID, user: User, mails: Mails) -> None:
    async with db.scope([workspace_id]) as session:
        job = await jobs.submit(session, PROBE, ProbeArgs(), workspace_id=workspace_id, author=Author("user", user.id))
    hints = await factory.fan_out(await factory.claim(job.id), 2)
    for hint in hints:
        await factory.finish(await factory.claim(hint.job_id))
    await factory.finish(await factory.claim(job.id))
    await fan_out()
    assert [seen.link.rsplit("/", 1)[-1] for seen in await mails.for_address(user.email)] == [str(job.id)]


async def test_a_mail_that_was_sent_is_not_mailed_about(user: User) -> None:
    mail_id = await mail_rows.write(user.email)
    job = await mail_rows.job_of(mail_id)
    await factory.finish(await factory.claim(job.id))
    assert await taken() == []


async def test_one_end_that_cannot_be_mailed_does_not_keep_the_others(
    workspace_id: UUID, user: User, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await make_user(password_hash="none")
    await join(str(workspace_id), other)
    await wants(other, "true")
    send = mail.send

    async def refuse_one(session: Any, content: Any, *, to: str, **more: Any) -> UUID:
        if to == user.email:
            await session.execute(text("SELECT 1/0"))
        return await send(session, content, to=to, **more)

    monkeypatch.setattr(mail, "send", refuse_one)
    for one in (user, other):
        await end_job(workspace_id, Author("user", one.id))
    await fan_out()
    assert (len(await mails.for_address(user.email)), len(await mails.for_address(other.email))) == (0, 1)


async def test_a_full_batch_says_that_more_may_wait(workspace_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "BATCH", 2)
    for _ in range(3):
        await end_job(workspace_id, Author("user", uuid4()))
    assert (await fan_out(), await fan_out()) == (True, False)


async def taken() -> list[str]:
    """Hand out what waits, to nobody; return the types."""
    async with db.scope(db.SYSTEM) as session:
        return [one.type for one in await events.take(session, 100)]
