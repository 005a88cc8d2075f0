"""Whom a simulation asks: the personas a request names, or those of the plan it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.personas import service as personas
from core.personas.schemas import PersonaSnapshot
from core.population import service as population
from core.population.errors import PlanNotFound
from core.population.schemas import MAX_RESPONDENTS
from core.population.weighing import listed
from core.surveys.schemas import SimulationCreate


@dataclass(frozen=True, slots=True)
class Panel:
    """The personas as they are now, how many respondents to draw, and the plan's document where there is one."""

    personas: Sequence[PersonaSnapshot]
    sample_size: int
    plan: dict[str, Any] | None


async def panel(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, body: SimulationCreate) -> Panel:
    """Return whom a request asks; raises Invalid naming the field that it gave."""
    if (body.persona_ids is None) == (body.plan_id is None):
        raise Invalid([FieldError(("body", "persona_ids"), "give either persona_ids or plan_id")])
    if body.persona_ids is not None:
        if body.sample_size is None:
            raise Invalid([FieldError(("body", "sample_size"), "is needed when there is no plan")])
        found = await personas.get_many(session, workspace_id, exploration_id, body.persona_ids)
        return Panel(found, body.sample_size, None)
    assert body.plan_id is not None
    return await _planned(session, workspace_id, exploration_id, body.plan_id, body.sample_size)


async def _planned(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, plan_id: UUID, sample_size: int | None
) -> Panel:
    loc = ("body", "plan_id")
    try:
        plan = (await population.get(session, workspace_id, exploration_id, plan_id)).document()
    except PlanNotFound as error:
        raise Invalid([FieldError(loc, "is no population plan of this exploration")]) from error
    size = sample_size or plan.n
    if size > MAX_RESPONDENTS:
        raise Invalid([FieldError(loc, f"plans more than {MAX_RESPONDENTS:,} respondents")])
    ids = [row.persona_id for row in plan.allocation]
    if gone := await personas.list_deleted_names(session, workspace_id, exploration_id, ids):
        wrong = f"counts on {listed(gone)}, deleted since: compute a new plan without"
        raise Invalid([FieldError(loc, wrong)])
    found = await personas.get_many(session, workspace_id, exploration_id, ids, loc)
    return Panel(found, size, plan.model_dump(mode="json"))
