"""What can be found out about personas.

start_validation, get_validation, list_validations   traits that a caller wants judged
gather, keep_verdicts                                what the job judges, and what it saves
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.db.paging import newest_first
from core.events import service as events
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.jobs.shown import shown_status
from core.personas import repository
from core.personas.check_models import TraitsValidation
from core.personas.check_schemas import TraitsValidationRead, ValidateTraitsBody, Verdict
from core.personas.errors import TraitsValidationNotFound
from core.personas.grounding import objective_of
from core.personas.jobs import VALIDATE_TRAITS, ValidateTraits
from core.personas.prompts import Brief
from core.personas.traits import Profile
from core.personas.verdicts import profile_with
from core.workspaces.access import Member

SUBJECT: Final = "traits_validation"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a validation judges: the traits, the persona they are part of, the research."""

    row: TraitsValidation
    profile: Profile
    brief: Brief
    objective: dict[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """What made something that a model had a part in."""

    model: str
    demonstration: bool
    prompt_name: str
    prompt_version: int
    seed: int
    lineage_id: UUID | None


async def start_validation(
    session: AsyncSession, member: Member, exploration_id: UUID, body: ValidateTraitsBody
) -> JobRead:
    """Store traits to judge and submit the job.

    Raises ExplorationNotFound, ExplorationEnded, PersonaNotFound, Invalid for a value that no such trait has.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    known, version = None, None
    if body.persona_id is not None:
        _, current = await repository.get_by_id(session, member.workspace_id, exploration_id, body.persona_id)
        known, version = current.profile, current.version
    row = TraitsValidation(
        workspace_id=member.workspace_id,
        exploration_id=exploration_id,
        persona_id=body.persona_id,
        persona_version=version,
        trait_group=body.trait_group,
        traits=body.traits,
        profile=profile_with(known, body.traits).model_dump(mode="json"),
    )
    session.add(row)
    await session.flush()
    job = await jobs.submit(
        session,
        VALIDATE_TRAITS,
        ValidateTraits(validation_id=row.id),
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        options=body.job,
    )
    row.job_id = job.id
    return job


async def get_validation(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, validation_id: UUID
) -> TraitsValidationRead:
    """Return a validation with its verdicts; raises ExplorationNotFound, TraitsValidationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    return (await _read_all(session, [await _find(session, workspace_id, validation_id, exploration_id)]))[0]


async def list_validations(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    persona_id: UUID | None,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[TraitsValidationRead]:
    """Return an exploration's validations, of one persona or all, newest first; raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    query = select(TraitsValidation).where(
        col(TraitsValidation.workspace_id) == workspace_id, col(TraitsValidation.exploration_id) == exploration_id
    )
    if persona_id is not None:
        query = query.where(col(TraitsValidation.persona_id) == persona_id)
    rows = (await session.execute(newest_first(query, TraitsValidation, limit=limit, before=before))).scalars()
    return await _read_all(session, rows.all())


async def gather(session: AsyncSession, workspace_id: UUID, validation_id: UUID) -> Judged:
    """Return what a job judges; raises TraitsValidationNotFound, ExplorationNotFound when it is gone."""
    row = await _find(session, workspace_id, validation_id)
    exploration = await explorations.get(session, workspace_id, row.exploration_id)
    brief = Brief(title=exploration.title, description=exploration.description or "", country=exploration.country)
    objective = await objective_of(session, workspace_id, row.exploration_id)
    return Judged(row, Profile.model_validate(row.profile), brief, objective)


async def keep_verdicts(
    session: AsyncSession,
    workspace_id: UUID,
    validation_id: UUID,
    verdicts: list[Verdict],
    origin: Origin | None,
) -> None:
    """Store the verdicts, in the transaction that ends the job; `origin` is None where no model was asked."""
    row = await _find(session, workspace_id, validation_id)
    row.verdicts = [one.model_dump(mode="json") for one in verdicts]
    row.decided_at = clock.now()
    if origin is not None:
        row.model, row.demonstration = origin.model, origin.demonstration
        row.prompt_name, row.prompt_version = origin.prompt_name, origin.prompt_version
        row.seed, row.lineage_id = origin.seed, origin.lineage_id
    counts: dict[str, Any] = {}
    for one in verdicts:
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
    await events.record(
        session,
        type="persona.traits_validated",
        workspace_id=row.workspace_id,
        exploration_id=row.exploration_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        job_id=row.job_id,
        data={"persona_id": str(row.persona_id) if row.persona_id else None, "verdicts": counts},
    )


async def _find(
    session: AsyncSession, workspace_id: UUID, validation_id: UUID, exploration_id: UUID | None = None
) -> TraitsValidation:
    query = select(TraitsValidation).where(
        col(TraitsValidation.workspace_id) == workspace_id, col(TraitsValidation.id) == validation_id
    )
    if exploration_id is not None:
        query = query.where(col(TraitsValidation.exploration_id) == exploration_id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise TraitsValidationNotFound
    return found


async def _read_all(session: AsyncSession, rows: Sequence[TraitsValidation]) -> list[TraitsValidationRead]:
    """Return the shapes of validations, each with the status of the job it is stored with."""
    found = await jobs.get_many(session, [row.job_id for row in rows if row.job_id is not None])
    return [TraitsValidationRead.of(row, shown_status(found[row.job_id])) for row in rows if row.job_id is not None]
