"""Writes messages for events: one for each endpoint that wants it, and one for the URL its job is to call back.

Runs in the transaction that marks the events as handed out, in the system scope; one such transaction at a time, so
that the events of a subject are numbered and sent in the order they were written in.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db.base import uuid7
from core.db.session import driver_of
from core.events import service as events
from core.events.service import Told
from core.jobs import callbacks
from core.jobs.callbacks import JobFacts
from core.jobs.shown import shown_status
from core.receivers import parse
from core.settings import get_settings
from core.webhooks import body, secrets
from core.webhooks.schemas import PROGRESS, TOLD

JOB_ENDS: Final = ("job.succeeded", "job.failed", "job.cancelled")
AT_ONCE: Final = 2000
"""Messages that are written by one statement."""
MOST_PROGRESS: Final = 500


@dataclass(frozen=True, slots=True)
class _Target:
    id: UUID
    enabled: bool
    url: str | None = None


_ENDPOINTS = text("""
    SELECT id, workspace_id, event_types, status FROM webhook_endpoint
    WHERE workspace_id = ANY(:workspace_ids) AND kind = 'endpoint' ORDER BY id
""")


async def tell(session: AsyncSession, told: Sequence[Told]) -> int:
    """Write the messages for events; return how many. An event that was told before makes none."""
    wanted = [event for event in told if event.type in TOLD]
    if not wanted:
        return 0
    facts = await callbacks.facts_of(session, [event.job_id for event in wanted if event.job_id is not None])
    targets = await _targets(session, wanted, facts)
    wanted = [event for event in wanted if targets[event.id]]
    if not wanted:
        return 0
    sequences = await _number(session, wanted)
    public_url = get_settings().public_url.rstrip("/")
    rows = [
        _row(event, target, sequences[event.id], text_)
        for event in wanted
        for text_ in [body.written(event, sequences[event.id], _about(event, facts), public_url)]
        for target in targets[event.id]
    ]
    await insert(session, rows)
    return len(rows)


def _about(event: Told, facts: Mapping[UUID, JobFacts]) -> dict[str, Any]:
    """Return what an event says of its job: its own words, where it has some."""
    job = facts.get(event.job_id) if event.job_id is not None else None
    about: dict[str, Any] = {"kind": job.kind, "status": job.status} if job is not None else {}
    if event.type in ("report.ready", "simulation.completed"):
        about["status"] = "succeeded"  # told in the transaction that ends the job so
    about |= {name: event.data[name] for name in ("kind", "status", "progress") if name in event.data}
    return about


async def _targets(
    session: AsyncSession, wanted: Sequence[Told], facts: Mapping[UUID, JobFacts]
) -> dict[int, list[_Target]]:
    workspace_ids = list({event.workspace_id for event in wanted})
    endpoints: dict[UUID, list[Any]] = defaultdict(list)
    for row in await session.execute(_ENDPOINTS, {"workspace_ids": workspace_ids}):
        endpoints[row.workspace_id].append(row)
    found: dict[int, list[_Target]] = {}
    for event in wanted:
        found[event.id] = [
            _Target(one.id, one.status == "enabled")
            for one in endpoints[event.workspace_id]
            if wants(one.event_types, event.type)
        ]
        job = facts.get(event.job_id) if event.job_id is not None else None
        if job is not None and job.callback_url and event.type in JOB_ENDS:
            found[event.id].append(await _callback(session, event.workspace_id, job.callback_url))
    return found


def wants(event_types: Sequence[str], type_: str) -> bool:
    """Tell whether a list of event types has one in it; the star stands for all but progress."""
    return type_ in event_types or ("*" in event_types and type_ != PROGRESS)


_CALLBACK = text("""
    INSERT INTO webhook_endpoint (id, workspace_id, kind, url, description, event_types, status, failures,
        created_by_type)
    VALUES (:id, :workspace_id, 'callback', :origin, '', '{}', 'enabled', 0, 'system')
    ON CONFLICT (workspace_id, url) WHERE kind = 'callback' DO NOTHING
""")
_CALLBACK_ID = text("""
    SELECT id FROM webhook_endpoint WHERE workspace_id = :workspace_id AND url = :origin AND kind = 'callback'
""")
_SECRET = text("""
    INSERT INTO webhook_secret (workspace_id, secret) VALUES (:workspace_id, :secret)
    ON CONFLICT (workspace_id) DO NOTHING
""")


async def _callback(session: AsyncSession, workspace_id: UUID, url: str) -> _Target:
    """Return what stands for the receiver of a callback; the workspace gets a secret if it has none."""
    settings = get_settings()
    try:
        origin = parse(url, private=True).origin
    except ValueError:  # a newer release's rules; the guard says it at the attempt
        origin = url
    receiver = {"workspace_id": workspace_id, "origin": origin}
    await session.execute(_CALLBACK, {"id": uuid7()} | receiver)
    secret = secrets.seal(settings, secrets.new_secret())
    await session.execute(_SECRET, {"workspace_id": workspace_id, "secret": secret})
    return _Target((await session.execute(_CALLBACK_ID, receiver)).scalar_one(), enabled=True, url=url)


_NUMBER = text("""
    INSERT INTO webhook_sequence (subject_id, workspace_id, last)
    SELECT subject_id, workspace_id, counted FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(subject_id uuid, workspace_id uuid, counted bigint)
    ON CONFLICT (subject_id) DO UPDATE SET last = webhook_sequence.last + excluded.last
    RETURNING subject_id, last
""")


def _subject(event: Told) -> UUID:
    return event.subject_id or event.job_id or event.workspace_id


async def _number(session: AsyncSession, wanted: Sequence[Told]) -> dict[int, int]:
    """Return the place of each event among those told of its subject, from 1 on."""
    counted = Counter(_subject(event) for event in wanted)
    workspace_of = {_subject(event): event.workspace_id for event in wanted}
    rows = [
        {"subject_id": subject, "workspace_id": workspace_of[subject], "counted": times}
        for subject, times in sorted(counted.items())
    ]
    given = await session.execute(_NUMBER, {"rows": json.dumps(rows, default=str)})
    following = {row.subject_id: row.last - counted[row.subject_id] for row in given}
    found = {}
    for event in wanted:
        following[_subject(event)] += 1
        found[event.id] = following[_subject(event)]
    return found


def _row(event: Told, target: _Target, sequence: int, text_: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "workspace_id": event.workspace_id,
        "endpoint_id": target.id,
        "url": target.url,
        "event_id": body.event_id_of(event),
        "type": event.type,
        "job_id": event.job_id,
        "subject_id": _subject(event),
        "sequence": sequence,
        "body": text_,
        # For a disabled endpoint it is kept, so that it can be recovered.
        "status": "pending" if target.enabled else "failed",
        "error": None if target.enabled else "webhook_disabled",
    }


_INSERT = """
    INSERT INTO webhook_message (id, workspace_id, endpoint_id, url, event_id, type, job_id, subject_id, sequence, body,
        status, error, tries, step, next_at)
    SELECT id, workspace_id, endpoint_id, url, event_id, type, job_id, subject_id, sequence, body, status, error, 0, 0,
        CASE WHEN status = 'pending' THEN $2::timestamptz END
    FROM jsonb_to_recordset($1::jsonb) AS m(id uuid, workspace_id uuid, endpoint_id uuid, url text,
        event_id uuid, type text, job_id uuid, subject_id uuid, sequence bigint, body text, status text, error text,
        place bigint)
    ORDER BY place
    ON CONFLICT (endpoint_id, event_id) DO NOTHING
"""


async def insert(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write messages in their order, due now, in the caller's transaction."""
    now = clock.now()
    for first in range(0, len(rows), AT_ONCE):
        placed = [{**row, "place": place} for place, row in enumerate(rows[first : first + AT_ONCE])]
        await driver_of(session).execute(_INSERT, json.dumps(placed, default=str), now)


_PROGRESSED = text("""
    SELECT job.id, job.workspace_id, job.exploration_id, job.subject_type, job.subject_id, job.kind, job.status,
        job.attempt, job.children_total, job.next_attempt_at, job.error,
        job.progress_done, job.progress_total, job.progress_message
    FROM job LEFT JOIN webhook_progress told ON told.job_id = job.id
    WHERE job.status IN ('queued', 'dispatched', 'retry_wait', 'running', 'waiting') AND job.parent_id IS NULL
        AND job.workspace_id IN (SELECT workspace_id FROM webhook_endpoint
            WHERE kind = 'endpoint' AND status = 'enabled' AND 'job.progress' = ANY(event_types))
        AND (job.progress_done, job.progress_total, job.progress_message)
            IS DISTINCT FROM (coalesce(told.done, 0), coalesce(told.total, 0), coalesce(told.message, ''))
    ORDER BY job.id LIMIT :limit FOR NO KEY UPDATE OF job SKIP LOCKED
""")
_REMEMBER = text("""
    INSERT INTO webhook_progress (job_id, workspace_id, done, total, message)
    VALUES (:job_id, :workspace_id, :done, :total, :message)
    ON CONFLICT (job_id) DO UPDATE SET done = excluded.done, total = excluded.total, message = excluded.message
""")


async def tell_progress(session: AsyncSession) -> int:
    """Write an event for each job that got on since it was last asked, where an endpoint wants to know; how many.

    The job is held meanwhile, so that its end comes behind. What happens between two calls is told as one.
    """
    jobs = (await session.execute(_PROGRESSED, {"limit": MOST_PROGRESS})).all()
    for job in jobs:
        progress = {"done": job.progress_done, "total": job.progress_total, "message": job.progress_message}
        await events.record(
            session,
            type=PROGRESS,
            workspace_id=job.workspace_id,
            exploration_id=job.exploration_id,
            subject_type=job.subject_type,
            subject_id=job.subject_id,
            job_id=job.id,
            data={"kind": job.kind, "status": shown_status(job), "progress": progress},
        )
        values = {"job_id": job.id, "workspace_id": job.workspace_id}
        await session.execute(_REMEMBER, values | progress)
    return len(jobs)
