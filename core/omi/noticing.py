"""What the co-pilot makes of events: a changed stage is kept, said in the sessions and told to the external service.

Called by who hands out events, in the same transaction: so each change is noticed once. Stages are derived anew from
what exists, so that an event too many changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.events.service import Told
from core.jobs import service as jobs
from core.jobs.service import Author
from core.omi import greetings, repository
from core.omi import service as omi
from core.omi.jobs import CHAT, NOTIFY, OBSERVE, Notify, Observe
from core.omi.service import MOST_MESSAGES
from core.omi.stages import STATE_OF, Holdings, Stage, stage_of
from core.personas.jobs import GENERATE_PERSONAS
from core.settings import get_settings
from core.surveys.jobs import EXTEND_SIMULATION, RUN_SIMULATION

OBSERVED: Final[Mapping[str, tuple[str, ...]]] = {
    "objective.analyzed": ("objective_validated", "objective_needs_review"),
    GENERATE_PERSONAS.kind: ("panel_collapsed", "panel_small", "panel_distinct"),
    RUN_SIMULATION.kind: ("simulation_finished", "sample_small"),
    EXTEND_SIMULATION.kind: ("simulation_finished", "sample_small"),
}
"""What is worth a look after an event, or after a job of a kind has succeeded: codes of observations."""
_KEPT: Final = text("SELECT exploration_id, stage FROM omi_stage WHERE exploration_id = ANY(:ids)")
_KEEP: Final = text("""
    INSERT INTO omi_stage (exploration_id, workspace_id, stage, number, changed_at)
    VALUES (:exploration_id, :workspace_id, :stage, 1, clock_timestamp())
    ON CONFLICT (exploration_id) DO UPDATE SET stage = excluded.stage, previous = omi_stage.stage,
        number = omi_stage.number + 1, changed_at = excluded.changed_at
    WHERE omi_stage.stage <> excluded.stage
    RETURNING number, previous, changed_at
""")


async def notice(session: AsyncSession, taken: Sequence[Told]) -> None:
    """Notice what events tell of explorations; opened in the system scope."""
    ids = sorted({one.exploration_id for one in taken if one.exploration_id is not None})
    held = await repository.list_holdings(session, ids)
    kept = {row.exploration_id: row.stage for row in await session.execute(_KEPT, {"ids": list(held)})}
    for exploration_id, (workspace_id, holdings) in held.items():
        if kept.get(exploration_id) != stage_of(holdings):
            await _change(session, exploration_id, workspace_id, holdings)
    for one in taken:
        if one.exploration_id in held:
            await _tell(session, one)
    await _observe(session, taken, held)


async def _change(session: AsyncSession, exploration_id: UUID, workspace_id: UUID, held: Holdings) -> None:
    stage = stage_of(held)
    values = {"exploration_id": exploration_id, "workspace_id": workspace_id, "stage": stage}
    row = (await session.execute(_KEEP, values)).one_or_none()
    if row is None:
        return
    previous: Stage | None = row.previous
    if previous is not None:
        data = {"stage": stage, "previous": previous, "number": row.number}
        said = greetings.transition(previous, stage, held)
        await omi.say_in_all(session, exploration_id, "stage_transition", said, data)
    await _notify(session, exploration_id, workspace_id, stage, previous, row.number, row.changed_at)


async def _notify(
    session: AsyncSession,
    exploration_id: UUID,
    workspace_id: UUID,
    stage: Stage,
    previous: Stage | None,
    number: int,
    changed_at: datetime,
) -> None:
    if get_settings().omi_base_url is None:
        return
    args = Notify(
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        stage=stage,
        previous=previous,
        number=number,
        changed_at=changed_at,
    )
    await jobs.submit(session, NOTIFY, args, workspace_id=None, author=Author("system"), subject_id=exploration_id)


async def _observe(session: AsyncSession, taken: Sequence[Told], held: Mapping[UUID, Any]) -> None:
    """Have looked at, by job, what events say has come to be, where somebody is there to be told."""
    codes: dict[tuple[UUID, UUID], set[str]] = {}
    generated: dict[UUID, UUID | None] = {}
    for one in taken:
        found = OBSERVED.get(one.type if one.type != "job.succeeded" else str(one.data.get("kind")), ())
        if found and one.exploration_id is not None and one.exploration_id in held:
            codes.setdefault((one.workspace_id, one.exploration_id), set()).update(found)
            if one.data.get("kind") == GENERATE_PERSONAS.kind:
                generated[one.exploration_id] = one.job_id
    talking = await repository.list_talked_about(session, [exploration_id for _, exploration_id in codes])
    for (workspace_id, exploration_id), wanted in codes.items():
        if exploration_id in talking:
            await jobs.submit(
                session,
                OBSERVE,
                Observe(
                    exploration_id=exploration_id,
                    codes=tuple(sorted(wanted)),
                    generated_by=generated.get(exploration_id),
                ),
                workspace_id=workspace_id,
                author=Author("system"),
                exploration_id=exploration_id,
                subject_id=exploration_id,
            )


async def _tell(session: AsyncSession, told: Told) -> None:
    """Say in the sessions what an event is worth: a failure is of concern, a judged objective is told."""
    kind = str(told.data.get("kind", ""))
    assert told.exploration_id is not None
    if told.type in ("job.failed", "job.cancelled") and kind == CHAT.kind:
        await _end_thinking(session, told)
    elif told.type == "job.failed" and not kind.startswith("omi."):
        said = f"A job failed ({kind}). Look at its error, mend what it names, and try it again: nothing paid is lost."
        await omi.say_in_all(session, told.exploration_id, "concern", said, {"job_id": str(told.job_id), "kind": kind})


_END_THINKING: Final = text("""
    WITH ended AS (
        UPDATE omi_session SET last_number = last_number + :said, state = :state, updated_at = clock_timestamp()
        WHERE id = :session_id AND last_number < :most RETURNING id, workspace_id, last_number
    )
    INSERT INTO omi_message (id, workspace_id, session_id, number, role, type, omi_state, content, data, job_id)
    SELECT gen_random_uuid(), workspace_id, id, last_number, 'omi', 'concern', :state, :content, '{}', :job_id
    FROM ended WHERE :said > 0
""")


async def _end_thinking(session: AsyncSession, told: Told) -> None:
    """Let the co-pilot of a session look up from what it could not answer; a failure is said."""
    failed = told.type == "job.failed"
    await session.execute(
        _END_THINKING,
        {
            "session_id": told.subject_id,
            "said": int(failed),
            "state": STATE_OF["concern"] if failed else "idle",
            "content": "I could not answer your last message: the job says why. Try it again there, or say it anew.",
            "job_id": told.job_id,
            "most": MOST_MESSAGES,
        },
    )
