"""Files of an objective: evidence of its exploration that is attached to it.

require_open     whether an objective takes files
add              store a file, attached, and the job that extracts it
list_for         the files of an objective
remove           a file of an objective, with its passages
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.evidence import service as evidence
from core.evidence.errors import EvidenceNotFound
from core.evidence.intake import TakenFile
from core.evidence.schemas import EvidenceRead
from core.explorations import service as explorations
from core.jobs.schemas import JobOptions, JobRead
from core.objectives import repository
from core.objectives.models import ResearchObjective
from core.workspaces.access import Member


async def require_open(session: AsyncSession, member: Member, objective_id: UUID) -> ResearchObjective:
    """Return an objective that takes files; raises ObjectiveNotFound, ExplorationEnded."""
    row = await repository.get_by_id(session, member.workspace_id, objective_id)
    await explorations.require_open(session, member.workspace_id, row.exploration_id)
    return row


async def add(
    session: AsyncSession, member: Member, objective_id: UUID, taken: TakenFile, options: JobOptions | None
) -> JobRead:
    """Attach a file, new or known to the exploration, and submit its extraction.

    Raises ObjectiveNotFound, ExplorationEnded, EvidenceOfAnotherObjective.
    """
    row = await require_open(session, member, objective_id)
    return await evidence.create_file(
        session, member, row.exploration_id, taken, research_objective_id=row.id, options=options
    )


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    objective_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[EvidenceRead]:
    """Return the files of an objective, newest first; raises ObjectiveNotFound."""
    row = await repository.get_by_id(session, workspace_id, objective_id)
    return await evidence.list_for(
        session, workspace_id, row.exploration_id, research_objective_id=row.id, limit=limit, before=before
    )


async def remove(session: AsyncSession, member: Member, objective_id: UUID, evidence_id: UUID) -> None:
    """Delete a file of an objective with all that was made of it; raises ObjectiveNotFound, EvidenceNotFound."""
    row = await repository.get_by_id(session, member.workspace_id, objective_id)
    found = await evidence.get(session, member.workspace_id, row.exploration_id, evidence_id)
    if found.research_objective_id != row.id:
        raise EvidenceNotFound
    await evidence.delete(session, member, row.exploration_id, evidence_id)
