"""Take the jobs of a workspace that is going to be deleted from their workers.

A worker writes only while the job's row is there with its epoch, so nothing of a job comes back once its row is gone.
Its heartbeat finds no row to renew and ends the run; the nudge makes it look at once.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.jobs.models import ACTIVE
from core.jobs.queue import queue

# In the order of ids, as everybody who holds more than one of them: nobody waits in a circle.
_HOLD: Final = text("""
    SELECT id FROM job WHERE workspace_id = :workspace_id AND status = ANY(:active) ORDER BY id FOR UPDATE
""")
_ACTIVE: Final = text("SELECT id FROM job WHERE workspace_id = :workspace_id AND status = ANY(:active)")


async def hold_active(session: AsyncSession, workspace_id: UUID) -> set[UUID]:
    """Return the unfinished jobs of a workspace with their rows held: their workers cannot write meanwhile."""
    values = {"workspace_id": workspace_id, "active": list(ACTIVE)}
    return set((await session.execute(_HOLD, values)).scalars())


async def list_active(session: AsyncSession, workspace_id: UUID) -> set[UUID]:
    """Return the unfinished jobs of a workspace."""
    values = {"workspace_id": workspace_id, "active": list(ACTIVE)}
    return set((await session.execute(_ACTIVE, values)).scalars())


def tell_gone(session: AsyncSession, job_ids: Sequence[UUID]) -> None:
    """Have workers and watchers of jobs look again once the deletion of their rows is committed."""
    if job_ids:
        db.after_commit(session, functools.partial(_nudge, list(job_ids)))


async def _nudge(job_ids: list[UUID]) -> None:
    await queue().nudge(job_ids)
    await queue().tell_changed(job_ids)
