"""Shape of an addition to a simulation."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from core.jobs.shown import ShownStatus


class ExtensionRead(BaseModel):
    """Respondents that are being added, or whose job was stopped: no result counts them before all have answered.

    `answering` of the `n` have answered at least one question; `status` is that of the job `job_id`, whose retry goes
    on with the rest.
    """

    n: int
    answering: int
    status: ShownStatus
    job_id: UUID
