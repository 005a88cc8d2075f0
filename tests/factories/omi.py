"""Explorations, sessions and jobs of the co-pilot in a workspace without the product around it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from core.db import session as db
from core.explorations.models import Exploration
from core.jobs.schemas import JobRead
from core.jobs.service import Author
from core.omi import asking
from core.omi import service as omi
from core.omi.digest import Digest, PersonasDigest
from core.omi.models import OmiMessage
from core.omi.schemas import OmiMessageCreate, OmiSessionRead
from core.omi.stages import Holdings
from core.personas import service as personas
from core.personas.schemas import PersonaCreate
from core.workspaces.access import Member
from tests.factories.explorations import exploration
from tests.factories.personas import persona

AUTHOR = Author("user", uuid4())


def digest_of(**over: Any) -> Digest:
    """A study in short."""
    given: dict[str, Any] = {
        "title": "Mood",
        "description": "Who feels better off?",
        "country": None,
        "stage": "workspace_setup",
        "holdings": Holdings(),
        "personas": PersonasDigest(count=0),
    }
    return Digest(**given | over)


async def explore(workspace_id: UUID, **members: Any) -> UUID:
    """Store an exploration and return its id."""
    row = Exploration(workspace_id=workspace_id, **(exploration() | members))
    async with db.scope([workspace_id]) as session:
        session.add(row)
    return row.id


async def open_session(workspace_id: UUID, exploration_id: UUID, author: Author = AUTHOR) -> OmiSessionRead:
    """Open a session."""
    async with db.scope([workspace_id]) as session:
        return await omi.create(session, author, exploration_id)


async def say(talk: OmiSessionRead, content: str, seed: int = 0) -> JobRead:
    """Say something in a session; return the job that answers."""
    body = OmiMessageCreate.model_validate({"content": content, "seed": seed})
    async with db.scope([talk.workspace_id]) as session:
        return await asking.start_chat(session, AUTHOR, talk.id, body)


async def messages(talk: OmiSessionRead) -> list[OmiMessage]:
    """Return what was said in a session."""
    async with db.scope([talk.workspace_id]) as session:
        row = await omi.hold(session, talk.id)
        return await omi.messages(session, row, limit=200, after=0)


async def add_personas(workspace_id: UUID, exploration_id: UUID, *names: str) -> None:
    """Store personas."""
    async with db.scope([workspace_id]) as session:
        for name in names:
            await personas.create(session, workspace_id, exploration_id, PersonaCreate.model_validate(persona(name)))


def member(workspace_id: UUID) -> Member:
    """Return the author as a member."""
    return Member(workspace_id, AUTHOR, "member")


async def heard(job_id: UUID) -> list[dict[str, Any]]:
    """Return the data of a job's `log` events, in order."""
    query = "SELECT data FROM job_event WHERE job_id = :id AND event = 'log' ORDER BY sequence"
    async with db.scope(db.SYSTEM) as session:
        return [row.data for row in await session.execute(text(query), {"id": job_id})]


def text_of(pieces: list[dict[str, Any]]) -> str:
    """Put pieces together as who follows the stream does: each is the text from its offset on."""
    whole = ""
    for piece in pieces:
        whole = whole[: piece["offset"]] + piece["text"]
    return whole
