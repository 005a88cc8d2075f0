"""Contract of the report job."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class BuildReport(JobArgs):
    """Build a report's files from recorded answers."""

    report_id: UUID


BUILD_REPORT: Final = JobContract(
    kind="reports.build",
    args=BuildReport,
    pool="batch",
    subject="report",
    result=("report_id", "formats"),
    timeout_s=600,
    asks=(),
)
