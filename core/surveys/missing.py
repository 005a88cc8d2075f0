"""Why a question was not asked to its end, read from how the simulation's job ended; pure.

Nothing of this is stored: a retry goes on where the run stopped, and what was missing is there or is missing anew.
"""

from __future__ import annotations

from typing import Final, Literal

from core.jobs.models import Job
from core.questionnaires.content import Content
from core.surveys.methods import method_for
from core.surveys.responses import AnswerRead

Unasked = Literal["budget", "cancelled", "error"]
BUDGET_CODES: Final = frozenset({"budget_exhausted", "price_unknown"})


def unasked_reason(job: Job) -> Unasked | None:
    """Return the missing_reason of what a job that ended without success did not ask; None for any other job."""
    if job.status == "cancelled":
        return "cancelled"
    if job.status != "failed":
        return None
    return "budget" if (job.error or {}).get("code") in BUDGET_CODES else "error"


def unasked_answers(content: Content, requested: str, job: Job) -> dict[str, AnswerRead]:
    """Return what stands for each question that a stopped run did not ask; nothing of any other run."""
    reason = unasked_reason(job)
    if reason is None:
        return {}
    return {
        question.key: AnswerRead(
            value=None,
            method=method_for(question, requested),  # type: ignore[arg-type]  # written from a Requested
            missing_reason=reason,
        )
        for question in content.questions()
    }
