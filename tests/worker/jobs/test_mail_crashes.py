"""A worker that is killed (kill -9) as it delivers a mail: nothing is lost, what is on record is not repeated."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from core.db.session import asyncpg_url
from core.settings import get_settings
from tests.factories import mails
from tests.factories.mails import new_address
from tests.fixtures.smtp import SmtpServer
from tests.fixtures.system import WorkerHandle

pytestmark = pytest.mark.usefixtures("job_database", "set_mail")


@contextlib.contextmanager
def delivering_worker() -> Iterator[WorkerHandle]:
    """A worker process that does nothing but deliver."""
    with contextlib.closing(WorkerHandle.start({"WORKER_POOLS": "delivery"})) as worker:
        yield worker


@asynccontextmanager
async def held(query: str, mail_id: UUID) -> AsyncIterator[None]:
    """Hold the rows of a query, so that whoever wants to write them waits."""
    connection = await asyncpg.connect(asyncpg_url(get_settings().database_url or ""))
    try:
        async with connection.transaction():
            assert await connection.fetch(query, mail_id)
            yield
    finally:
        await connection.close()


async def reaches(mail_id: UUID, status: str, within_s: float = 40) -> None:
    """Wait for a mail's status."""
    deadline = time.monotonic() + within_s
    while (await mails.row(mail_id))["status"] != status:
        assert time.monotonic() < deadline, await mails.row(mail_id)
        await asyncio.sleep(0.03)


async def test_killed_between_the_servers_250_and_the_note_the_mail_comes_again_as_the_same_mail(
    smtp: SmtpServer,
) -> None:
    smtp.behaviour.hang_s = 0.5
    mail_id = await mails.write(to := new_address())
    with delivering_worker() as worker:
        await reaches(mail_id, "sending")
        async with held("SELECT 1 FROM mail WHERE id = $1 FOR UPDATE", mail_id):
            await smtp.arrived(to)
            await asyncio.sleep(1.5)  # the 250 is out, the note waits for the row
            assert (await mails.row(mail_id))["status"] == "sending"
            worker.kill()
    smtp.behaviour.hang_s = 0
    with delivering_worker():
        await reaches(mail_id, "sent")
    assert [one.message["Message-ID"] for one in smtp.of(to)] == [(await mails.row(mail_id))["message_id"]] * 2


@pytest.mark.slow
async def test_killed_between_the_note_and_the_end_of_its_job_the_mail_is_not_sent_again(smtp: SmtpServer) -> None:
    smtp.behaviour.hang_s = 0.5
    mail_id = await mails.write(to := new_address())
    with delivering_worker() as worker:
        await reaches(mail_id, "sending")
        async with held("SELECT 1 FROM job WHERE subject_id = $1 FOR UPDATE", mail_id):
            await reaches(mail_id, "sent")
            worker.kill()
    with delivering_worker():
        await ended(mail_id)
    assert len(smtp.of(to)) == 1


@pytest.mark.slow
async def test_killed_before_the_last_byte_the_mail_is_sent_once(smtp: SmtpServer) -> None:
    smtp.behaviour.greeting_hangs = True
    mail_id = await mails.write(to := new_address())
    with delivering_worker() as worker:
        await reaches(mail_id, "sending")
        worker.kill()
    smtp.behaviour.greeting_hangs = False
    with delivering_worker():
        await reaches(mail_id, "sent")
    assert len(smtp.of(to)) == 1


async def test_a_worker_that_is_asked_to_stop_hears_the_server_out(smtp: SmtpServer) -> None:
    smtp.behaviour.hang_s = 2.5  # longer than its grace time
    mail_id = await mails.write(to := new_address())
    with delivering_worker():
        await reaches(mail_id, "sending")
        await smtp.arrived(to)
    assert ((await mails.row(mail_id))["status"], len(smtp.of(to))) == ("sent", 1)


async def ended(mail_id: UUID, within_s: float = 40) -> None:
    """Wait until a mail's job has succeeded."""
    deadline = time.monotonic() + within_s
    while (await mails.job_of(mail_id)).status != "succeeded":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
