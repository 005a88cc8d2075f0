"""Kinds of jobs on research objectives."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class AnalyzeObjective(JobArgs):
    """Take an objective apart as it is written now."""

    research_objective_id: UUID
    seed: int


class ClarifyObjective(AnalyzeObjective):
    """The same, after answers have joined the source."""

    round: int


ANALYZE_OBJECTIVE: Final = JobContract(
    kind="objectives.analyze",
    args=AnalyzeObjective,
    pool="interactive",
    subject="research_objective",
    result=("research_objective_id", "analysis_id"),
    timeout_s=600,
)
CLARIFY_OBJECTIVE: Final = JobContract(
    kind="objectives.clarify",
    args=ClarifyObjective,
    pool="interactive",
    subject="research_objective",
    result=("research_objective_id", "analysis_id"),
    timeout_s=600,
)
