"""A mail is delivered once, to a real SMTP server."""

from __future__ import annotations

from uuid import UUID

from core.llm.scripted import ScriptedModel
from core.mail.content import Invitation
from tests.factories import mails
from tests.factories.mails import TOKEN, new_address
from tests.fixtures.runners import MakeRunner
from tests.fixtures.smtp import SmtpServer, part


async def run(make_runner: MakeRunner, mail_id: UUID) -> None:
    """Let a worker deliver a mail."""
    await make_runner(ScriptedModel({})).run((await mails.job_of(mail_id)).id)


async def test_a_mail_arrives_with_a_text_and_an_html_part(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    to = new_address()
    mail_id = await mails.write(to, Invitation("Ada Lopez", "Études", "member", TOKEN))
    await run(make_runner, mail_id)
    [got] = smtp.of(to)
    assert got.message["Subject"] == "Ada Lopez invites you to “Études” at Synthetic People"
    assert f"/invitations/accept?token={TOKEN}" in part(got.message, "plain")
    assert f'/invitations/accept?token={TOKEN}"' in part(got.message, "html")


async def test_what_was_sent_is_noted_and_what_it_said_forgotten(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    mail_id = await mails.write(new_address())
    await run(make_runner, mail_id)
    row, job = await mails.row(mail_id), await mails.job_of(mail_id)
    assert (row["status"], row["content"], row["tries"]) == ("sent", None, 1)
    assert (job.status, job.result) == ("succeeded", {"mail_id": str(mail_id)})
