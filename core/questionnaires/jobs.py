"""Contract of the job that drafts a questionnaire."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class GenerateQuestionnaire(JobArgs):
    """Draft a questionnaire of about `questions` questions; without a title it gets that of the exploration."""

    exploration_id: UUID
    questions: int
    language: str
    seed: int
    title: str | None = None


GENERATE_QUESTIONNAIRE: Final = JobContract(
    kind="questionnaires.generate",
    args=GenerateQuestionnaire,
    pool="batch",
    subject="exploration",
    result=("questionnaire_id", "seed", "warnings"),
    timeout_s=900,
    max_attempts=3,
)
