"""Mails to send, and what their rows and jobs say."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from core.db import session as db
from core.jobs.models import Job
from core.llm.scripted import ScriptedModel
from core.mail import service
from core.mail.content import Mail, VerifyEmail
from tests.fixtures.runners import MakeRunner

TOKEN = "a-token-that-nobody-else-may-see"


def new_address() -> str:
    """Return an address that no other test writes to."""
    return f"{uuid4().hex}@example.org"


async def write(to: str, mail: Mail | None = None, **more: Any) -> UUID:
    """Write a mail, a verification unless told otherwise, and return its id."""
    async with db.scope(db.SYSTEM) as session:
        return await service.send(session, mail or VerifyEmail("Ada Lopez", TOKEN), to=to, **more)


async def row(mail_id: UUID) -> dict[str, Any]:
    """Return a mail's row."""
    async with db.scope(db.SYSTEM) as session:
        found = await session.execute(text("SELECT * FROM mail WHERE id = :id"), {"id": mail_id})
        return dict(found.one()._mapping)


async def change(mail_id: UUID, column: str, value: str) -> None:
    """Set a column of a mail's row to an expression."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text(f"UPDATE mail SET {column} = {value} WHERE id = :id"), {"id": mail_id})


async def job_of(mail_id: UUID) -> Job:
    """Return the job that delivers a mail."""
    async with db.scope(db.SYSTEM) as session:
        found = await session.execute(text("SELECT id FROM job WHERE subject_id = :id"), {"id": mail_id})
        job = await session.get(Job, found.scalar_one(), populate_existing=True)
    assert job is not None
    return job


async def run(make_runner: MakeRunner, mail_id: UUID) -> Job:
    """Let a worker deliver a mail if its job is there to take; return how the job stands then."""
    await make_runner(ScriptedModel({})).run((await job_of(mail_id)).id)
    return await job_of(mail_id)


async def due(mail_id: UUID) -> None:
    """Let the wait for the next delivery be over."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("UPDATE job SET next_attempt_at = now() - interval '1 second' WHERE subject_id = :id"),
            {"id": mail_id},
        )
