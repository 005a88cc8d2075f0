"""Statements of deliveries: take what is due, write what came of it, let an endpoint rest or end it.

What is due is told by `core.clock`, leases by the database's clock. Taken messages are sent at least once; what came
of it is written once, by whoever holds the lease.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import asyncpg

from core import clock
from core.webhooks import schedule

AT_ONCE: Final = 4
"""Messages in flight to one endpoint that answers; to one that fails, one."""
AT_ONCE_PER_WORKSPACE: Final = 64
"""Messages in flight for one workspace, to all its receivers: however slow they are, others have their turn."""
MOST_ATTEMPTS: Final = 25
"""Attempts that are kept of a message, the newest ones; the schedule has ten."""
MOST_ENDPOINTS: Final = 100
LOOKED_AT: Final = 50
LEASE_S: Final = 10.0
"""How long a message is a worker's without a sign of life."""
LONGEST_RESPONSE: Final = 1000


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to send now, with the sealed secrets that sign it."""

    id: UUID
    workspace_id: UUID
    endpoint_id: UUID
    lease_id: UUID
    url: str
    body: str
    secret: bytes | None
    previous_secret: bytes | None
    previous_secret_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending a parcel: a status, or an error's code and detail."""

    parcel: Parcel
    at: datetime
    latency_ms: int
    status: int | None = None
    response: str = ""
    retry_after_s: float | None = None
    error_code: str | None = None
    error: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Ended:
    """An endpoint that was disabled just now; its owners are to be told."""

    id: UUID
    workspace_id: UUID
    url: str
    reason: Literal["gone", "failing"]
    failing_since: datetime


# Endpoints with pending messages are found by jumps in the index, whatever the number of their messages. They are held
# while messages are taken (statement by statement, so that each sees what the one before it left in flight).
_READY = """
    WITH RECURSIVE busy AS (
        SELECT workspace_id, count(*) AS n FROM webhook_message
        WHERE lease_id IS NOT NULL AND lease_until >= clock_timestamp() GROUP BY workspace_id
    ), waiting AS (
        (SELECT endpoint_id FROM webhook_message WHERE status = 'pending' ORDER BY endpoint_id LIMIT 1)
        UNION ALL
        SELECT (SELECT m.endpoint_id FROM webhook_message m WHERE m.status = 'pending'
            AND m.endpoint_id > waiting.endpoint_id ORDER BY m.endpoint_id LIMIT 1)
        FROM waiting WHERE waiting.endpoint_id IS NOT NULL
    )
    SELECT e.id FROM webhook_endpoint e JOIN waiting ON waiting.endpoint_id = e.id
        LEFT JOIN busy ON busy.workspace_id = e.workspace_id
    WHERE coalesce(busy.n, 0) < $3 AND e.status = 'enabled' AND (e.open_until IS NULL OR e.open_until <= $1)
        AND EXISTS (SELECT FROM webhook_message m WHERE m.endpoint_id = e.id AND m.status = 'pending'
            AND m.next_at <= $1 AND (m.lease_until IS NULL OR m.lease_until < clock_timestamp()))
    ORDER BY coalesce(busy.n, 0), random() LIMIT $2 FOR NO KEY UPDATE OF e SKIP LOCKED
"""
# A message waits until the one before it about the same subject has been tried once: then order is the receiver's
# matter (by `sequence`), so that one message that fails does not hold the others. Only what is due before it can hold
# a message: so the first of those looked at is never held by one that is not.
_TAKE = """
    WITH busy AS (
        SELECT workspace_id, count(*) AS n FROM webhook_message
        WHERE lease_id IS NOT NULL AND lease_until >= clock_timestamp() GROUP BY workspace_id
    ), ready AS (
        SELECT e.id, e.workspace_id, (CASE WHEN e.failures > 0 THEN 1 ELSE $3 END) - (
            SELECT count(*) FROM webhook_message m
            WHERE m.endpoint_id = e.id AND m.lease_id IS NOT NULL AND m.lease_until >= clock_timestamp()) AS room
        FROM webhook_endpoint e WHERE e.id = ANY($1)
    ), due AS (
        SELECT picked.id, ready.workspace_id,
            row_number() OVER (PARTITION BY ready.id ORDER BY picked.next_at, picked.number) AS place
        FROM ready CROSS JOIN LATERAL (
            SELECT first.id, first.next_at, first.number FROM (
                SELECT m.id, m.subject_id, m.next_at, m.number, m.lease_until FROM webhook_message m
                WHERE m.endpoint_id = ready.id AND m.status = 'pending' AND m.next_at <= $2
                ORDER BY m.next_at, m.number LIMIT $4
            ) AS first
            WHERE (first.lease_until IS NULL OR first.lease_until < clock_timestamp()) AND NOT EXISTS (
                SELECT FROM webhook_message b WHERE b.endpoint_id = ready.id AND b.status = 'pending'
                    AND b.subject_id = first.subject_id AND b.number < first.number AND b.next_at <= first.next_at
                    AND (b.tries = 0 OR b.lease_until >= clock_timestamp()))
            ORDER BY first.next_at, first.number LIMIT greatest(ready.room, 0)
        ) AS picked
    ), turns AS (
        SELECT due.id, coalesce(busy.n, 0)
            + row_number() OVER (PARTITION BY due.workspace_id ORDER BY due.place, random()) AS turn
        FROM due LEFT JOIN busy ON busy.workspace_id = due.workspace_id
    ), chosen AS (
        SELECT id FROM turns WHERE turn <= $8 ORDER BY turn, random() LIMIT $5
    ), held AS (
        SELECT m.id FROM webhook_message m JOIN chosen ON chosen.id = m.id
        WHERE m.status = 'pending' FOR UPDATE OF m SKIP LOCKED
    )
    UPDATE webhook_message m SET lease_id = $6, lease_until = clock_timestamp() + make_interval(secs => $7)
    FROM held, webhook_endpoint e LEFT JOIN webhook_secret s ON s.workspace_id = e.workspace_id AND e.kind = 'callback'
    WHERE m.id = held.id AND e.id = m.endpoint_id
    RETURNING m.id, m.workspace_id, m.endpoint_id, m.lease_id, coalesce(m.url, e.url) AS url, m.body,
        coalesce(e.secret, s.secret) AS secret, coalesce(e.previous_secret, s.previous_secret) AS previous_secret,
        coalesce(e.previous_secret_expires_at, s.previous_secret_expires_at) AS previous_secret_expires_at, m.number
"""


async def take(connection: asyncpg.Connection, room: int, *, at_once: int = AT_ONCE) -> list[Parcel]:
    """Take up to `room` due messages for this process; opened in the system scope.

    Workspaces take turns, those first that have least in flight, and in each its endpoints.
    """
    now, most = clock.now(), AT_ONCE_PER_WORKSPACE
    ready = [row["id"] for row in await connection.fetch(_READY, now, MOST_ENDPOINTS, most)]
    if not ready:
        return []
    rows = await connection.fetch(_TAKE, ready, now, at_once, LOOKED_AT, room, uuid4(), LEASE_S, most)
    return [_parcel(row) for row in sorted(rows, key=lambda row: int(row["number"]))]


def _parcel(row: asyncpg.Record) -> Parcel:
    return Parcel(**{name: value for name, value in row.items() if name != "number"})


_RENEW = """
    UPDATE webhook_message m SET lease_until = clock_timestamp() + make_interval(secs => $2)
    FROM jsonb_to_recordset($1::jsonb) AS g(id uuid, lease_id uuid)
    WHERE m.id = g.id AND m.lease_id = g.lease_id
"""


async def renew(connection: asyncpg.Connection, parcels: Sequence[Parcel]) -> None:
    """Keep what this process is still sending; opened in the system scope."""
    await connection.execute(_RENEW, _leases(parcels), LEASE_S)


_GIVE_BACK = """
    UPDATE webhook_message m SET lease_id = NULL, lease_until = NULL
    FROM jsonb_to_recordset($1::jsonb) AS g(id uuid, lease_id uuid)
    WHERE m.id = g.id AND m.lease_id = g.lease_id
"""


async def give_back(connection: asyncpg.Connection, parcels: Sequence[Parcel]) -> None:
    """Let others send what this process took and does not send; opened in the system scope."""
    await connection.execute(_GIVE_BACK, _leases(parcels))


def _leases(parcels: Sequence[Parcel]) -> str:
    return json.dumps([{"id": one.id, "lease_id": one.lease_id} for one in parcels], default=str)


_HOLD = """
    SELECT m.id, m.step FROM webhook_message m
    JOIN jsonb_to_recordset($1::jsonb) AS g(id uuid, lease_id uuid) ON m.id = g.id AND m.lease_id = g.lease_id
    ORDER BY m.id FOR UPDATE OF m
"""
# Of those that took all they got, only the ones that have something to forget.
_CONCERNED = """
    SELECT id, workspace_id, kind, url, status, failures, failing_since FROM webhook_endpoint
    WHERE id = ANY($1) OR (id = ANY($2) AND (failures > 0 OR failing_since IS NOT NULL OR open_until IS NOT NULL))
    ORDER BY id FOR NO KEY UPDATE
"""
_SETTLE = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset($1::jsonb) AS g(id uuid, status text, delay_s float, latency_ms int,
            at timestamptz, status_code int, response text, error_code text, error text)
    ), settled AS (
        UPDATE webhook_message m SET status = given.status, tries = tries + 1, step = step + 1, lease_id = NULL,
            lease_until = NULL, error = NULL,
            next_at = CASE WHEN given.status = 'pending'
                THEN $2::timestamptz + make_interval(secs => given.delay_s) END,
            delivered_at = CASE WHEN given.status = 'delivered' THEN $2::timestamptz ELSE delivered_at END
        FROM given WHERE m.id = given.id RETURNING m.id, m.workspace_id, m.tries
    ), forgotten AS (
        DELETE FROM webhook_attempt a USING settled WHERE a.message_id = settled.id AND a.number <= settled.tries - $3
    )
    INSERT INTO webhook_attempt (workspace_id, message_id, number, at, latency_ms, status_code, response, error_code,
        error)
    SELECT settled.workspace_id, settled.id, settled.tries, given.at, given.latency_ms, given.status_code,
        given.response, given.error_code, given.error
    FROM settled JOIN given ON given.id = settled.id
"""
_REST = """
    UPDATE webhook_endpoint e SET failures = g.failures, failing_since = g.failing_since, open_until = g.open_until,
        status = CASE WHEN g.reason IS NULL THEN e.status ELSE 'disabled' END,
        disabled_reason = coalesce(g.reason, e.disabled_reason),
        disabled_at = CASE WHEN g.reason IS NULL THEN e.disabled_at ELSE $2::timestamptz END
    FROM jsonb_to_recordset($1::jsonb) AS g(id uuid, failures int, failing_since timestamptz, open_until timestamptz,
        reason text)
    WHERE e.id = g.id
"""
_DROP = """
    UPDATE webhook_message SET status = 'failed', next_at = NULL, lease_id = NULL, lease_until = NULL,
        error = 'webhook_disabled'
    WHERE endpoint_id = ANY($1) AND status = 'pending' AND (lease_id IS NULL OR lease_until < clock_timestamp())
"""


async def settle(connection: asyncpg.Connection, outcomes: Sequence[Outcome]) -> list[Ended]:
    """Write what came of parcels; return the endpoints that were disabled for it. Opened in the system scope.

    An outcome whose lease is another's by now is left out. Endpoints are held before messages, as by `take`.
    """
    now = clock.now()
    by_taking = [list({one.parcel.endpoint_id for one in outcomes if one.taken is taken}) for taken in (False, True)]
    states = {row["id"]: _State(row) for row in await connection.fetch(_CONCERNED, *by_taking)}
    held = await connection.fetch(_HOLD, _leases([one.parcel for one in outcomes]))
    steps = {row["id"]: row["step"] for row in held}
    kept = [one for one in outcomes if one.parcel.id in steps]
    for one in kept:
        if one.parcel.endpoint_id in states:
            states[one.parcel.endpoint_id].note(one, now)
    values = [_settled(one, steps[one.parcel.id], states.get(one.parcel.endpoint_id)) for one in kept]
    await connection.execute(_SETTLE, json.dumps(values, default=str), now, MOST_ATTEMPTS)
    changed = [state for state in states.values() if state.changed]
    if changed:
        await connection.execute(_REST, json.dumps([state.row() for state in changed], default=str), now)
    ended = [state.ended() for state in changed if state.reason is not None]
    if ended:
        await connection.execute(_DROP, [one.id for one in ended])
    return ended


def _settled(one: Outcome, step: int, state: _State | None) -> dict[str, Any]:
    is_gone = one.status == schedule.GONE and (state is None or state.concerns(one))
    is_last = one.taken or is_gone or (state is not None and state.is_disabled)
    wait_s = None if is_last else schedule.delay_s(step + 1, one.retry_after_s)
    status = "delivered" if one.taken else "failed" if wait_s is None else "pending"
    return {
        "id": one.parcel.id,
        "status": status,
        "delay_s": wait_s,
        "at": one.at.isoformat(),
        "latency_ms": one.latency_ms,
        "status_code": one.status,
        "response": one.response[:LONGEST_RESPONSE],
        "error_code": one.error_code,
        "error": one.error,
    }


class _State:
    """How it stands with an endpoint while outcomes are noted."""

    def __init__(self, row: asyncpg.Record) -> None:
        self._row = row
        self._failures: int = row["failures"]
        self._failing_since: datetime | None = row["failing_since"]
        self._open_until: datetime | None = None
        self.changed = False
        self.reason: Literal["gone", "failing"] | None = None

    def concerns(self, one: Outcome) -> bool:
        """Tell whether an attempt was made where the endpoint leads now; its URL may be another since."""
        return bool(self._row["kind"] != "endpoint" or self._row["url"] == one.parcel.url)

    def note(self, one: Outcome, now: datetime) -> None:
        """Note the outcome of one attempt."""
        if not self.concerns(one):
            return
        self.changed = True
        if one.taken:
            self._failures, self._failing_since, self._open_until = 0, None, None
            return
        self._failures += 1
        self._failing_since = self._failing_since or now
        wait_s = schedule.pause_s(self._failures, one.retry_after_s)
        self._open_until = _later(self._open_until, wait_s, now)
        if self._row["kind"] != "endpoint" or self._row["status"] != "enabled":
            return  # the origin of callbacks serves several URLs: none of them ends it
        if one.status == schedule.GONE:
            self.reason = "gone"
        elif now - self._failing_since >= schedule.FAILING_FOR:
            self.reason = "failing"

    @property
    def is_disabled(self) -> bool:
        """Whether nothing more is sent there."""
        return self._row["status"] != "enabled" or self.reason is not None

    def row(self) -> dict[str, Any]:
        """Return what is to be written."""
        return {
            "id": self._row["id"],
            "failures": self._failures,
            "failing_since": self._failing_since,
            "open_until": self._open_until,
            "reason": self.reason,
        }

    def ended(self) -> Ended:
        """Return who is to be told of."""
        assert self.reason is not None
        assert self._failing_since is not None
        return Ended(self._row["id"], self._row["workspace_id"], self._row["url"], self.reason, self._failing_since)


def _later(until: datetime | None, wait_s: float, now: datetime) -> datetime | None:
    if wait_s <= 0:
        return until
    found = now + timedelta(seconds=wait_s)
    return found if until is None or found > until else until
