"""Body of the mail job: begin, hand over, note what came of it."""

from __future__ import annotations

import asyncio
from email.errors import MessageError
from email.message import EmailMessage
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core.crypto.service import NotOpened
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.jobs.errors import JobError, PermanentError, Snooze
from core.mail import delivery, letters, rendering, service
from core.mail.delivery import MailServer, Undelivered
from core.mail.jobs import SEND_MAIL, SendMail
from core.mail.service import Outgoing, Step
from core.settings import Settings, get_settings
from worker.context import JobContext
from worker.registry import Done, body
from worker.steps import RETRY_WRITE_S

log = structlog.get_logger(__name__)
UNSURE_S: Final = 10.0
NOT_CONFIGURED_S: Final = 300.0
LAST_WORDS_S: Final = 3.0
_notes: set[asyncio.Task[None]] = set()
_met: list[MailServer] = []


@body(SEND_MAIL)
async def send_mail(ctx: JobContext, args: SendMail) -> Done:
    """Deliver a mail once; what the mail server has taken is noted at once and never sent again."""
    step = await _begun(ctx, args)
    if step == "unsure":
        wait_s = min(UNSURE_S, 2 * get_settings().job_lease_s)
        raise Snooze(wait_s, "Whether the mail was taken is not known yet.", code="mail_unsure")
    if step == "expired":
        raise await _given_up(ctx, args, PermanentError("The mail came too late to be of use.", code="mail_expired"))
    if isinstance(step, Outgoing):
        try:
            await _deliver(step)
        except JobError as error:
            raise await _given_up(ctx, args, error) from None
    return Done({"mail_id": str(args.mail_id)})  # sent, or gone with its account or workspace


async def _begun(ctx: JobContext, args: SendMail) -> Step:
    """Note that a delivery begins, while the job is this worker's; raises LostClaim."""
    steps: list[Step] = []

    async def begin(session: AsyncSession) -> None:
        steps.append(await service.begin(session, args.mail_id))

    await ctx.save(begin)
    return steps[-1]


async def _deliver(outgoing: Outgoing) -> None:
    """Hand a mail over and note it; raises PermanentError or Snooze."""
    settings = get_settings()
    if settings.mail_server is None and settings.environment == "production":
        raise Snooze(NOT_CONFIGURED_S, "MAIL_SERVER is not set: mails wait.", code="mail_not_configured")
    message = _written(outgoing, settings)
    if settings.mail_server is None:
        await _to_folder(outgoing, message, settings)
        return
    handing = asyncio.create_task(_hand_over(outgoing, message, settings))
    try:
        await asyncio.shield(handing)
    except asyncio.CancelledError:
        # The server may be about to take it: what comes of it is worth a moment.
        await asyncio.wait([handing], timeout=LAST_WORDS_S)
        handing.cancel()
        raise
    except Undelivered as error:
        if error.verdict == "refused":
            raise PermanentError(error.detail, code=error.code) from None
        wait_s = error.delay_s or delivery.delay_s(outgoing.tries)
        if error.verdict == "locked_out":
            wait_s = error.delay_s or delivery.LONGEST_DELAY_S
        raise Snooze(wait_s, error.detail, code=error.code) from None


def _written(outgoing: Outgoing, settings: Settings) -> EmailMessage:
    try:
        mail, until = service.unseal(outgoing)
    except NotOpened:
        reason = "None of ENCRYPTION_KEYS opens the mail: the key that sealed it is missing."
        raise Snooze(delivery.LONGEST_DELAY_S, reason, code="mail_key_missing") from None
    except ValueError:
        raise PermanentError("This release cannot read the mail.", code="mail_unreadable") from None
    letter = letters.compose(mail, settings, until)
    try:
        return rendering.as_message(
            letter,
            sender=settings.mail_from,
            to=outgoing.to,
            message_id=outgoing.message_id,
            date=outgoing.created_at,
        )
    except (ValueError, IndexError, MessageError):
        raise PermanentError("The address cannot be written to.", code="mail_address_invalid") from None


async def _hand_over(outgoing: Outgoing, message: EmailMessage, settings: Settings) -> None:
    await _server(settings).send(message)
    log.info("mail_sent", mail_id=str(outgoing.id), kind=outgoing.kind, tries=outgoing.tries)
    await _noted(outgoing)


async def _to_folder(outgoing: Outgoing, message: EmailMessage, settings: Settings) -> None:
    name = f"{outgoing.created_at:%Y%m%d-%H%M%S}-{outgoing.kind}-{outgoing.id.hex[-8:]}"
    path = await asyncio.to_thread(delivery.write_to_folder, settings.data_dir, name, message)
    log.info("mail_written", path=str(path))
    await _noted(outgoing)


async def _noted(outgoing: Outgoing) -> None:
    """Note that a mail was taken, however long the database is away: this job's end does not end it."""
    note = asyncio.create_task(_accept(outgoing))
    _notes.add(note)
    note.add_done_callback(_notes.discard)
    await asyncio.shield(note)


async def _accept(outgoing: Outgoing) -> None:
    while True:
        try:
            async with db.scope(db.SYSTEM) as session:
                await service.accept(session, outgoing.id)
            return
        except DatabaseUnavailable:
            await asyncio.sleep(RETRY_WRITE_S)


async def _given_up(ctx: JobContext, args: SendMail, error: JobError) -> JobError:
    """Note in the mail why it was not delivered, now or for good, and return the error for the job."""
    told = {"code": error.code, "detail": error.detail}
    log.warning("mail_not_delivered", mail_id=str(args.mail_id), **told)
    note = service.give_up if isinstance(error, PermanentError) else service.defer
    await ctx.save(lambda session: note(session, args.mail_id, told))
    return error


def _server(settings: Settings) -> MailServer:
    """Return this process's view of the mail server: one for all mails."""
    if not _met or _met[0].settings is not settings:
        _met[:] = [MailServer(settings)]
    return _met[0]
