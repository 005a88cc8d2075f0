"""Contract of the job that codes texts."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class CodeThemes(JobArgs):
    """Code the texts of a simulation as one of its codings says."""

    coding_id: UUID


CODE_THEMES: Final = JobContract(
    kind="simulations.code_themes",
    args=CodeThemes,
    pool="batch",
    subject="theme_coding",
    result=("coding_id", "simulation_id"),
    timeout_s=1800,
    max_attempts=5,
)
