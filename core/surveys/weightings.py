"""Saved weightings of a simulation: targets that its respondents are weighted to where a request names them.

create, get, list_for, delete    a weighting; created, or read by itself, with a report of what it does
find                             the one that a request names
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.numbers import Real
from core.db.paging import newest_first
from core.db.text import VisibleText
from core.errors import FieldError, Invalid
from core.personas.targets import TargetsGiven
from core.population.schemas import Realised
from core.stats.targets import Targets, TargetsInvalid, parse_targets
from core.surveys import selecting
from core.surveys.errors import WeightingNotFound
from core.surveys.models import Simulation, Weighting
from core.surveys.reweighing import Reweighed, reweighed
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

SUBJECT = "weighting"


class WeightingCreate(BaseModel):
    """Targets to weigh a simulation's respondents to; `cap` is how many times the mean a weight may be."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText
    targets: TargetsGiven
    cap: Real | None = Field(default=None, gt=1, le=1000, allow_inf_nan=False)


class WeightingSummary(BaseModel):
    """A saved weighting."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    simulation_id: UUID
    name: str
    targets: dict[str, Any]
    cap: float | None
    created_at: datetime


class WeightingReport(BaseModel):
    """What a weighting does to the `n` respondents counted now; their weights sum to n, so that the mean is 1.

    `n_eff_weights` is Kish's (Σw)²/Σw² and `design_effect` n over it; `n_eff` counts at the planning value 0.2 that
    respondents of a persona are alike too. `smallest` and `largest` are of weights above 0; `trimmed` respondents weigh
    the cap, `outside` ones have values the targets do not name and weigh 0.
    """

    model_config = ConfigDict(from_attributes=True)

    n: int
    n_eff_weights: float
    design_effect: float
    n_eff: float
    smallest: float
    largest: float
    trimmed: int
    outside: int
    realised: Realised
    warnings: list[str]


class WeightingRead(WeightingSummary):
    """A saved weighting with what it does; `unreached` says why it cannot be used on the respondents there are now."""

    report: WeightingReport | None
    unreached: str | None = None


async def create(session: AsyncSession, member: Member, simulation: Simulation, body: WeightingCreate) -> WeightingRead:
    """Store a weighting; raises Invalid naming what cannot be reached, and then stores nothing."""
    targets = _checked(body.targets)
    sample = await selecting.base(session, simulation, ())
    report = _report(reweighed(sample, targets, body.cap, ("body", "targets")))
    made = Weighting(
        workspace_id=member.workspace_id,
        simulation_id=simulation.id,
        name=body.name,
        targets=body.targets,
        cap=body.cap,
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    return _read(made, report)


async def get(session: AsyncSession, simulation: Simulation, weighting_id: UUID) -> WeightingRead:
    """Return a weighting and what it does now; raises WeightingNotFound."""
    found = await _require(session, simulation, weighting_id)
    sample = await selecting.base(session, simulation, ())
    try:
        return _read(found, _report(reweighed(sample, parse_targets(found.targets), found.cap, ())))
    except Invalid as error:
        return _read(found, None, error.errors[0].msg)


async def list_for(
    session: AsyncSession, simulation: Simulation, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[Weighting]:
    """Return a simulation's weightings, newest first."""
    query = select(Weighting).where(
        col(Weighting.workspace_id) == simulation.workspace_id, col(Weighting.simulation_id) == simulation.id
    )
    query = newest_first(query, Weighting, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def delete(session: AsyncSession, member: Member, simulation: Simulation, weighting_id: UUID) -> None:
    """Delete a weighting, on record; raises WeightingNotFound."""
    found = await _require(session, simulation, weighting_id)
    await session.delete(found)
    await record_deleted(session, member, SUBJECT, weighting_id, {"name": found.name})


async def _require(session: AsyncSession, simulation: Simulation, weighting_id: UUID) -> Weighting:
    found = await selecting.find_weighting(session, simulation, weighting_id)
    if found is None:
        raise WeightingNotFound
    return found


def _checked(given: dict[str, Any]) -> Targets:
    try:
        return parse_targets(given, ("body", "targets"))
    except TargetsInvalid as error:
        raise Invalid([FieldError(one.loc, one.msg) for one in error.errors]) from error


def _report(found: Reweighed) -> WeightingReport:
    told = {name: getattr(found, name) for name in WeightingReport.model_fields if name not in ("n", "warnings")}
    return WeightingReport(n=found.sample.n, warnings=list(found.warnings), **told)


def _read(row: Weighting, report: WeightingReport | None, unreached: str | None = None) -> WeightingRead:
    return WeightingRead(**WeightingSummary.model_validate(row).model_dump(), report=report, unreached=unreached)
