"""The shape of an exploration's overview."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from core.explorations.schemas import ExplorationRead
from core.jobs.schemas import JobRead
from core.jobs.shown import ShownStatus
from core.objectives.components import ObjectiveStatus


class Count(BaseModel):
    """How many there are."""

    total: int


class ObjectiveCount(Count):
    """How many research objectives, by status."""

    by_status: dict[ObjectiveStatus, int]


class PersonaCount(Count):
    """How many personas, made by a job and by hand."""

    auto: int
    manual: int


class WorkCount(Count):
    """How many that a job makes, by the job's status."""

    by_status: dict[ShownStatus, int]


class Under(BaseModel):
    """Jobs that have not ended: how many, and the newest of them."""

    total: int
    items: list[JobRead]


class LatestObjective(BaseModel):
    """The objective that the exploration works on."""

    id: UUID
    status: ObjectiveStatus
    score: float | None


class LatestSimulation(BaseModel):
    """The newest simulation."""

    id: UUID
    title: str
    status: ShownStatus
    created_at: datetime


class LatestReport(LatestSimulation):
    """The newest report."""

    kind: str


class Latest(BaseModel):
    """What is newest of a kind, null where there is none."""

    research_objective: LatestObjective | None
    simulation: LatestSimulation | None
    report: LatestReport | None


class OverviewRead(BaseModel):
    """What an exploration holds; deleted things are not counted."""

    exploration: ExplorationRead
    research_objectives: ObjectiveCount
    evidence: Count
    personas: PersonaCount
    population_plans: Count
    questionnaires: Count
    simulations: WorkCount
    reports: WorkCount
    active_jobs: Under
    latest: Latest
