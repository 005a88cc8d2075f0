"""Write mails, hand them to their delivery, keep what became of them; forget what they said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.crypto import service as crypto
from core.db import session as db
from core.db.base import uuid7
from core.jobs import service as jobs
from core.jobs.service import Author
from core.mail import content
from core.mail.content import Mail
from core.mail.jobs import SEND_MAIL, SendMail
from core.mail.models import MailRow
from core.settings import get_settings

LONGEST_WAY: Final = timedelta(days=4)
"""How long a mail is tried for that does not say until when it is of use."""
KEPT_DAYS: Final = 30
"""How long the row of a mail stays that was sent or given up."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail whose delivery has begun; `sealed` holds what it says, `tries` counts this delivery too."""

    id: UUID
    kind: str
    sealed: bytes
    to: str
    message_id: str
    tries: int
    created_at: datetime


Step = Outgoing | Literal["gone", "sent", "unsure", "expired"]


async def send(
    session: AsyncSession,
    mail: Mail,
    *,
    to: str,
    workspace_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Write a mail and the job that delivers it, in the caller's transaction and whatever its scope; return its id.

    A mail about a workspace is deleted with it. From `expires_at` on its link is of no use: the mail says so, and is
    not tried any longer.
    """
    settings = get_settings()
    mail_id = uuid7()
    row = MailRow(
        id=mail_id,
        workspace_id=workspace_id,
        kind=content.kind_of(mail),
        to_address=to,
        content=crypto.encrypt(settings, content.dump(mail, expires_at)),
        message_id=f"<{mail_id.hex}@{settings.mail_from.rpartition('@')[2]}>",
        expires_at=expires_at or clock.now() + LONGEST_WAY,
    )
    async with db.as_system(session):
        session.add(row)
        await session.flush()
        # A job of the service itself: no workspace's list, budget, pause or deletion has to do with it.
        args, author = SendMail(mail_id=mail_id), Author("system")
        await jobs.submit(session, SEND_MAIL, args, workspace_id=None, author=author, subject_id=mail_id)
    return mail_id


_HOLD = text("""
    SELECT status, kind, content, to_address, message_id, tries, created_at, expires_at <= clock_timestamp() AS expired
    FROM mail WHERE id = :id FOR UPDATE
""")
_BEGIN = text("""
    UPDATE mail SET status = 'sending', tries = tries + 1, sending_at = clock_timestamp() WHERE id = :id
""")
_DEFER = text("UPDATE mail SET status = 'queued', error = CAST(:error AS jsonb) WHERE id = :id AND status <> 'sent'")


async def begin(session: AsyncSession, mail_id: UUID) -> Step:
    """Note that a delivery begins, and return what to deliver; or why there is nothing to deliver now.

    `unsure`: a worker that had begun was never heard of again. Whoever finds that waits a moment before the next
    delivery, so that a worker that only lost the database can still tell that the mail server has taken the mail.
    """
    row = (await session.execute(_HOLD, {"id": mail_id})).one_or_none()
    if row is None:
        return "gone"
    if row.status == "sent":
        return "sent"
    if row.expired or row.content is None:
        return "expired"
    if row.status == "sending":
        await defer(session, mail_id, {"code": "mail_unsure"})
        return "unsure"
    await session.execute(_BEGIN, {"id": mail_id})
    return Outgoing(mail_id, row.kind, row.content, row.to_address, row.message_id, row.tries + 1, row.created_at)


def unseal(outgoing: Outgoing) -> tuple[Mail, datetime | None]:
    """Return what a mail says, and until when its link works; raises crypto.NotOpened."""
    return content.load(outgoing.kind, crypto.decrypt(get_settings(), outgoing.sealed))


async def defer(session: AsyncSession, mail_id: UUID, error: Mapping[str, Any]) -> None:
    """Note that a delivery did not succeed and that there will be another."""
    await session.execute(_DEFER, {"id": mail_id, "error": json.dumps(error)})


_ACCEPT = text("""
    UPDATE mail SET status = 'sent', sent_at = clock_timestamp(), content = NULL, error = NULL
    WHERE id = :id AND status <> 'sent'
""")
_GIVE_UP = text("""
    UPDATE mail SET status = 'failed', error = CAST(:error AS jsonb),
        content = CASE WHEN expires_at <= clock_timestamp() THEN NULL ELSE content END
    WHERE id = :id AND status <> 'sent'
""")


async def accept(session: AsyncSession, mail_id: UUID) -> None:
    """Note that the mail server has taken a mail: true whoever owns its job by now. What it said is forgotten."""
    await session.execute(_ACCEPT, {"id": mail_id})


async def give_up(session: AsyncSession, mail_id: UUID, error: Mapping[str, Any]) -> None:
    """Note that a mail was refused for good or came too late; until it expires its job can be retried by hand."""
    await session.execute(_GIVE_UP, {"id": mail_id, "error": json.dumps(error)})


_FORGET = text("DELETE FROM mail WHERE to_address = :address")
_WIPE = text("""
    UPDATE mail SET content = NULL, status = 'failed', error = '{"code": "mail_expired"}'
    WHERE content IS NOT NULL AND expires_at < clock_timestamp() - interval '1 hour'
""")
_PURGE = text(
    "DELETE FROM mail WHERE content IS NULL AND created_at < clock_timestamp() - make_interval(days => :days)"
)


async def forget(session: AsyncSession, address: str) -> None:
    """Delete all mails to an address, also those that are still to be sent; opened in the system scope."""
    await session.execute(_FORGET, {"address": address})


async def purge(session: AsyncSession) -> None:
    """Wipe what is of no use any more, delete what was settled long ago; opened in the system scope."""
    await session.execute(_WIPE)
    await session.execute(_PURGE, {"days": KEPT_DAYS})
