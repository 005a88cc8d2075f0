"""What can be found out about a persona, or told of it, by job.

start_ocean, start_preview, start_backstory   submit the jobs
portrait, present_portrait                    whom a job asks about
save_result, save_backstory                   what a job writes at its end
ocean, preview, backstory                     the newest of each, as callers read it
put_backstory                                 a life story by hand, checked
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.contract import JobArgs, JobContract
from core.jobs.errors import TransientError
from core.jobs.schemas import JobRead
from core.personas import repository, service
from core.personas.backstory import contradictions
from core.personas.errors import PersonaNotFound, PersonaResultNotFound
from core.personas.jobs import BACKSTORY, OCEAN, PREVIEW, AdministerOcean, AskPersona, WriteBackstory
from core.personas.models import Persona, PersonaResult, PersonaVersion
from core.personas.profile_schemas import (
    BackstoryRead,
    OceanAsk,
    OceanRead,
    PersonaAsk,
    PersonaWarned,
    PreviewRead,
)
from core.personas.rules import Contradiction
from core.personas.schemas import LARGEST_SEED, ContradictionRead, PersonaRead, PersonaUpdate
from core.personas.traits import Profile
from core.workspaces.access import Member

OCEAN_RESULT: Final = "ocean"
PREVIEW_RESULT: Final = "preview"
BACKSTORY_RESULT: Final = "backstory"


@dataclass(frozen=True, slots=True)
class Portrait:
    """A persona in one version, as a job asks about it."""

    persona_id: UUID
    version: int
    profile: Profile

    @property
    def attributes(self) -> dict[str, Any]:
        """Return what the population is cut by."""
        return self.profile.attributes


@dataclass(frozen=True, slots=True)
class Origin:
    """What made a result."""

    job_id: UUID
    model: str
    demonstration: bool
    prompt_name: str
    prompt_version: int
    seed: int
    lineage_id: UUID | None = field(default=None)


async def start_ocean(
    session: AsyncSession, member: Member, exploration_id: UUID, persona_id: UUID, body: OceanAsk
) -> JobRead:
    """Submit the job in which a persona takes the Mini-IPIP; raises PersonaNotFound, ExplorationEnded."""
    found = await _open_persona(session, member, exploration_id, persona_id)
    args = AdministerOcean(
        exploration_id=exploration_id,
        persona_id=persona_id,
        version=found.version,
        seed=_seed(body),
        repeats=body.repeats,
        blind=body.blind,
    )
    return await _submit(session, member, OCEAN, args, exploration_id, persona_id, body)


async def start_preview(
    session: AsyncSession, member: Member, exploration_id: UUID, persona_id: UUID, body: PersonaAsk
) -> JobRead:
    """Submit the job that introduces a persona; raises PersonaNotFound, ExplorationEnded."""
    found = await _open_persona(session, member, exploration_id, persona_id)
    args = AskPersona(exploration_id=exploration_id, persona_id=persona_id, version=found.version, seed=_seed(body))
    return await _submit(session, member, PREVIEW, args, exploration_id, persona_id, body)


async def start_backstory(
    session: AsyncSession, member: Member, exploration_id: UUID, persona_id: UUID, body: PersonaAsk
) -> JobRead:
    """Submit the job that writes a persona's life story; raises PersonaNotFound, ExplorationEnded."""
    await _open_persona(session, member, exploration_id, persona_id)
    args = WriteBackstory(exploration_id=exploration_id, persona_id=persona_id, seed=_seed(body))
    return await _submit(session, member, BACKSTORY, args, exploration_id, persona_id, body)


async def portrait(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID, version: int | None = None
) -> Portrait:
    """Return a persona as it was in a version, or is now; raises PersonaNotFound for a deleted one, too."""
    _, current = await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    if version is None or version == current.version:
        return Portrait(persona_id, current.version, Profile.model_validate(current.profile))
    found = await repository.list_named_versions(session, workspace_id, [(persona_id, version)])
    if (persona_id, version) not in found:
        raise PersonaNotFound
    return Portrait(persona_id, version, Profile.model_validate(found[persona_id, version][1].profile))


async def save_result(
    session: AsyncSession, workspace_id: UUID, of: Portrait, kind: str, content: Mapping[str, Any], origin: Origin
) -> None:
    """Keep what a job found out about a persona, in the caller's transaction."""
    session.add(_result(workspace_id, of.persona_id, of.version, kind, content, origin))
    await session.flush()


async def save_backstory(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    of: Portrait,
    story: str,
    content: Mapping[str, Any],
    origin: Origin,
) -> int:
    """Give a persona the life story written for a version; return the new version's number.

    Raises TransientError where the persona has another version by now, for which the story was not written.
    """
    row, current = await repository.lock_by_id(session, workspace_id, exploration_id, of.persona_id)
    if row.version != of.version:
        raise TransientError("The persona was changed while its life story was written.", code="persona_changed")
    profile = Profile.model_validate(current.profile | {"backstory": story})
    if profile != Profile.model_validate(current.profile):
        await service.add_version(session, row, profile, made=_origin_of(origin))
    session.add(_result(workspace_id, row.id, row.version, BACKSTORY_RESULT, content, origin))
    await session.flush()
    return row.version


async def put_backstory(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    persona_id: UUID,
    story: str,
    *,
    expected: frozenset[int] | None = None,
) -> PersonaWarned:
    """Give a persona a life story written by hand; return it with what code finds contradictory.

    Raises PersonaNotFound, PersonaChanged.
    """
    change = PersonaUpdate.model_validate({"backstory": story})
    changed = await service.update(session, workspace_id, exploration_id, persona_id, change, expected=expected)
    warnings = [*changed.warnings, *told(_warnings(_profile_of(changed)))]
    return PersonaWarned(**changed.model_dump(exclude={"warnings"}), warnings=warnings)


async def ocean(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> OceanRead:
    """Return the newest OCEAN profile; raises PersonaNotFound, PersonaResultNotFound."""
    row, found = await _newest(session, workspace_id, exploration_id, persona_id, OCEAN_RESULT)
    return OceanRead.of(found, row.version)


async def preview(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> PreviewRead:
    """Return the newest preview; raises PersonaNotFound, PersonaResultNotFound."""
    row, found = await _newest(session, workspace_id, exploration_id, persona_id, PREVIEW_RESULT)
    return PreviewRead.of(found, row.version)


async def backstory(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> BackstoryRead:
    """Return the present life story with what code finds contradictory in it; raises PersonaNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    row, version = await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    profile = Profile.model_validate(version.profile)
    newest = await repository.find_newest_result(session, persona_id, BACKSTORY_RESULT)
    source: PersonaResult | PersonaVersion = version
    experiences = []
    if newest is not None and newest.content.get("backstory") == profile.backstory:
        source, experiences = newest, newest.content["experiences"]
    return BackstoryRead(
        persona_id=persona_id,
        version=row.version,
        backstory=profile.backstory,
        experiences=experiences,
        warnings=told(_warnings(profile)),
        model=source.model,
        demonstration=source.demonstration,
        prompt_name=source.prompt_name,
        prompt_version=source.prompt_version,
        seed=source.seed,
        job_id=newest.job_id if newest is not None and source is newest else None,
    )


def told(found: list[Contradiction]) -> list[ContradictionRead]:
    """Return contradictions as callers read them."""
    return [ContradictionRead(code=one.code, traits=list(one.traits), reason=one.reason) for one in found]


def _warnings(profile: Profile) -> list[Contradiction]:
    return contradictions(profile.backstory or "", profile, year=clock.now().year)


def _profile_of(read: PersonaRead) -> Profile:
    return Profile.model_validate(read.model_dump(include=set(Profile.model_fields)))


async def _open_persona(session: AsyncSession, member: Member, exploration_id: UUID, persona_id: UUID) -> Portrait:
    await explorations.require_open(session, member.workspace_id, exploration_id)
    return await portrait(session, member.workspace_id, exploration_id, persona_id)


async def _submit(
    session: AsyncSession,
    member: Member,
    contract: JobContract[Any],
    args: JobArgs,
    exploration_id: UUID,
    persona_id: UUID,
    body: PersonaAsk,
) -> JobRead:
    return await jobs.submit(
        session,
        contract,
        args,
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_id=persona_id,
        options=body.job,
    )


def _seed(body: PersonaAsk) -> int:
    return secrets.randbelow(LARGEST_SEED + 1) if body.seed is None else body.seed


async def _newest(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID, kind: str
) -> tuple[Persona, PersonaResult]:
    await explorations.get(session, workspace_id, exploration_id)
    row, _ = await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    found = await repository.find_newest_result(session, persona_id, kind)
    if found is None:
        raise PersonaResultNotFound
    return row, found


def _origin_of(origin: Origin) -> dict[str, Any]:
    names = ("model", "demonstration", "prompt_name", "prompt_version", "seed", "lineage_id")
    return {name: getattr(origin, name) for name in names}


def _result(
    workspace_id: UUID, persona_id: UUID, version: int, kind: str, content: Mapping[str, Any], origin: Origin
) -> PersonaResult:
    return PersonaResult(
        workspace_id=workspace_id,
        persona_id=persona_id,
        version=version,
        kind=kind,
        content=dict(content),
        job_id=origin.job_id,
        **_origin_of(origin),
    )
