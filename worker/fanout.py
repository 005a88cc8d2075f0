"""Hands events out, each once: what is made of one is committed with its mark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import notified
from core.auth.models import User
from core.db import session as db
from core.events import service as events
from core.events.service import Told
from core.jobs import submitters
from core.mail import service as mail
from core.mail.content import JobFinished
from core.omi import noticing
from core.webhooks import telling as webhooks
from core.workspaces import service as workspaces
from worker import registry

log = structlog.get_logger(__name__)
BATCH: Final = 1000
ONE_AT_A_TIME: Final = 0x73705F6F7574626F
"""Key of the lock that a round of handing out holds until it is committed."""
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(:lock)")
JOB_ENDS: Final = ("job.succeeded", "job.failed", "job.cancelled")


async def fan_out() -> bool:
    """Hand out a batch of events; tell whether more may wait. Of several at the same time one does it, in order."""
    async with db.scope(db.SYSTEM) as session:
        if not (await session.execute(_ALONE, {"lock": ONE_AT_A_TIME})).scalar_one():
            return False
        taken = await events.take(session, BATCH)
        await _mail_job_ends(session, [one for one in taken if one.type in JOB_ENDS])
        await _together_or_apart(session, taken, webhooks.tell, "event_not_told")
        await _together_or_apart(session, taken, noticing.notice, "event_not_noticed")
    return len(taken) == BATCH


async def tell_progress() -> None:
    """Write what jobs got on as events, where a webhook wants to know."""
    async with db.scope(db.SYSTEM) as session:
        await webhooks.tell_progress(session)


async def _together_or_apart(
    session: AsyncSession,
    taken: Sequence[Told],
    write: Callable[[AsyncSession, Sequence[Told]], Awaitable[object]],
    failed: str,
) -> None:
    """Write what is made of events: together, or one by one where that of one of them cannot be written."""
    try:
        async with session.begin_nested():
            await write(session, taken)
        return
    except db.STATEMENT_ERRORS as error:
        if db.is_away(error):
            raise
    for one in taken:
        try:
            async with session.begin_nested():
                await write(session, [one])
        except db.STATEMENT_ERRORS as error:
            if db.is_away(error):
                raise
            log.exception(failed, event_number=one.id)  # the others are told all the same


async def _mail_job_ends(session: AsyncSession, ends: Sequence[Told]) -> None:
    """Mail the ends of jobs to the users who submitted them, if they asked for it."""
    told = {one.job_id: one for one in ends if one.job_id is not None and _is_public(str(one.data.get("kind")))}
    if not told:
        return
    by_user = await submitters.users_of(session, list(told))
    for user in await notified.list_wanting_job_ends(session, list(by_user)):
        entered = set(await workspaces.list_ids(session, user))
        for job_id in by_user[user.id]:
            if told[job_id].workspace_id not in entered:
                continue  # left meanwhile: nothing of the workspace is told any more
            try:
                async with session.begin_nested():
                    await _mail(session, user, told[job_id], job_id)
            except db.STATEMENT_ERRORS as error:
                if db.is_away(error):
                    raise
                log.exception("job_end_not_mailed", job_id=str(job_id))  # the others are told all the same


async def _mail(session: AsyncSession, user: User, told: Told, job_id: UUID) -> None:
    workspace = await workspaces.get(session, told.workspace_id)
    content = JobFinished(str(told.data["kind"]), told.data["status"], job_id, workspace.name)
    await mail.send(session, content, to=user.email, workspace_id=told.workspace_id)


def _is_public(kind: str) -> bool:
    """Tell whether callers submit a kind; one that this release does not know, a newer one's callers do."""
    found = registry.find(kind)
    return found is None or found.contract.public
