"""What can be done with personas.

create, get, list_for, update, delete, versions, diff   a caller's personas
start_generation, save_generated                  the job that makes them, and what it saves
list_profiles, list_saved_since                   whom a new persona must differ from
list_deleted_names                                who of the personas a plan names is gone
get_many                                          the personas a plan or a simulation names, as snapshots
snapshots                                         the same of named versions, to go on with a simulation
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import FieldError, Invalid
from core.evidence import service as evidence
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.personas import repository
from core.personas.cells import accepted_cells
from core.personas.diffs import PersonaDiff, changes_between
from core.personas.errors import PersonaChanged, PersonaNotFound
from core.personas.filters import PersonaFilter
from core.personas.jobs import GENERATE_PERSONAS, GeneratePersonas
from core.personas.models import Persona, PersonaVersion
from core.personas.rules import contradictions
from core.personas.schemas import (
    LARGEST_SEED,
    AutoGenerate,
    PersonaCreate,
    PersonaRead,
    PersonaSnapshot,
    PersonaUpdate,
)
from core.personas.telling import tell
from core.personas.traits import Profile
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

Loc = tuple[str | int, ...]
MOST_COMPARED: Final = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """A generated persona that is to be saved: who it is, what it weighs, what made it."""

    id: UUID
    profile: Profile
    weight: float
    model: str
    demonstration: bool
    prompt_name: str
    prompt_version: int
    seed: int
    lineage_id: UUID | None
    passage_ids: Sequence[UUID] = ()


async def create(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, body: PersonaCreate) -> PersonaRead:
    """Store a persona made by hand; raises ExplorationNotFound, ExplorationEnded."""
    await explorations.require_open(session, workspace_id, exploration_id)
    profile = body.profile()
    row = Persona(
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        origin="manual",
        name=profile.name,
        population_weight=body.population_weight,
    )
    session.add(row)
    await session.flush()
    version = version_of(row, profile)
    session.add(version)
    return await created(session, row, version)


async def created(session: AsyncSession, row: Persona, version: PersonaVersion) -> PersonaRead:
    """Tell of a persona that was added, and return it."""
    await tell(session, [row], "persona.created")
    return await _written(session, row, version)


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> PersonaRead:
    """Return a persona in its present version; raises PersonaNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    return (await read(session, [await repository.get_by_id(session, workspace_id, exploration_id, persona_id)]))[0]


async def read(session: AsyncSession, pairs: Sequence[repository.Pair]) -> list[PersonaRead]:
    """Return personas as callers read them, each with the confidence of its version, if it has one."""
    found = await repository.confidences_of(session, pairs)
    return [PersonaRead.of(row, version, found.get((row.id, version.version))) for row, version in pairs]


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    only: PersonaFilter | None = None,
) -> list[PersonaRead]:
    """Return an exploration's personas, newest first, those that a filter lets through; raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    pairs = await repository.list_for_exploration(
        session, workspace_id, exploration_id, limit=limit, before=before, only=only
    )
    return await read(session, pairs)


async def count_by_origin(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[str, int]:
    """Return how many personas of an exploration have each origin."""
    return await repository.count_by_origin(session, workspace_id, exploration_id)


async def list_profiles(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> list[Profile]:
    """Return the traits of an exploration's personas as they are now, the newest 500 at most, newest first."""
    pairs = await repository.list_for_exploration(
        session, workspace_id, exploration_id, limit=MOST_COMPARED, before=None
    )
    return [Profile.model_validate(version.profile) for _, version in pairs]


async def list_saved_since(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, known: Sequence[Profile]
) -> list[Profile]:
    """Return whose traits are not among `known`, of the newest 500.

    Others who ask wait until this transaction ends: of two jobs that make personas of one exploration the later one
    sees what the earlier one has saved.
    """
    await repository.hold_saving(session, exploration_id)
    seen = {one.model_dump_json() for one in known}
    present = await list_profiles(session, workspace_id, exploration_id)
    return [one for one in present if one.model_dump_json() not in seen]


async def versions(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    persona_id: UUID,
    *,
    limit: int,
    below: int | None = None,
) -> list[PersonaVersion]:
    """Return a persona's versions, newest first; raises PersonaNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    return await repository.list_versions(session, persona_id, limit=limit, below=below)


async def diff(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    persona_id: UUID,
    *,
    before: int | None,
    after: int | None,
) -> PersonaDiff:
    """Return what differs between two versions: by default the present one and the one before it.

    Raises PersonaNotFound, Invalid naming a version that there is not.
    """
    await explorations.get(session, workspace_id, exploration_id)
    row, _ = await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    second = row.version if after is None else after
    first = max(1, second - 1) if before is None else before
    found = await repository.list_named_versions(session, workspace_id, [(persona_id, first), (persona_id, second)])
    wrong = [(name, one) for name, one in (("from", first), ("to", second)) if (persona_id, one) not in found]
    if wrong:
        raise Invalid([FieldError(("query", name), f"there is no version {one}") for name, one in wrong])
    old, new = (Profile.model_validate(found[persona_id, one][1].profile) for one in (first, second))
    return PersonaDiff(from_version=first, to_version=second, changes=changes_between(old, new))


async def update(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    persona_id: UUID,
    body: PersonaUpdate,
    *,
    expected: frozenset[int] | None = None,
) -> PersonaRead:
    """Change a persona; changed traits make a new version, written by hand, the same traits none.

    `expected` are the versions the caller would change. Raises PersonaNotFound, PersonaChanged for another.
    """
    await explorations.get(session, workspace_id, exploration_id)
    row, current = await repository.lock_by_id(session, workspace_id, exploration_id, persona_id)
    if expected is not None and row.version not in expected:
        raise PersonaChanged
    if "population_weight" in body.model_fields_set:
        row.population_weight = body.population_weight
    old = Profile.model_validate(current.profile)
    profile = Profile.model_validate(current.profile | body.changed_traits())
    if profile != old:
        current = await add_version(session, row, profile)
    else:
        row.updated_at = clock.now()
        await tell(session, [row], "persona.updated")
    return await _written(session, row, current)


async def add_version(
    session: AsyncSession, row: Persona, profile: Profile, made: Mapping[str, Any] | None = None
) -> PersonaVersion:
    """Give a persona that is locked other traits, as its next version; `made` says what made them, if not a person."""
    row.version += 1
    row.name = profile.name
    row.updated_at = clock.now()
    version = version_of(row, profile)
    for name, value in (made or {}).items():
        setattr(version, name, value)
    session.add(version)
    await tell(session, [row], "persona.updated")
    return version


async def delete(session: AsyncSession, member: Member, exploration_id: UUID, persona_id: UUID) -> None:
    """Take a persona out of sight; its versions stay for the answers that name them."""
    await explorations.get(session, member.workspace_id, exploration_id)
    row, _ = await repository.lock_by_id(session, member.workspace_id, exploration_id, persona_id)
    row.deleted_at = clock.now()
    await tell(session, [row], "persona.deleted")
    await record_deleted(session, member, "persona", row.id, {"exploration_id": str(exploration_id)})
    await session.flush()


async def start_generation(session: AsyncSession, member: Member, exploration_id: UUID, body: AutoGenerate) -> JobRead:
    """Submit the job that makes personas.

    Raises ExplorationNotFound, ExplorationEnded, Invalid for targets that cannot be used.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    if body.targets is not None:
        accepted_cells(body.targets)
    args = GeneratePersonas(
        exploration_id=exploration_id,
        count=body.count,
        seed=secrets.randbelow(LARGEST_SEED + 1) if body.seed is None else body.seed,
        targets=body.targets,
    )
    return await jobs.submit(
        session,
        GENERATE_PERSONAS,
        args,
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_id=exploration_id,
        options=body.job,
    )


async def save_generated(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, job_id: UUID, drafts: Sequence[Draft]
) -> None:
    """Write generated personas, each with its first version, in the caller's transaction.

    Passages that were deleted while they were written are not cited.
    """
    cited = {passage_id for draft in drafts for passage_id in draft.passage_ids}
    there = await evidence.get_passages(session, workspace_id, exploration_id, cited)
    rows = [
        Persona(
            id=draft.id,
            workspace_id=workspace_id,
            exploration_id=exploration_id,
            origin="auto",
            name=draft.profile.name,
            version=1,
            population_weight=draft.weight,
            job_id=job_id,
        )
        for draft in drafts
    ]
    session.add_all(rows)
    await session.flush()
    session.add_all(
        PersonaVersion(
            workspace_id=workspace_id,
            persona_id=draft.id,
            version=1,
            profile=draft.profile.model_dump(mode="json"),
            model=draft.model,
            demonstration=draft.demonstration,
            prompt_name=draft.prompt_name,
            prompt_version=draft.prompt_version,
            seed=draft.seed,
            lineage_id=draft.lineage_id,
            passage_ids=[str(passage_id) for passage_id in draft.passage_ids if passage_id in there],
            warnings=warnings_of(draft.profile),
        )
        for draft in drafts
    )
    await session.flush()


async def list_deleted_names(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, ids: Sequence[UUID]
) -> list[str]:
    """Return the names of those among `ids` that were personas of an exploration and are deleted, by name."""
    return await repository.list_deleted_names(session, workspace_id, exploration_id, ids)


async def get_many(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    ids: Sequence[UUID],
    loc: Loc = ("body", "persona_ids"),
) -> list[PersonaSnapshot]:
    """Return personas of an exploration in the order of `ids`, in their present versions.

    Raises Invalid naming each id, below `loc`, that is no persona of this exploration or is there twice.
    """
    found = await repository.list_by_ids(session, workspace_id, exploration_id, set(ids))
    errors: list[FieldError] = []
    for index, persona_id in enumerate(ids):
        if persona_id not in found:
            errors.append(FieldError((*loc, index), "is no persona of this exploration"))
        elif persona_id in ids[:index]:
            errors.append(FieldError((*loc, index), "is in the list twice"))
    if errors:
        raise Invalid(errors)
    return [_snapshot(*found[persona_id]) for persona_id in ids]


async def snapshots(
    session: AsyncSession, workspace_id: UUID, named: Sequence[tuple[UUID, int]]
) -> list[PersonaSnapshot]:
    """Return the named (persona, version) pairs in order, of deleted personas too; raises PersonaNotFound."""
    found = await repository.list_named_versions(session, workspace_id, named)
    if not set(named) <= set(found):
        raise PersonaNotFound
    return [_snapshot(*found[pair]) for pair in named]


def _snapshot(row: Persona, version: PersonaVersion) -> PersonaSnapshot:
    profile = Profile.model_validate(version.profile)
    return PersonaSnapshot(
        persona_id=row.id,
        version=version.version,
        name=profile.name,
        profile=profile.known(),
        attributes=profile.attributes,
        weight=row.population_weight,
    )


def version_of(row: Persona, profile: Profile) -> PersonaVersion:
    """Return the row of a persona's present version, written by hand."""
    return PersonaVersion(
        workspace_id=row.workspace_id,
        persona_id=row.id,
        version=row.version,
        profile=profile.model_dump(mode="json"),
        passage_ids=[],
        warnings=warnings_of(profile),
    )


def warnings_of(profile: Profile) -> list[dict[str, Any]]:
    """Return what rules find contradictory in a persona, as it is stored with a version."""
    return [asdict(one) for one in contradictions(profile)]


async def _written(session: AsyncSession, row: Persona, version: PersonaVersion) -> PersonaRead:
    await session.flush()
    await session.refresh(row)
    await session.refresh(version)
    return (await read(session, [(row, version)]))[0]
