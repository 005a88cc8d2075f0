"""Pause and resume a kind of job, a workspace or a model, on record."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.admin.schemas import PauseCreate
from core.audit import service as audit
from core.errors import FieldError, Invalid
from core.evidence.jobs import EXTRACT_EVIDENCE
from core.exports.jobs import EXPORT_WORKSPACE
from core.jobs import pausing
from core.jobs.models import Pause
from core.jobs.service import Author
from core.mail.jobs import SEND_MAIL
from core.objectives.jobs import ANALYZE_OBJECTIVE, CLARIFY_OBJECTIVE
from core.omi.jobs import CHAT, GUIDE, NOTIFY, OBSERVE, VALIDATE
from core.personas.jobs import BACKSTORY, COMPUTE_CONFIDENCE, GENERATE_PERSONAS, OCEAN, PREVIEW, VALIDATE_TRAITS
from core.questionnaires.jobs import GENERATE_QUESTIONNAIRE
from core.reports.jobs import BUILD_REPORT
from core.surveys.jobs import EXTEND_SIMULATION, RUN_SHARD, RUN_SIMULATION
from core.themes.jobs import CODE_THEMES
from core.workspaces import service as workspaces
from core.workspaces.errors import WorkspaceNotFound

_CONTRACTS: Final = (
    ANALYZE_OBJECTIVE,
    CLARIFY_OBJECTIVE,
    GENERATE_PERSONAS,
    VALIDATE_TRAITS,
    COMPUTE_CONFIDENCE,
    OCEAN,
    PREVIEW,
    BACKSTORY,
    EXTRACT_EVIDENCE,
    GENERATE_QUESTIONNAIRE,
    CODE_THEMES,
    EXTEND_SIMULATION,
    RUN_SIMULATION,
    RUN_SHARD,
    BUILD_REPORT,
    EXPORT_WORKSPACE,
    SEND_MAIL,
    CHAT,
    GUIDE,
    VALIDATE,
    OBSERVE,
    NOTIFY,
)
KINDS: Final = frozenset(contract.kind for contract in _CONTRACTS)
"""The kinds of job there are."""


async def pause(session: AsyncSession, author: Author, body: PauseCreate) -> Pause:
    """Pause something; raises AlreadyPaused, Invalid for a workspace or a kind of job that there is not."""
    value = body.value
    if body.scope == "workspace":
        value = str(await _workspace_id(session, value))
    elif body.scope == "kind" and value not in KINDS and not await pausing.has_jobs(session, value):
        raise Invalid([FieldError(("body", "value"), f"is no kind of job; there are {', '.join(sorted(KINDS))}")])
    made = await pausing.create(session, scope=body.scope, value=value, reason=body.reason, created_by_id=author.id)
    await _record(session, f"{made.scope}.paused", author, made)
    return made


async def resume(session: AsyncSession, author: Author, pause_id: UUID) -> None:
    """Lift a pause; raises PauseNotFound."""
    gone = await pausing.delete(session, pause_id)
    await _record(session, f"{gone.scope}.resumed", author, gone)


async def _workspace_id(session: AsyncSession, value: str) -> UUID:
    try:
        return (await workspaces.get(session, UUID(value))).id
    except (ValueError, WorkspaceNotFound):
        raise Invalid([FieldError(("body", "value"), "is not the id of a workspace")]) from None


async def _record(session: AsyncSession, action: str, author: Author, about: Pause) -> None:
    await audit.record(
        session,
        action,
        actor_type=author.type,
        actor_id=author.id,
        workspace_id=UUID(about.value) if about.scope == "workspace" else None,
        subject_type="pause",
        subject_id=about.id,
        data={"value": about.value, "reason": about.reason},
    )
