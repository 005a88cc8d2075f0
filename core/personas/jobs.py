"""Kinds of jobs on personas."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class GeneratePersonas(JobArgs):
    """Make `count` distinct personas for an exploration; `targets` as the caller gave them."""

    exploration_id: UUID
    count: int
    seed: int
    targets: dict[str, Any] | None = None


GENERATE_PERSONAS: Final = JobContract(
    kind="personas.generate",
    args=GeneratePersonas,
    pool="batch",
    subject="exploration",
    result=("persona_ids", "seed"),
    timeout_s=1800,
    max_attempts=3,
)


class ValidateTraits(JobArgs):
    """Judge the traits of a stored validation."""

    validation_id: UUID


VALIDATE_TRAITS: Final = JobContract(
    kind="personas.validate_traits",
    args=ValidateTraits,
    pool="interactive",
    subject="traits_validation",
    result=("validation_id", "valid", "link"),
    timeout_s=600,
    max_attempts=3,
)
