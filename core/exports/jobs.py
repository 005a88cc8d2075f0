"""Contract of the export job."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import JobArgs, JobContract


class ExportWorkspace(JobArgs):
    """Write all of a workspace to a ZIP."""

    export_id: UUID


EXPORT_WORKSPACE: Final = JobContract(
    kind="workspaces.export",
    args=ExportWorkspace,
    pool="batch",
    subject="workspace",
    result=("export_id", "link"),
    timeout_s=3600,
    asks=(),
)
