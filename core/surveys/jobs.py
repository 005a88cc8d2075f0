"""Contracts of the survey jobs."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class RunSimulation(JobArgs):
    """Run a simulation: draw respondents, fan out, complete."""

    simulation_id: UUID


class ExtendSimulation(JobArgs):
    """Ask the respondents of an addition, and make them respondents of the simulation."""

    simulation_id: UUID
    extension_id: UUID


class RunShard(JobArgs):
    """Run one part: respondents `first`…`last`-1 by number, or cells by index."""

    simulation_id: UUID
    part: Literal["respondents", "cells"]
    first: int
    last: int


RUN_SIMULATION: Final = JobContract(
    kind="simulations.run",
    args=RunSimulation,
    pool="batch",
    subject="simulation",
    result=("simulation_id",),
    timeout_s=1800,
    max_attempts=5,
)
EXTEND_SIMULATION: Final = JobContract(
    kind="simulations.extend",
    args=ExtendSimulation,
    pool="batch",
    subject="simulation",
    result=("simulation_id",),
    timeout_s=1800,
    max_attempts=5,
)
RUN_SHARD: Final = JobContract(
    kind="simulations.run_shard",
    args=RunShard,
    pool="batch",
    subject="simulation",
    result=(),
    timeout_s=3600,
    public=False,
)
