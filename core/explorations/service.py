"""Operations on explorations: create, get, list, update, set the method, delete."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.db import session as db
from core.db.paging import newest_first
from core.events import service as events
from core.explorations.errors import ExplorationEnded, ExplorationNotFound
from core.explorations.models import Exploration
from core.explorations.schemas import ExplorationCreate, ExplorationFilter, ExplorationUpdate, MethodUpdate
from core.jobs import service as jobs
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

FLAGS: Final = ("is_ended", "is_quantitative", "is_qualitative")


async def create(session: AsyncSession, member: Member, body: ExplorationCreate) -> Exploration:
    """Make an exploration."""
    exploration = Exploration(workspace_id=member.workspace_id, created_by_id=member.author.id, **body.model_dump())
    session.add(exploration)
    await session.flush()
    await session.refresh(exploration)
    await _tell(session, exploration, "exploration.created")
    return exploration


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, *, hold: bool = False) -> Exploration:
    """Return an exploration of the workspace; `hold` keeps it from being changed until this transaction ends.

    Raises ExplorationNotFound.
    """
    query = select(Exploration).where(
        col(Exploration.id) == exploration_id,
        col(Exploration.workspace_id) == workspace_id,
        col(Exploration.deleted_at).is_(None),
    )
    found = (await session.execute(query.with_for_update(read=True) if hold else query)).scalar_one_or_none()
    if found is None:
        raise ExplorationNotFound
    return found


_HOLD = """
    SELECT is_ended FROM exploration WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL FOR SHARE
"""


async def require_open(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> None:
    """Hold an exploration that takes new work: who deletes it meanwhile waits, and then sees the work.

    Raises ExplorationNotFound, ExplorationEnded.
    """
    ended = await db.driver_of(session).fetchval(_HOLD, exploration_id, workspace_id)
    if ended is None:
        raise ExplorationNotFound
    if ended:
        raise ExplorationEnded


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    wanted: ExplorationFilter,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[Exploration]:
    """Return those of a workspace's explorations that are wanted, newest first.

    `q` are words, each of which title or description have in any case.
    """
    query = select(Exploration).where(
        col(Exploration.workspace_id) == workspace_id, col(Exploration.deleted_at).is_(None)
    )
    for name in FLAGS:
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Exploration, name) == value)
    for word in (wanted.q or "").split():
        has_word = [col(name).icontains(word, autoescape=True) for name in (Exploration.title, Exploration.description)]
        query = query.where(or_(*has_word))
    query = newest_first(query, Exploration, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def update(
    session: AsyncSession, member: Member, exploration_id: UUID, body: ExplorationUpdate | MethodUpdate
) -> Exploration:
    """Change what is given of an exploration; raises ExplorationNotFound."""
    exploration = await get(session, member.workspace_id, exploration_id)
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    for name, value in changes.items():
        if value is not None or name == "country":
            setattr(exploration, name, value)
    exploration.updated_at = clock.now()
    await session.flush()
    await _tell(session, exploration, "exploration.updated")
    return exploration


async def delete(session: AsyncSession, member: Member, exploration_id: UUID) -> None:
    """Delete an exploration and ask for the end of its jobs; what was answered in it is kept.

    Raises ExplorationNotFound.
    """
    exploration = await get(session, member.workspace_id, exploration_id)
    exploration.deleted_at = clock.now()
    await session.flush()
    await jobs.request_cancel_all(session, member.workspace_id, exploration_id)
    await _tell(session, exploration, "exploration.deleted")
    await record_deleted(session, member, "exploration", exploration.id, {"title": exploration.title})


async def _tell(session: AsyncSession, exploration: Exploration, type_: str) -> None:
    await events.record(
        session,
        type=type_,
        workspace_id=exploration.workspace_id,
        exploration_id=exploration.id,
        subject_type="exploration",
        subject_id=exploration.id,
    )
