"""Operations of the co-pilot: open, read, list and change sessions, read messages, submit what it is asked for.

A session is its author's alone, a user or an API key: to everybody else there is none.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db.base import uuid7
from core.explorations.errors import ExplorationNotFound
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.jobs.service import Author
from core.omi import greetings, repository
from core.omi.errors import OmiSessionFull, OmiSessionNotFound
from core.omi.jobs import CHAT
from core.omi.models import OmiMessage, OmiSession
from core.omi.schemas import OmiSessionRead
from core.omi.stages import STATE_OF, Holdings, MessageType, OmiState, stage_of

MOST_MESSAGES: Final = 10_000
"""Messages a session can hold."""


async def workspace_of(session: AsyncSession, exploration_id: UUID) -> UUID:
    """Return the workspace of an exploration that the session's scope shows; raises ExplorationNotFound."""
    found = await repository.find_workspace(session, exploration_id)
    if found is None:
        raise ExplorationNotFound
    return found


async def is_there(session: AsyncSession, exploration_id: UUID) -> bool:
    """Tell whether an exploration is there, and not deleted."""
    return await repository.find_workspace(session, exploration_id) is not None


async def holdings(session: AsyncSession, exploration_id: UUID) -> Holdings:
    """Return what an exploration holds; raises ExplorationNotFound."""
    found = await repository.list_holdings(session, [exploration_id])
    if exploration_id not in found:
        raise ExplorationNotFound
    return found[exploration_id][1]


async def create(session: AsyncSession, author: Author, exploration_id: UUID) -> OmiSessionRead:
    """Open a session and greet its author; raises ExplorationNotFound."""
    workspace_id = await workspace_of(session, exploration_id)
    held = await holdings(session, exploration_id)
    assert author.id is not None, "the service itself talks to nobody"
    row = OmiSession(
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        state=STATE_OF["greeting"],
        created_by_type=author.type,
        created_by_id=author.id,
    )
    session.add(row)
    await session.flush()
    await repository.keep_first_stage(session, exploration_id, workspace_id, stage_of(held))
    await say(session, row, greetings.greeting(held), type_="greeting")
    await session.refresh(row)
    return OmiSessionRead.of(row, stage_of(held))


async def own(session: AsyncSession, session_id: UUID, author: Author, *, lock: bool = False) -> OmiSession:
    """Return the author's session; raises OmiSessionNotFound."""
    found: OmiSession | None = await repository.find_session(session, session_id, author, lock=lock)
    if found is None:
        raise OmiSessionNotFound
    return found


async def hold(session: AsyncSession, session_id: UUID) -> OmiSession:
    """Return a session, whoever's it is, held against other messages; raises OmiSessionNotFound."""
    found = await session.get(OmiSession, session_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise OmiSessionNotFound
    return found


async def message(session: AsyncSession, session_id: UUID, message_id: UUID) -> OmiMessage:
    """Return a message of a session; raises OmiSessionNotFound."""
    found = await session.get(OmiMessage, message_id)
    if found is None or found.session_id != session_id:
        raise OmiSessionNotFound
    return found


async def say_to(
    session: AsyncSession,
    exploration_id: UUID,
    author_id: UUID | None,
    type_: MessageType,
    content: str,
    *,
    state: OmiState,
    data: dict[str, Any],
    job_id: UUID,
) -> None:
    """Write a message of the co-pilot into an author's sessions of an exploration, if there are any."""
    if author_id is None:
        return
    written = {
        "type": type_,
        "state": state,
        "content": content,
        "data": json.dumps(data),
        "job_id": job_id,
        "author_id": author_id,
    }
    await repository.say_in_all(session, exploration_id, written, most=MOST_MESSAGES)


async def say_in_all(
    session: AsyncSession,
    exploration_id: UUID,
    type_: MessageType,
    content: str,
    data: dict[str, Any],
    job_id: UUID | None = None,
) -> None:
    """Write a message of the co-pilot into all sessions of an exploration."""
    written = {"type": type_, "state": STATE_OF[type_], "content": content, "data": json.dumps(data)}
    await repository.say_in_all(
        session, exploration_id, written | {"job_id": job_id, "author_id": None}, most=MOST_MESSAGES
    )


async def read(session: AsyncSession, row: OmiSession) -> OmiSessionRead:
    """Return a session with its exploration's stage; raises ExplorationNotFound."""
    return OmiSessionRead.of(row, stage_of(await holdings(session, row.exploration_id)))


async def list_for(
    session: AsyncSession,
    author: Author,
    exploration_id: UUID | None,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[OmiSessionRead]:
    """Return the author's sessions, newest first; raises ExplorationNotFound for an exploration that is not there."""
    if exploration_id is not None:
        await workspace_of(session, exploration_id)
    rows = await repository.list_sessions(session, author, exploration_id, limit=limit, before=before)
    held = await repository.list_holdings(session, sorted({row.exploration_id for row in rows}))
    return [OmiSessionRead.of(row, stage_of(held[row.exploration_id][1])) for row in rows]


async def set_state(session: AsyncSession, session_id: UUID, author: Author, state: OmiState) -> OmiSessionRead:
    """Change how the co-pilot looks; raises OmiSessionNotFound."""
    row = await own(session, session_id, author, lock=True)
    row.state = state
    row.updated_at = clock.now()
    await session.flush()
    return await read(session, row)


async def messages(session: AsyncSession, row: OmiSession, *, limit: int, after: int) -> list[OmiMessage]:
    """Return a session's messages by number."""
    return await repository.list_messages(session, row.id, limit=limit, after=after)


async def actions(
    session: AsyncSession, row: OmiSession, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[JobRead]:
    """Return what is in progress: the jobs of the exploration that have not ended, newest first."""
    return await jobs.list_for(
        session,
        workspace_ids=[row.workspace_id],
        exploration_id=row.exploration_id,
        active=True,
        limit=limit,
        before=before,
    )


async def forget(session: AsyncSession, user_id: UUID) -> None:
    """Delete what a user and the co-pilot said to each other; opened in the system scope."""
    await repository.delete_all_of(session, user_id, CHAT.kind)


async def say(
    session: AsyncSession,
    row: OmiSession,
    content: str,
    *,
    type_: MessageType | None,
    state: OmiState | None = None,
    data: dict[str, Any] | None = None,
    job_id: UUID | None = None,
    reply_to_id: UUID | None = None,
    id_: UUID | None = None,
) -> OmiMessage:
    """Write a message into a session held by this transaction: of the co-pilot, or without a type of the user.

    Raises OmiSessionFull.
    """
    if row.last_number >= MOST_MESSAGES:
        raise OmiSessionFull
    row.last_number += 1
    row.updated_at = clock.now()
    looks = state or (STATE_OF[type_] if type_ else None)
    if looks is not None:
        row.state = looks
    message = OmiMessage(
        id=id_ or uuid7(),
        workspace_id=row.workspace_id,
        session_id=row.id,
        number=row.last_number,
        role="omi" if type_ else "user",
        type=type_,
        omi_state=looks if type_ else None,
        content=content,
        data=data or {},
        job_id=job_id,
        reply_to_id=reply_to_id,
    )
    session.add(message)
    await session.flush()
    return message
