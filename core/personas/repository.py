"""Queries of personas; used by the service only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.personas.check_models import PersonaConfidence
from core.personas.errors import PersonaNotFound
from core.personas.filters import PersonaFilter
from core.personas.models import Persona, PersonaGeneration, PersonaResult, PersonaVersion

Pair = tuple[Persona, PersonaVersion]
_HOLD_SAVING = text("SELECT pg_advisory_xact_lock(hashtextextended('personas ' || CAST(:exploration_id AS text), 0))")


def _with_version(workspace_id: UUID) -> Select[Persona, PersonaVersion]:
    """Select personas with their present version."""
    return (
        select(Persona, PersonaVersion)
        .join(
            PersonaVersion,
            and_(
                col(PersonaVersion.persona_id) == col(Persona.id),
                col(PersonaVersion.version) == col(Persona.version),
            ),
        )
        .where(col(Persona.workspace_id) == workspace_id)
    )


async def get_by_id(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> Pair:
    """Return a persona that is not deleted, with its present version; raises PersonaNotFound."""
    query = _with_version(workspace_id).where(
        col(Persona.id) == persona_id,
        col(Persona.exploration_id) == exploration_id,
        col(Persona.deleted_at).is_(None),
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise PersonaNotFound
    return row[0], row[1]


async def lock_by_id(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> Pair:
    """Return the same, and hold the persona until the transaction ends."""
    query = select(Persona).where(col(Persona.workspace_id) == workspace_id, col(Persona.id) == persona_id)
    await session.execute(query.with_for_update().execution_options(populate_existing=True))
    return await get_by_id(session, workspace_id, exploration_id, persona_id)


async def hold_saving(session: AsyncSession, exploration_id: UUID) -> None:
    """Let one transaction at a time save generated personas of an exploration, until this one ends."""
    await session.execute(_HOLD_SAVING, {"exploration_id": str(exploration_id)})


async def confidences_of(session: AsyncSession, pairs: Sequence[Pair]) -> dict[tuple[UUID, int], PersonaConfidence]:
    """Return the confidence of those of these versions that have one, by (persona, version)."""
    named = [(row.id, version.version) for row, version in pairs]
    if not named:
        return {}
    query = select(PersonaConfidence).where(
        tuple_(col(PersonaConfidence.persona_id), col(PersonaConfidence.version)).in_(named)
    )
    return {(one.persona_id, one.version): one for one in (await session.execute(query)).scalars()}


async def list_for_exploration(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
    only: PersonaFilter | None = None,
) -> list[Pair]:
    """Return an exploration's personas with their present versions, newest first."""
    query = _with_version(workspace_id).where(
        col(Persona.exploration_id) == exploration_id,
        col(Persona.deleted_at).is_(None),
        *(only.conditions() if only else ()),
    )
    query = newest_first(query, Persona, limit=limit, before=before)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def count_by_origin(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[str, int]:
    """Return how many personas of an exploration have each origin."""
    query = (
        select(col(Persona.origin), func.count())
        .where(
            col(Persona.workspace_id) == workspace_id,
            col(Persona.exploration_id) == exploration_id,
            col(Persona.deleted_at).is_(None),
        )
        .group_by(col(Persona.origin))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_by_ids(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, ids: Collection[UUID]
) -> dict[UUID, Pair]:
    """Return the personas among `ids` that are of this exploration and not deleted, by id."""
    query = _with_version(workspace_id).where(
        col(Persona.id).in_(ids),
        col(Persona.exploration_id) == exploration_id,
        col(Persona.deleted_at).is_(None),
    )
    return {row[0].id: (row[0], row[1]) for row in await session.execute(query)}


async def list_deleted_names(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, ids: Collection[UUID]
) -> list[str]:
    """Return the names of the personas among `ids` that are of this exploration and deleted, sorted."""
    query = select(col(Persona.name)).where(
        col(Persona.workspace_id) == workspace_id,
        col(Persona.id).in_(ids),
        col(Persona.exploration_id) == exploration_id,
        col(Persona.deleted_at).is_not(None),
    )
    return sorted((await session.execute(query)).scalars())


async def list_versions(
    session: AsyncSession, persona_id: UUID, *, limit: int, below: int | None
) -> list[PersonaVersion]:
    """Return a persona's versions, newest first, those before version `below`."""
    query = select(PersonaVersion).where(col(PersonaVersion.persona_id) == persona_id)
    if below is not None:
        query = query.where(col(PersonaVersion.version) < below)
    query = query.order_by(col(PersonaVersion.version).desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def list_named_versions(
    session: AsyncSession, workspace_id: UUID, named: Collection[tuple[UUID, int]]
) -> dict[tuple[UUID, int], Pair]:
    """Return versions by (persona, version), of deleted personas too."""
    query = (
        select(Persona, PersonaVersion)
        .join(PersonaVersion, col(PersonaVersion.persona_id) == col(Persona.id))
        .where(
            col(Persona.workspace_id) == workspace_id,
            tuple_(col(PersonaVersion.persona_id), col(PersonaVersion.version)).in_(list(named)),
        )
    )
    return {(row[1].persona_id, row[1].version): (row[0], row[1]) for row in await session.execute(query)}


async def find_newest_result(session: AsyncSession, persona_id: UUID, kind: str) -> PersonaResult | None:
    """Return the newest result of a kind, of whatever version; None without one."""
    query = select(PersonaResult).where(col(PersonaResult.persona_id) == persona_id, col(PersonaResult.kind) == kind)
    query = query.order_by(col(PersonaResult.created_at).desc(), col(PersonaResult.id).desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def list_newest_results(
    session: AsyncSession, workspace_id: UUID, named: Collection[tuple[UUID, int]], kind: str
) -> dict[UUID, PersonaResult]:
    """Return the newest result of a kind of each (persona, version) that has one, by persona."""
    query = (
        select(PersonaResult)
        .where(
            col(PersonaResult.workspace_id) == workspace_id,
            col(PersonaResult.kind) == kind,
            tuple_(col(PersonaResult.persona_id), col(PersonaResult.version)).in_(list(named)),
        )
        .order_by(col(PersonaResult.created_at), col(PersonaResult.id))
    )
    return {row.persona_id: row for row in (await session.execute(query)).scalars()}


async def list_generations(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> list[PersonaGeneration]:
    """Return the jobs that made personas of an exploration, newest first."""
    query = (
        select(PersonaGeneration)
        .where(
            col(PersonaGeneration.workspace_id) == workspace_id,
            col(PersonaGeneration.exploration_id) == exploration_id,
        )
        .order_by(col(PersonaGeneration.created_at).desc(), col(PersonaGeneration.job_id).desc())
    )
    return list((await session.execute(query)).scalars())


async def list_panel(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, *, job_id: UUID | None, limit: int
) -> tuple[list[Pair], int]:
    """Return an exploration's personas, those of one job where it is given, newest first, and how many there are."""
    conditions = [
        col(Persona.workspace_id) == workspace_id,
        col(Persona.exploration_id) == exploration_id,
        col(Persona.deleted_at).is_(None),
    ]
    if job_id is not None:
        conditions.append(col(Persona.job_id) == job_id)
    query = _with_version(workspace_id).where(*conditions)
    query = query.order_by(col(Persona.created_at).desc(), col(Persona.id).desc()).limit(limit)
    found = [(row[0], row[1]) for row in await session.execute(query)]
    total = await session.execute(select(func.count()).select_from(Persona).where(*conditions))
    return found, total.scalar_one()
