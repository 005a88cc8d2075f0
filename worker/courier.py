"""Sends webhooks: takes what is due, calls the receivers, writes what came of it; mails who is to know of an end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.audit import service as audit
from core.crypto.service import NotOpened
from core.db import session as db
from core.db.direct import direct
from core.db.session import DatabaseUnavailable
from core.mail import service as mail
from core.mail.content import WebhookDisabled
from core.settings import Settings
from core.together import Together
from core.webhooks import delivering, schedule, secrets
from core.webhooks.delivering import Ended, Outcome, Parcel
from core.webhooks.guard import Guard, Uncalled
from core.webhooks.schemas import message_name
from core.workspaces import members

log = structlog.get_logger(__name__)
SLOTS: Final = 256
"""Messages a process sends at a time."""
LOOK_S: Final = 0.5
"""How long what is due may lie before it is looked for."""
BREATH_S: Final = 0.01
RENEW_S: Final = 2.0
AGAIN_S: Final = 1.0
SETTLING_S: Final = 60.0
MOST_MAILED: Final = 200
REASONS: Final = {
    "gone": "the receiver answered 410 Gone",
    "failing": "every delivery has failed for five days",
}


class Courier:
    """The deliveries of one process. Several processes share the work: a message is with one of them at a time."""

    def __init__(self, settings: Settings, guard: Guard | None = None, *, slots: int = SLOTS) -> None:
        self._settings = settings
        self._guard = guard or Guard(private=settings.webhook_allow_private)
        self._slots = slots
        self._sending: dict[asyncio.Task[None], Parcel] = {}
        self._free = asyncio.Event()
        self._settle: Together[Outcome, None] = Together(self._settle_round)
        self._renewed_at = time.monotonic()
        self.stopping = False

    async def run(self) -> None:
        """Take and send until cancelled; a database that is away is waited for."""
        while True:
            try:
                await self._renew()
                taken = 0 if self.stopping else await self.look()
            except (DatabaseUnavailable, *db.STATEMENT_ERRORS) as error:
                log.warning("webhooks_not_looked_for", reason=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
                continue
            await self._rest(LOOK_S if taken == 0 or self._room == 0 else BREATH_S)

    async def _renew(self) -> None:
        """Give a sign of life for what is being sent, now and then."""
        if self._sending and time.monotonic() - self._renewed_at > RENEW_S:
            async with direct(db.SYSTEM) as connection:
                await delivering.renew(connection, list(self._sending.values()))
            self._renewed_at = time.monotonic()

    async def _rest(self, longest_s: float) -> None:
        """Wait, until something that was being sent is done or for a while; let what ends together be counted so."""
        self._free.clear()
        try:
            async with asyncio.timeout(longest_s):
                await self._free.wait()
        except TimeoutError:
            return
        await asyncio.sleep(BREATH_S)

    @property
    def _room(self) -> int:
        return self._slots - len(self._sending)

    async def look(self) -> int:
        """Take what is due and there is room for, and begin to send it; return how many."""
        if self._room <= 0:
            return 0
        async with direct(db.SYSTEM) as connection:
            parcels = await delivering.take(connection, self._room)
            if self.stopping:
                await delivering.give_back(connection, parcels)
                return 0
        for parcel in parcels:
            task = asyncio.create_task(self._deliver(parcel))
            self._sending[task] = parcel
            task.add_done_callback(self._ended)
        return len(parcels)

    def _ended(self, task: asyncio.Task[None]) -> None:
        parcel = self._sending.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("webhook_delivery_broke", delivery_id=str(parcel.id), exc_info=error)
        self._free.set()

    async def sent(self) -> None:
        """Wait until nothing is being sent."""
        while self._sending:
            await asyncio.wait(list(self._sending))

    async def drain(self, grace_s: float) -> None:
        """Take nothing new, let what is being sent end for a grace time, give the rest to others."""
        self.stopping = True
        if self._sending:
            await asyncio.wait(list(self._sending), timeout=grace_s)
        left = dict(self._sending)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
            with suppress(DatabaseUnavailable):  # then their leases lapse by themselves
                async with direct(db.SYSTEM) as connection:
                    await delivering.give_back(connection, list(left.values()))
        await self._guard.aclose()

    async def _deliver(self, parcel: Parcel) -> None:
        outcome = await self._send(parcel)
        log.info(
            "webhook_sent",
            delivery_id=str(parcel.id),
            webhook_id=str(parcel.endpoint_id),
            status=outcome.status,
            error=outcome.error_code,
            latency_ms=outcome.latency_ms,
        )
        until = time.monotonic() + SETTLING_S  # a database that is away for longer has it sent again
        while True:
            try:
                await self._settle(outcome)
                return
            except DatabaseUnavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(AGAIN_S)

    async def _send(self, parcel: Parcel) -> Outcome:
        at, began = clock.now(), time.perf_counter()
        try:
            signing = secrets.opened(
                self._settings, parcel.secret, parcel.previous_secret, parcel.previous_secret_expires_at, at
            )
            headers = secrets.headers(signing, message_name(parcel.id), at, parcel.body)
            answer = await self._guard.post(
                parcel.url,
                parcel.body.encode(),
                {"Content-Type": "application/json", "User-Agent": "synthetic-people-webhooks/1", **headers},
            )
        except Uncalled as error:
            return Outcome(parcel, at, _since(began), error_code=error.code, error=error.detail)
        except NotOpened:
            detail = "None of ENCRYPTION_KEYS opens the webhook's secret."
            return Outcome(parcel, at, _since(began), error_code="secret_not_opened", error=detail)
        except Exception:  # or the message would be taken and sent again for ever
            log.exception("webhook_not_sent", delivery_id=str(parcel.id))
            detail = "An unexpected error; it was logged."
            return Outcome(parcel, at, _since(began), error_code="internal_error", error=detail)
        return Outcome(
            parcel,
            at,
            _since(began),
            status=answer.status,
            response=answer.body.decode("utf-8", "replace").replace("\0", "\ufffd"),
            retry_after_s=schedule.retry_after_s(answer.headers.get("retry-after"), at),
        )

    async def _settle_round(self, outcomes: Sequence[Outcome]) -> list[None]:
        async with db.scope(db.SYSTEM) as session:
            ended = await delivering.settle(db.driver_of(session), outcomes)
            for one in ended:
                await _tell_end(session, one)
        return [None] * len(outcomes)


async def _tell_end(session: AsyncSession, ended: Ended) -> None:
    """Record that an endpoint was disabled, and mail its owners, in the transaction that disables it."""
    log.warning("webhook_disabled", webhook_id=str(ended.id), reason=ended.reason)
    await audit.record(
        session,
        "webhook.disabled",
        actor_type="system",
        actor_id=None,
        workspace_id=ended.workspace_id,
        subject_type="webhook",
        subject_id=ended.id,
        data={"reason": ended.reason},
    )
    content = WebhookDisabled(ended.url, ended.failing_since, REASONS[ended.reason])
    people = await members.list_for(session, ended.workspace_id, limit=MOST_MAILED, before=None)
    for person in people:
        if person.role == "admin":
            await mail.send(session, content, to=person.email, workspace_id=ended.workspace_id)


def _since(began: float) -> int:
    return round(1000 * (time.perf_counter() - began))


def for_pools(settings: Settings, pools: Sequence[str]) -> Courier | None:
    """Return the courier of a process, if it serves the pool of deliveries."""
    return Courier(settings) if "delivery" in pools else None
