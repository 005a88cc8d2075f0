"""Submit what the co-pilot is asked for: a chat's message, guidance, a validation. Each is a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.contract import JobArgs, JobContract
from core.jobs.schemas import JobRead, Submission
from core.jobs.service import Author
from core.omi import service as omi
from core.omi.jobs import CHAT, GUIDE, VALIDATE, Chat, Guide, Validate
from core.omi.schemas import GuidanceCreate, OmiMessageCreate, ValidationCreate
from core.workspaces.access import Member


async def start_chat(session: AsyncSession, author: Author, session_id: UUID, body: OmiMessageCreate) -> JobRead:
    """Write what the user says and the job that answers it; raises OmiSessionNotFound, OmiSessionFull."""
    row = await omi.own(session, session_id, author, lock=True)
    await explorations.get(session, row.workspace_id, row.exploration_id, hold=True)
    said = await omi.say(session, row, body.content, type_=None, state="thinking")
    job = await jobs.submit(
        session,
        CHAT,
        Chat(session_id=row.id, message_id=said.id, seed=body.seed),
        workspace_id=row.workspace_id,
        author=author,
        exploration_id=row.exploration_id,
        subject_id=row.id,
        options=body.job,
    )
    said.job_id = job.id
    await session.flush()
    return job


async def start_guidance(session: AsyncSession, member: Member, body: GuidanceCreate) -> JobRead:
    """Submit guidance; raises ExplorationNotFound."""
    args = Guide(exploration_id=body.exploration_id, stage=body.stage, author_id=member.author.id, seed=body.seed)
    return await _submit(session, member, GUIDE, args, body.exploration_id, body)


async def start_validation(session: AsyncSession, member: Member, body: ValidationCreate) -> JobRead:
    """Submit a validation; raises ExplorationNotFound."""
    args = Validate(
        exploration_id=body.exploration_id,
        stage=body.stage,
        data=body.data,
        author_id=member.author.id,
        seed=body.seed,
    )
    return await _submit(session, member, VALIDATE, args, body.exploration_id, body)


async def _submit(
    session: AsyncSession,
    member: Member,
    contract: JobContract[Any],
    args: JobArgs,
    exploration_id: UUID,
    body: Submission,
) -> JobRead:
    await explorations.get(session, member.workspace_id, exploration_id, hold=True)
    return await jobs.submit(
        session,
        contract,
        args,
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_id=exploration_id,
        options=body.job,
    )
