"""Estimates of what a simulation would take: reads whom and what it would ask, and how long calls have taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.explorations import service as explorations
from core.limits import service as limits
from core.llm import service as calls
from core.llm.contract import is_demonstration
from core.llm.prices import Prices
from core.population.respondents import drawn_for
from core.questionnaires import service as questionnaires
from core.questionnaires.schemas import QuestionnaireSnapshot
from core.settings import Settings, get_settings
from core.surveys.anchoring import anchors_for
from core.surveys.arms import arms_for
from core.surveys.estimate_schemas import CallsEstimate, EstimateRead
from core.surveys.estimating import Load, Plan, Span, depth, loads
from core.surveys.methods import default_parameters
from core.surveys.panel import Panel, panel
from core.surveys.schemas import SimulationCreate

FEWEST_MEASURED: Final = 20
ASSUMED_MS: Final = (800, 8000)
ASSUMED_OFFLINE_MS: Final = (5, 100)


@dataclass(frozen=True, slots=True)
class Basis:
    """What an estimate rests on besides what is asked."""

    model: str
    embedding_model: str
    concurrency: int
    latency_ms: tuple[int, int]
    measured: bool
    prices: Prices


@dataclass(frozen=True, slots=True)
class Asked:
    """All that an estimate is computed from."""

    body: SimulationCreate
    panel: Panel
    questionnaire: QuestionnaireSnapshot
    basis: Basis
    parameters: Mapping[str, Any]
    anchors: Mapping[str, Any]


async def read(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, body: SimulationCreate) -> Asked:
    """Return what a request would ask of whom; raises what `service.start` raises, and stores nothing."""
    await explorations.require_open(session, workspace_id, exploration_id)
    asked = await panel(session, workspace_id, exploration_id, body)
    snapshot = await questionnaires.snapshot(session, workspace_id, exploration_id, body.questionnaire_id)
    basis = await _basis(session, workspace_id, get_settings())
    parameters = default_parameters(basis.embedding_model) | body.parameters.model_dump(exclude_none=True)
    rated = (snapshot.content, snapshot.language, body.method, parameters)
    return Asked(body, asked, snapshot, basis, parameters, await anchors_for(session, workspace_id, *rated))


def estimate(asked: Asked) -> EstimateRead:
    """Return what a simulation would take; draws its respondents, which takes a second for very many."""
    body, seed = asked.body, asked.body.seed or 0
    drawn = drawn_for(asked.panel.plan, asked.panel.personas, asked.panel.sample_size, seed)
    plan = Plan(
        content=asked.questionnaire.content,
        requested=body.method,
        parameters=asked.parameters,
        anchors=asked.anchors,
        language=asked.questionnaire.language,
        seed=seed,
        people=asked.panel.personas,
        drawn=drawn,
        arms=arms_for(asked.questionnaire.content, drawn, seed),
    )
    return _told(plan, loads(plan), asked.basis)


async def _basis(session: AsyncSession, workspace_id: UUID, settings: Settings) -> Basis:
    asking = await limits.read_asking(session, workspace_id)
    model = asking.model or settings.chat_model
    latencies = await calls.latencies_ms(session, workspace_id, model)
    measured = len(latencies) >= FEWEST_MEASURED
    assumed = ASSUMED_OFFLINE_MS if is_demonstration(model) else ASSUMED_MS
    return Basis(
        model=model,
        embedding_model=settings.embedding_model,
        concurrency=min(asking.concurrency or settings.model_max_concurrency, settings.model_max_concurrency),
        latency_ms=(latencies[len(latencies) // 4], latencies[len(latencies) * 9 // 10]) if measured else assumed,
        measured=measured,
        prices=Prices(settings.model_prices),
    )


def _told(plan: Plan, found: dict[str, Load], basis: Basis) -> EstimateRead:
    total = sum(found.values(), start=Load())
    warnings: list[str] = []
    cost = _cost(found, basis, warnings)
    return EstimateRead(
        respondents=len(plan.drawn),
        cells=plan.cells(),
        calls=total.calls.rounded(),
        by_kind=CallsEstimate(**{kind: load.calls.rounded() for kind, load in found.items()}),
        input_tokens=total.input_tokens.rounded(),
        output_tokens=total.output_tokens.rounded(),
        cost_usd=cost,
        seconds=_seconds(plan, total.calls, basis).rounded(),
        latency_ms=basis.latency_ms,
        latency_source="measured" if basis.measured else "assumed",
        concurrency=basis.concurrency,
        model=basis.model,
        embedding_model=basis.embedding_model,
        demonstration=is_demonstration(basis.model),
        warnings=warnings,
    )


def _cost(found: dict[str, Load], basis: Basis, warnings: list[str]) -> tuple[float, float] | None:
    asked = {
        basis.model: found["direct"] + found["statements"] + found["distribution"],
        basis.embedding_model: found["embeddings"],
    }
    ends: list[float] = []
    unknown: list[str] = []
    for end in (0, 1):
        costs = [
            (model, basis.prices.cost(load.input_tokens.rounded()[end], load.output_tokens.rounded()[end], model))
            for model, load in asked.items()
            if load.calls.most
        ]
        unknown = [model for model, cost in costs if cost is None]
        ends.append(float(sum((cost or Decimal(0) for _, cost in costs), start=Decimal(0))))
    if unknown:
        warnings.append(f"There is no cost: MODEL_PRICES has no price of {' and of '.join(unknown)}.")
        return None
    return ends[0], ends[1]


def _seconds(plan: Plan, asked: Span, basis: Basis) -> Span:
    """Return how long it takes: calls by turns, or those of one respondent in a row where that is longer."""
    waits, (fast, slow) = depth(plan), basis.latency_ms
    turns = Span(asked.least / basis.concurrency, asked.most / max(1, basis.concurrency // 4))
    return Span(max(turns.least, waits.least) * fast / 1000, max(turns.most, waits.most) * slow / 1000)
