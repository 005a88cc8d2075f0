"""What brings personas from one place to another.

copy              into another exploration of the workspace, its origin recorded
export            all of an exploration's personas, as a file
import_all        the personas of a file, all of them or none
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.errors import FieldError, Invalid
from core.explorations import service as explorations
from core.explorations.errors import ExplorationNotFound
from core.personas import files, repository, service
from core.personas.models import Persona, PersonaVersion
from core.personas.schemas import PersonaCreate, PersonaRead
from core.personas.telling import tell

MOST_EXPORTED: Final = 10_000
MEDIA_TYPES: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
Format = Literal["json", "csv"]


class PersonaCopy(BaseModel):
    """Where a copy goes: an exploration of the same workspace."""

    model_config = ConfigDict(extra="forbid")

    exploration_id: UUID


class Imported(BaseModel):
    """The personas that an import made, in the order of the file."""

    persona_ids: list[UUID]
    count: int


async def copy(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID, body: PersonaCopy
) -> PersonaRead:
    """Copy a persona's present version into an exploration, as version 1, with what made it and where it is from.

    Passages it cites are those of its own exploration: they go along only within it. Raises ExplorationNotFound,
    PersonaNotFound, ExplorationEnded, Invalid for a target that there is not.
    """
    await explorations.get(session, workspace_id, exploration_id)
    row, version = await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    try:
        await explorations.require_open(session, workspace_id, body.exploration_id)
    except ExplorationNotFound:
        told = FieldError(("body", "exploration_id"), "is no exploration of this workspace")
        raise Invalid([told]) from None
    made = Persona(
        workspace_id=workspace_id,
        exploration_id=body.exploration_id,
        origin=row.origin,
        name=row.name,
        population_weight=row.population_weight,
        copied_from_id=row.id,
        copied_from_version=version.version,
    )
    session.add(made)
    await session.flush()
    here = body.exploration_id == exploration_id
    kept = version.model_dump(exclude={"id", "persona_id", "version", "created_at", "passage_ids"})
    copied = PersonaVersion(
        **kept, persona_id=made.id, version=1, passage_ids=list(version.passage_ids) if here else []
    )
    session.add(copied)
    return await service.created(session, made, copied)


async def export(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, format_: Format) -> str:
    """Return the newest 10,000 personas of an exploration as a file, oldest first; raises ExplorationNotFound."""
    found = await service.list_for(session, workspace_id, exploration_id, limit=MOST_EXPORTED)
    found.reverse()
    return files.as_csv(found) if format_ == "csv" else files.as_json(found)


async def import_all(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, bodies: Sequence[PersonaCreate]
) -> Imported:
    """Store the personas of a file in the caller's transaction; raises ExplorationNotFound, ExplorationEnded."""
    await explorations.require_open(session, workspace_id, exploration_id)
    rows = [
        Persona(
            id=persona_id,
            workspace_id=workspace_id,
            exploration_id=exploration_id,
            origin="manual",
            name=body.name,
            population_weight=body.population_weight,
        )
        for persona_id, body in zip(sorted(uuid7() for _ in bodies), bodies, strict=True)
    ]
    session.add_all(rows)
    await session.flush()
    session.add_all(service.version_of(row, body.profile()) for row, body in zip(rows, bodies, strict=True))
    await session.flush()
    await tell(session, rows, "persona.created")
    return Imported(persona_ids=[row.id for row in rows], count=len(rows))
