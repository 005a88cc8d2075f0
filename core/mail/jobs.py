"""Contract of the job that delivers a mail."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core.jobs.contract import Backoff, JobArgs, JobContract


class SendMail(JobArgs):
    """Deliver a mail: its id, and nothing of what it says."""

    mail_id: UUID


# A mail server that is away uses up no attempt: the mail's own expiry ends the tries (core.mail.service).
SEND_MAIL: Final = JobContract(
    kind="mail.send",
    args=SendMail,
    pool="delivery",
    subject="mail",
    result=("mail_id",),
    timeout_s=900,
    max_attempts=10,
    backoff=Backoff(base_s=5, cap_s=900),
    public=False,
    asks=(),
)
