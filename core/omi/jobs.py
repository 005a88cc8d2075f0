"""Kinds of jobs of the co-pilot."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from core.jobs.contract import Backoff, JobArgs, JobContract


class Chat(JobArgs):
    """Answer a user's message in its session."""

    session_id: UUID
    message_id: UUID
    seed: int = 0


class Guide(JobArgs):
    """Guide the author of the job in a stage; without one, in the stage that the exploration has reached."""

    exploration_id: UUID
    stage: str | None = None
    author_id: UUID | None = None
    seed: int = 0


class Validate(JobArgs):
    """Validate data of a stage."""

    exploration_id: UUID
    stage: str
    data: dict[str, Any]
    author_id: UUID | None = None
    seed: int = 0


class Observe(JobArgs):
    """Say in the sessions of an exploration what rules observe of it now, as far as it is one of `codes`.

    `generated_by` is the job whose personas are judged as a panel.
    """

    exploration_id: UUID
    codes: tuple[str, ...]
    generated_by: UUID | None = None


class Notify(JobArgs):
    """Tell the external co-pilot that an exploration has reached a stage; `number` counts its changes."""

    workspace_id: UUID
    exploration_id: UUID
    stage: str
    previous: str | None = None
    number: int
    changed_at: datetime


CHAT: Final = JobContract(
    kind="omi.chat",
    args=Chat,
    pool="interactive",
    subject="omi_session",
    result=("session_id", "message_id"),
    timeout_s=300,
)
GUIDE: Final = JobContract(
    kind="omi.guidance",
    args=Guide,
    pool="interactive",
    subject="exploration",
    result=("stage", "message", "omi_state", "next_steps", "observations", "source", "notice"),
    timeout_s=300,
)
VALIDATE: Final = JobContract(
    kind="omi.validate",
    args=Validate,
    pool="interactive",
    subject="exploration",
    result=("stage", "valid", "issues", "suggestions", "message", "omi_state", "source", "notice"),
    timeout_s=300,
)
OBSERVE: Final = JobContract(
    kind="omi.observe",
    args=Observe,
    pool="interactive",
    subject="exploration",
    result=("codes",),
    timeout_s=120,
    public=False,
    asks=(),
)
# A job of the service itself: a service that is away for hours keeps no workspace from being deleted.
NOTIFY: Final = JobContract(
    kind="omi.notify",
    args=Notify,
    pool="delivery",
    subject="exploration",
    result=("stage", "number"),
    timeout_s=60,
    max_attempts=20,
    backoff=Backoff(base_s=2, cap_s=1800),
    public=False,
    asks=(),
)
