"""What can be done about confidence in personas.

start                 submit the job that computes it
gather, keep          what the job weighs, and what it saves
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.events import service as events
from core.evidence import service as evidence
from core.evidence.schemas import FoundPassage
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.errors import Snooze
from core.jobs.schemas import JobOptions, JobRead
from core.objectives import service as objectives
from core.personas import repository
from core.personas.check_models import PersonaConfidence
from core.personas.checks import Origin
from core.personas.confidence import Citation, Computed
from core.personas.grounding import LONGEST_PASSAGE
from core.personas.jobs import COMPUTE_CONFIDENCE, ComputeConfidence
from core.personas.prompts import Passage, PersonaBesideEvidence
from core.personas.traits import Profile
from core.workspaces.access import Member

MOST_OFFERED: Final = 24
UNTOLD: Final = frozenset({"name", "ocean", "backstory"})
"""Traits that no passage can support: a name, scores drawn by code, a story."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A persona's version, the passages that may bear on it, and the words of the objective."""

    persona_id: UUID
    version: int
    profile: Profile
    offered: dict[str, FoundPassage]
    attached: int
    objective: dict[str, str]
    objective_id: UUID | None

    def traits(self) -> dict[str, Any]:
        """Return the traits and attributes that evidence may speak of."""
        known = self.profile.known() | self.profile.attributes
        return {name: value for name, value in known.items() if name not in UNTOLD}

    def question(self) -> PersonaBesideEvidence:
        """Return what a model is asked."""
        passages = [
            Passage(ref=ref, title=one.title, source=one.source, text=one.text[:LONGEST_PASSAGE])
            for ref, one in self.offered.items()
        ]
        return PersonaBesideEvidence(persona=self.traits(), evidence=passages)


async def start(
    session: AsyncSession, member: Member, exploration_id: UUID, persona_id: UUID, options: JobOptions | None
) -> JobRead:
    """Submit the job that computes a persona's confidence.

    Raises ExplorationNotFound, ExplorationEnded, PersonaNotFound.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    await repository.get_by_id(session, member.workspace_id, exploration_id, persona_id)
    return await jobs.submit(
        session,
        COMPUTE_CONFIDENCE,
        ComputeConfidence(exploration_id=exploration_id, persona_id=persona_id),
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_id=persona_id,
        options=options,
    )


async def gather(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, persona_id: UUID) -> Weighed:
    """Return what a job weighs: passages that the version cites, then those that a search finds for its traits.

    Raises ExplorationNotFound, PersonaNotFound when it is gone.
    """
    exploration = await explorations.get(session, workspace_id, exploration_id)
    _, version = await repository.get_by_id(session, workspace_id, exploration_id, persona_id)
    profile = Profile.model_validate(version.profile)
    attached = await evidence.count_for(session, workspace_id, exploration_id)
    current = await objectives.current(session, workspace_id, exploration_id)
    told = {str(name): value for name, value in current.known().items()} if current else {}
    brief = {"title": exploration.title, "description": exploration.description or ""}
    return Weighed(
        persona_id=persona_id,
        version=version.version,
        profile=profile,
        offered=await _offered(session, workspace_id, exploration_id, profile, version.passage_ids) if attached else {},
        attached=attached,
        objective=told or {name: value for name, value in brief.items() if value},
        objective_id=current.id if current and told else None,
    )


async def _offered(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, profile: Profile, cited: Sequence[str]
) -> dict[str, FoundPassage]:
    named = await evidence.get_passages(session, workspace_id, exploration_id, [UUID(one) for one in cited])
    traits = (profile.known() | profile.attributes).items()
    texts = [_text(value) for name, value in traits if name not in UNTOLD]
    found = await evidence.relevant(session, workspace_id, exploration_id, texts, limit=MOST_OFFERED)
    passages = list({one.passage_id: one for one in [*named.values(), *found]}.values())[:MOST_OFFERED]
    return {f"p{number}": one for number, one in enumerate(passages, 1)}


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


async def keep(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    job_id: UUID,
    weighed: Weighed,
    citations: Sequence[Citation],
    result: Computed,
    origin: Origin | None,
) -> None:
    """Store a version's confidence in place of an earlier one, in the transaction that ends the job.

    Raises Snooze where a passage that it counts was deleted meanwhile: it is to be counted anew.
    """
    cited = {one.passage.passage_id for one in citations}
    if len(await evidence.get_passages(session, workspace_id, exploration_id, cited)) < len(cited):
        raise Snooze(0, "A passage that was cited is deleted; the others are weighed.", code="evidence_deleted")
    place = (col(PersonaConfidence.persona_id) == weighed.persona_id, col(PersonaConfidence.version) == weighed.version)
    await repository.lock_by_id(session, workspace_id, exploration_id, weighed.persona_id)
    await session.execute(delete(PersonaConfidence).where(*place))
    made = {} if origin is None else {name: getattr(origin, name) for name in Origin.__slots__}
    session.add(
        PersonaConfidence(
            workspace_id=workspace_id,
            persona_id=weighed.persona_id,
            version=weighed.version,
            score=result.score,
            tier=result.tier,
            parts=dict(result.parts),
            reasons=list(result.reasons),
            citations=[one.stored() for one in citations],
            research_objective_id=weighed.objective_id,
            job_id=job_id,
            **made,
        )
    )
    await events.record(
        session,
        type="persona.confidence_computed",
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        subject_type="persona",
        subject_id=weighed.persona_id,
        job_id=job_id,
        data={"version": weighed.version, "tier": result.tier},
    )
    await session.flush()
