"""Gathers what the co-pilot knows of an exploration, and what was said before in a session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.objectives import service as objectives
from core.omi import repository
from core.omi import service as omi
from core.omi.digest import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_LISTED,
    Digest,
    ObjectiveDigest,
    PersonasDigest,
    QuestionnaireDigest,
    SimulationDigest,
    WorkDigest,
    cut,
)
from core.omi.models import OmiMessage
from core.omi.prompts import Turn
from core.omi.stages import stage_of
from core.personas import generation
from core.personas import service as personas
from core.personas.traits import Profile
from core.questionnaires import service as questionnaires
from core.questionnaires.schemas import QuestionnaireRead
from core.surveys import service as surveys

MOST_COMPARED: Final = 20
"""The newest personas, which are compared with each other; more take longer than a conversation waits."""
MOST_JOBS: Final = 50
MOST_QUESTIONNAIRES: Final = 3
WINDOW: Final = 20
"""Earlier messages that the co-pilot remembers, and how much of them."""
LONGEST_TURN: Final = 800
LONGEST_MEMORY: Final = 8000
LONGEST_VALUE: Final = 300


@dataclass(frozen=True, slots=True)
class Gathered:
    """A summary as far as the database tells it, and the personas that are still to be compared."""

    digest: Digest
    profiles: Sequence[Profile]

    def compared(self) -> Digest:
        """Return the summary with how many personas read too alike; it takes a while."""
        doubles = len(generation.near_duplicates(self.profiles[:MOST_COMPARED]))
        panel = self.digest.personas.model_copy(update={"near_duplicates": doubles})
        return self.digest.model_copy(update={"personas": panel})


async def gather(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> Gathered:
    """Return what is known of an exploration; raises ExplorationNotFound."""
    exploration = await explorations.get(session, workspace_id, exploration_id)
    held = await omi.holdings(session, exploration_id)
    profiles = await personas.list_profiles(session, workspace_id, exploration_id)
    runs = await surveys.list_for(session, workspace_id, exploration_id, limit=MOST_LISTED, before=None)
    work = await jobs.list_for(
        session, workspace_ids=[workspace_id], exploration_id=exploration_id, limit=MOST_JOBS, before=None
    )
    digest = Digest(
        title=cut(exploration.title, LONGEST_NAME),
        description=cut(exploration.description, LONGEST_TEXT),
        country=exploration.country,
        stage=stage_of(held),
        holdings=held,
        objective=await _objective(session, workspace_id, exploration_id),
        personas=_panel(held.personas, profiles),
        questionnaires=await _questionnaires(session, workspace_id, exploration_id),
        simulations=[
            SimulationDigest(title=cut(one.title, LONGEST_NAME), status=one.status, sample_size=one.sample_size)
            for one in runs
        ],
        running=_running(work),
        failed=_failed(work),
    )
    return Gathered(digest, profiles)


async def remembered(session: AsyncSession, session_id: UUID, before: int) -> list[Turn]:
    """Return the last messages before a number, oldest first: a bounded number, each cut, a bounded length in all."""
    rows = await repository.list_messages_before(session, session_id, before, WINDOW)
    return window(rows)


def window(rows: Sequence[OmiMessage]) -> list[Turn]:
    """Return messages as turns, leaving out the oldest where they are too long together."""
    kept: list[Turn] = []
    length = 0
    for row in reversed(rows):
        turn = Turn(speaker="researcher" if row.role == "user" else "omi", text=cut(row.content, LONGEST_TURN))
        length += len(turn.text)
        if length > LONGEST_MEMORY:
            break
        kept.insert(0, turn)
    return kept


async def _objective(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> ObjectiveDigest | None:
    found = await objectives.current(session, workspace_id, exploration_id)
    if found is None:
        return None
    known = found.known()
    return ObjectiveDigest(
        status=found.status,
        score=found.score,
        components={name: one.status for name, one in found.components.items()},
        decision=cut(known.get("decision_problem", ""), LONGEST_VALUE),
        audience=cut(known.get("target_audience", ""), LONGEST_VALUE),
    )


def _panel(count: int, profiles: Sequence[Profile]) -> PersonasDigest:
    ages = [one.age_range for one in profiles if one.age_range is not None]
    occupations = dict.fromkeys(one.occupation for one in profiles if one.occupation)
    return PersonasDigest(
        count=count,
        names=[cut(one.name, LONGEST_NAME) for one in profiles[:MOST_LISTED]],
        occupations=[cut(one, LONGEST_NAME) for one in occupations][:MOST_LISTED],
        ages=f"{min(age.min for age in ages)}-{max(age.max for age in ages)}" if ages else "",
    )


async def _questionnaires(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> list[QuestionnaireDigest]:
    found = await questionnaires.list_for(session, workspace_id, exploration_id, limit=MOST_QUESTIONNAIRES, before=None)
    rows = [await questionnaires.get(session, workspace_id, exploration_id, one.id) for one in found]
    return [_questionnaire(QuestionnaireRead.of(row)) for row in rows]


def _questionnaire(read: QuestionnaireRead) -> QuestionnaireDigest:
    types = Counter(question.type for section in read.sections for question in section.questions)
    return QuestionnaireDigest(
        title=cut(read.title, LONGEST_NAME), questions=types.total(), types=dict(sorted(types.items()))
    )


def _running(work: Sequence[JobRead]) -> list[WorkDigest]:
    return [
        WorkDigest(kind=one.kind, status=one.status, detail=f"{one.progress.done} of {one.progress.total}")
        for one in _told(work)
        if not one.done
    ][:MOST_LISTED]


def _failed(work: Sequence[JobRead]) -> list[WorkDigest]:
    """Return the kinds of work whose last end was a failure, each with its reason."""
    last: dict[str, JobRead] = {}
    for one in _told(work):
        if one.done:
            last.setdefault(one.kind, one)
    return [
        WorkDigest(kind=one.kind, status=one.status, detail=cut(str((one.error or {}).get("detail", "")), 300))
        for one in last.values()
        if one.status == "failed"
    ]


def _told(work: Sequence[JobRead]) -> list[JobRead]:
    """Return the work that is not the co-pilot's own."""
    return [one for one in work if not one.kind.startswith("omi.")]
