"""Operations on exports of workspaces: start, read, keep what was written, give it out, delete what is old."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.audit import service as audit
from core.exports.errors import ExportNotFound, ExportNotReady
from core.exports.jobs import EXPORT_WORKSPACE, ExportWorkspace
from core.exports.models import WorkspaceExport
from core.exports.schemas import ExportCreate, ExportRead
from core.exports.writing import SUBJECT, Scope
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.storage import service as storage
from core.workspaces.access import Member
from core.workspaces.service import require_admin

KEPT_FOR: Final = timedelta(days=7)
PART_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """What was stored of an export: pieces, bytes in all, and their SHA-256 in hex."""

    parts: int
    size: int
    sha256: str


async def start(session: AsyncSession, member: Member, body: ExportCreate) -> JobRead:
    """Write an export and its job; raises WorkspaceRoleTooLow."""
    require_admin(member)
    made = WorkspaceExport(workspace_id=member.workspace_id)
    session.add(made)
    await session.flush()
    job = await jobs.submit(
        session,
        EXPORT_WORKSPACE,
        ExportWorkspace(export_id=made.id),
        workspace_id=member.workspace_id,
        author=member.author,
        subject_id=member.workspace_id,
        options=body.job,
    )
    made.job_id = job.id
    await session.flush()
    await audit.record(
        session,
        "workspace.exported",
        actor_type=member.author.type,
        actor_id=member.author.id,
        workspace_id=member.workspace_id,
        subject_type="workspace",
        subject_id=member.workspace_id,
        data={"export_id": made.id},
    )
    return job


async def get(session: AsyncSession, workspace_id: UUID, export_id: UUID) -> WorkspaceExport:
    """Return an export; raises ExportNotFound, also when it has expired."""
    query = select(WorkspaceExport).where(
        col(WorkspaceExport.workspace_id) == workspace_id, col(WorkspaceExport.id) == export_id
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None or (found.expires_at is not None and found.expires_at <= clock.now()):
        raise ExportNotFound
    return found


def read(export: WorkspaceExport) -> ExportRead:
    """Return an export's shape."""
    link = link_of(export) if export.parts is not None else None
    return ExportRead.model_validate(export.model_dump() | {"link": link})


def link_of(export: WorkspaceExport) -> str:
    """Return the path of an export's file."""
    return f"/workspaces/{export.workspace_id}/export/{export.id}/file"


def require_made(export: WorkspaceExport) -> Written:
    """Return what there is to send; raises ExportNotReady."""
    if export.parts is None or export.size is None or export.sha256 is None:
        raise ExportNotReady
    return Written(export.parts, export.size, export.sha256)


async def pieces(scope: Scope, workspace_id: UUID, export_id: UUID, parts: int) -> AsyncIterator[bytes]:
    """Yield an export's bytes, a piece at a time; no transaction is open between them."""
    for number in range(parts):
        async with scope() as session:
            stored = await storage.get(session, workspace_id, export_id, part_name(number))
        yield stored.data


def part_name(number: int) -> str:
    """Return the name under which a piece is stored."""
    return f"part-{number:06}"


async def keep_part(session: AsyncSession, workspace_id: UUID, export_id: UUID, number: int, data: bytes) -> None:
    """Store one piece, in place of what an earlier run stored there."""
    await storage.put(
        session,
        workspace_id=workspace_id,
        subject_type=SUBJECT,
        subject_id=export_id,
        name=part_name(number),
        content_type="application/octet-stream",
        data=data,
    )


async def complete(session: AsyncSession, workspace_id: UUID, export_id: UUID, written: Written) -> None:
    """Note that an export is made, and delete those before it; raises ExportNotFound."""
    made = await get(session, workspace_id, export_id)
    made.parts, made.size, made.sha256 = written.parts, written.size, written.sha256
    made.expires_at = clock.now() + KEPT_FOR
    await session.flush()
    query = select(WorkspaceExport).where(
        col(WorkspaceExport.workspace_id) == workspace_id,
        col(WorkspaceExport.id) != export_id,
        col(WorkspaceExport.parts).is_not(None),
    )
    for earlier in (await session.execute(query)).scalars():
        await _delete(session, earlier)


async def purge(session: AsyncSession, limit: int = 20) -> None:
    """Delete exports that have expired, a few at a time; opened in the system scope."""
    query = select(WorkspaceExport).where(col(WorkspaceExport.expires_at) <= clock.now()).limit(limit)
    for expired in (await session.execute(query)).scalars().all():
        await _delete(session, expired)


async def _delete(session: AsyncSession, export: WorkspaceExport) -> None:
    await storage.delete_for(session, export.workspace_id, export.id)
    await session.execute(delete(WorkspaceExport).where(col(WorkspaceExport.id) == export.id))
