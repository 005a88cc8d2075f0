"""Contract of the extraction job."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class ExtractEvidence(JobArgs):
    """Make passages of a file that was uploaded."""

    evidence_id: UUID


EXTRACT_EVIDENCE: Final = JobContract(
    kind="evidence.extract",
    args=ExtractEvidence,
    pool="batch",
    subject="evidence",
    result=("evidence_id", "n_passages"),
    timeout_s=600,
    asks=(),
)
