"""What is known of panels of personas: the populations that jobs made them for, and how they stand.

save_generation   what a job that makes personas keeps of itself
find              the personas and the targets that a panel is judged by
judge             the judgement, without a database
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.explorations import service as explorations
from core.personas import panel, repository
from core.personas.cells import accepted_cells
from core.personas.mini_ipip import TRAITS
from core.personas.models import PersonaGeneration, PersonaResult
from core.personas.panel import Person
from core.personas.panel_schemas import FindingRead, PanelRead
from core.personas.profile_schemas import norm_read
from core.personas.profiling import OCEAN_RESULT
from core.personas.traits import Profile
from core.stats.targets import Cell, Margins, margins_of

MOST_JUDGED: Final = 200


@dataclass(frozen=True, slots=True)
class Panel:
    """Personas, and the population they are to stand for."""

    exploration_id: UUID
    people: list[Person]
    left_out: int
    targets: Margins
    source: str | None
    given: bool
    job_id: UUID | None


async def save_generation(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    job_id: UUID,
    *,
    count: int,
    seed: int,
    targets: Mapping[str, Any] | None,
    cells: Sequence[Cell],
) -> None:
    """Keep, in the caller's transaction, which population a job made personas for."""
    session.add(
        PersonaGeneration(
            job_id=job_id,
            workspace_id=workspace_id,
            exploration_id=exploration_id,
            count=count,
            seed=seed,
            targets=None if targets is None else dict(targets),
            margins=margins_of(cells),
        )
    )
    await session.flush()


async def find(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    job_id: UUID | None = None,
    targets: str | None = None,
) -> Panel:
    """Return the personas of an exploration, or of one job, with the targets given, else the newest job's.

    `targets` is JSON. Raises ExplorationNotFound, Invalid for targets that cannot be used or a job that made nobody.
    """
    await explorations.get(session, workspace_id, exploration_id)
    asked = margins_of(accepted_cells(_parsed(targets), ("query", "targets"))) if targets is not None else None
    generations = await repository.list_generations(session, workspace_id, exploration_id)
    if job_id is not None:
        generations = [one for one in generations if one.job_id == job_id]
        if not generations:
            raise Invalid([FieldError(("query", "job_id"), "is no job that made personas of this exploration")])
    newest = generations[0] if generations else None
    pairs, total = await repository.list_panel(session, workspace_id, exploration_id, job_id=job_id, limit=MOST_JUDGED)
    taken = await repository.list_newest_results(
        session, workspace_id, [(row.id, row.version) for row, _ in pairs], OCEAN_RESULT
    )
    people = [
        _person(row.id, row.population_weight, Profile.model_validate(version.profile), taken.get(row.id))
        for row, version in pairs
    ]
    margins: Margins = asked if asked is not None else newest.margins if newest is not None else {}
    return Panel(
        exploration_id=exploration_id,
        people=people,
        left_out=total - len(people),
        targets=margins,
        source="query" if asked is not None else "generation" if newest is not None else None,
        given=asked is not None or (newest is not None and newest.targets is not None),
        job_id=newest.job_id if asked is None and newest is not None else None,
    )


def judge(found: Panel) -> PanelRead:
    """Return how a panel stands; takes a moment for many personas, so call it off the event loop."""
    margins = panel.margins(found.people, found.targets)
    distinct = panel.distinctness(found.people)
    traits = panel.character(found.people)
    wrong = panel.findings(margins, distinct, traits) if found.people else []
    return PanelRead.model_validate(
        {
            "exploration_id": found.exploration_id,
            "personas": len(found.people),
            "personas_left_out": found.left_out,
            "targets_source": found.source,
            "targets_given": found.given,
            "job_id": found.job_id,
            "margins": margins,
            "distinctness": distinct,
            "ocean": traits,
            "norm": norm_read(),
            "findings": [FindingRead(**asdict(one)) for one in wrong],
            "ok": not wrong,
        }
    )


def _parsed(targets: str) -> dict[str, Any]:
    try:
        parsed = json.loads(targets)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise Invalid([FieldError(("query", "targets"), "must be a JSON object with either cells or margins")])
    return parsed


def _person(persona_id: UUID, weight: float | None, profile: Profile, taken: PersonaResult | None) -> Person:
    if taken is None:
        return Person(persona_id, profile, weight)
    scores = taken.content["scores"]
    answers = taken.content["draws"][0]["answers"]
    return Person(
        persona_id,
        profile,
        weight,
        expressed={trait: scores[trait]["score"] for trait in TRAITS},
        answers={int(number): answer for number, answer in answers.items()},
    )
