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
    result=("validation_id", "valid", "link", "source", "notice"),
    timeout_s=600,
    max_attempts=3,
)


class AskPersona(JobArgs):
    """Ask about a persona in the version it had at the submit."""

    exploration_id: UUID
    persona_id: UUID
    version: int
    seed: int


class AdministerOcean(AskPersona):
    """Have a persona take the Mini-IPIP `repeats` times; `blind`: without being told its target scores."""

    repeats: int = 1
    blind: bool = False


class WriteBackstory(JobArgs):
    """Write a persona's life story, for the version it has when the job runs; the story makes a new one."""

    exploration_id: UUID
    persona_id: UUID
    seed: int


OCEAN: Final = JobContract(
    kind="personas.ocean",
    args=AdministerOcean,
    pool="interactive",
    subject="persona",
    result=("persona_id", "version"),
    timeout_s=600,
    max_attempts=3,
)
PREVIEW: Final = JobContract(
    kind="personas.preview",
    args=AskPersona,
    pool="interactive",
    subject="persona",
    result=("persona_id", "version"),
    timeout_s=300,
    max_attempts=3,
)
BACKSTORY: Final = JobContract(
    kind="personas.backstory",
    args=WriteBackstory,
    pool="interactive",
    subject="persona",
    result=("persona_id", "version"),
    timeout_s=600,
    max_attempts=3,
)


class ComputeConfidence(JobArgs):
    """Compute how far evidence supports the version that a persona has when the job runs."""

    exploration_id: UUID
    persona_id: UUID


COMPUTE_CONFIDENCE: Final = JobContract(
    kind="personas.compute_confidence",
    args=ComputeConfidence,
    pool="interactive",
    subject="persona",
    result=("persona_id", "version", "score", "tier"),
    timeout_s=600,
    max_attempts=3,
)
