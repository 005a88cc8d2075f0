"""What can be done with research objectives.

create, get, list_for, update, delete     a caller's objectives
current                                   the one that an exploration works on, for other packages
analyses                                  every analysis of one, as it was
count_by_status                           how many an exploration has
tell                                      the event of a change
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.events import service as events
from core.explorations import service as explorations
from core.objectives import repository
from core.objectives.components import components_of, stored_components
from core.objectives.judging import moved, with_user_values
from core.objectives.models import ResearchObjective
from core.objectives.schemas import AnalysisRead, ObjectiveCreate, ObjectiveRead, ObjectiveSnapshot, ObjectiveUpdate
from core.objectives.scoring import score_of
from core.objectives.source import source_of
from core.objectives.spans import Source
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

SUBJECT = "research_objective"
SOURCE_FIELDS = ("title", "description", "text")


async def create(session: AsyncSession, member: Member, body: ObjectiveCreate) -> ObjectiveRead:
    """Store an objective as a draft; raises ExplorationNotFound, ExplorationEnded."""
    await explorations.require_open(session, member.workspace_id, body.exploration_id)
    exploration = await explorations.get(session, member.workspace_id, body.exploration_id)
    given = bool(body.description or body.text)
    row = ResearchObjective(
        workspace_id=member.workspace_id,
        exploration_id=exploration.id,
        title=body.title or exploration.title,
        description=(body.description or "") if given else exploration.description,
        text=body.text or "",
        clarifications=[],
        components={},
        set_by_user={},
        questions=[],
        created_by_id=member.author.id,
    )
    session.add(row)
    return await _written(session, row, "created")


async def get(session: AsyncSession, workspace_id: UUID, objective_id: UUID) -> ObjectiveRead:
    """Return an objective; raises ObjectiveNotFound."""
    return ObjectiveRead.of(await repository.get_by_id(session, workspace_id, objective_id))


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    exploration_id: UUID | None = None,
    status: str | None = None,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[ObjectiveRead]:
    """Return a workspace's objectives, newest first; raises ExplorationNotFound for a filter that names none."""
    if exploration_id is not None:
        await explorations.get(session, workspace_id, exploration_id)
    found = await repository.list_for_workspace(
        session, workspace_id, exploration_id=exploration_id, status=status, limit=limit, before=before
    )
    return [ObjectiveRead.of(row) for row in found]


async def current(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> ObjectiveSnapshot | None:
    """Return the newest objective of an exploration as it stands, None without one."""
    found = await repository.list_for_workspace(
        session, workspace_id, exploration_id=exploration_id, status=None, limit=1, before=None
    )
    return ObjectiveSnapshot.of(found[0]) if found else None


async def count_by_status(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[str, int]:
    """Return how many objectives of an exploration have each status."""
    return await repository.count_by_status(session, workspace_id, exploration_id)


async def analyses(
    session: AsyncSession, workspace_id: UUID, objective_id: UUID, *, limit: int, below: int
) -> list[AnalysisRead]:
    """Return an objective's analyses, newest first, those numbered below `below`; raises ObjectiveNotFound."""
    await repository.get_by_id(session, workspace_id, objective_id)
    return [
        AnalysisRead.of(row) for row in await repository.list_analyses(session, objective_id, limit=limit, below=below)
    ]


async def update(session: AsyncSession, member: Member, objective_id: UUID, body: ObjectiveUpdate) -> ObjectiveRead:
    """Change an objective: another source makes it a draft, components that are set are scored anew.

    Raises ObjectiveNotFound.
    """
    row = await repository.get_by_id(session, member.workspace_id, objective_id, lock=True)
    before = source_of(row)
    for name in SOURCE_FIELDS:
        value = getattr(body, name)
        if value is not None:
            setattr(row, name, value)
    changed = source_of(row) != before
    if changed or body.components is not None:
        await _settle(session, row, body, changed=changed)
    row.updated_at = clock.now()
    return await _written(session, row, "updated")


async def delete(session: AsyncSession, member: Member, objective_id: UUID) -> None:
    """Take an objective out of sight; its analyses stay. Raises ObjectiveNotFound."""
    row = await repository.get_by_id(session, member.workspace_id, objective_id, lock=True)
    row.deleted_at = clock.now()
    await session.flush()
    await tell(session, row, "deleted")
    await record_deleted(session, member, SUBJECT, row.id, {"exploration_id": str(row.exploration_id)})


async def _settle(session: AsyncSession, row: ResearchObjective, body: ObjectiveUpdate, *, changed: bool) -> None:
    """Set components and score of an objective whose source or values have changed.

    It is a draft while its newest analysis is of another source; without any, what the user sets is judged by itself.
    """
    kept = dict(row.set_by_user)
    for name, given in (body.components or {}).items():
        kept.pop(name, None)
        if given is not None:
            kept[name] = given.model_dump(mode="json")
    row.set_by_user = kept
    source = Source(source_of(row))
    analysis = await repository.get_analysis(session, row.analysis_id)
    analyzed = moved(components_of(analysis.components if analysis else None), source)
    components = with_user_values(analyzed, kept, source)
    score = score_of(components, source.text)
    row.components = stored_components(components)
    judged = analysis is not None or bool(kept)
    row.score, row.score_parts = (score.score, dict(score.parts())) if judged else (None, None)
    stale = changed or (row.status == "draft" and analysis is not None)
    row.status = "draft" if stale or not judged else score.status
    row.questions = [one for one in row.questions if one["component"] not in kept]


async def _written(session: AsyncSession, row: ResearchObjective, what: str) -> ObjectiveRead:
    await session.flush()
    await session.refresh(row)
    await tell(session, row, what)
    return ObjectiveRead.of(row)


async def tell(session: AsyncSession, row: ResearchObjective, what: str, *, job_id: UUID | None = None) -> None:
    """Record what happened to an objective (created, updated, analyzed, deleted), in the caller's transaction."""
    await events.record(
        session,
        type=f"objective.{what}",
        workspace_id=row.workspace_id,
        exploration_id=row.exploration_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        job_id=job_id,
        data={"status": row.status, "score": row.score},
    )
