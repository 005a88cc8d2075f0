"""What a mail server does wrong: mails wait, are refused for good, and are never lost; nothing secret is told."""

from __future__ import annotations

import asyncio

import pytest

from core.db import session as db
from core.jobs import service as jobs
from core.mail import delivery
from core.mail.content import ResetPassword
from tests.factories import mails
from tests.factories.mails import TOKEN, due, new_address, run
from tests.fixtures.certificates import Certificate
from tests.fixtures.mail_settings import SetMail
from tests.fixtures.runners import MakeRunner
from tests.fixtures.smtp import CUT, SmtpServer
from worker.jobs import mail as body

pytestmark = pytest.mark.usefixtures("set_mail")


@pytest.mark.parametrize(
    ("stage", "reply"), [("mail", "451 4.3.0 Busy"), ("rcpt", "450 4.2.1 Greylisted"), ("data", "452 4.3.1 Full")]
)
async def test_a_temporary_refusal_is_tried_again_and_uses_up_no_attempt(
    make_runner: MakeRunner, smtp: SmtpServer, stage: str, reply: str
) -> None:
    setattr(smtp.behaviour, stage, reply)
    mail_id = await mails.write(to := new_address())
    job = await run(make_runner, mail_id)
    assert (job.status, job.attempt, (job.error or {})["code"]) == ("retry_wait", 0, "mail_deferred")
    assert reply[:9] in (job.error or {})["detail"]
    smtp.reset()
    await due(mail_id)
    assert (await run(make_runner, mail_id)).status == "succeeded"
    assert len(smtp.of(to)) == 1


@pytest.mark.parametrize(("stage", "reply"), [("rcpt", "550 5.1.1 Unknown"), ("data", "554 5.7.1 No")])
async def test_a_refusal_for_good_fails_at_once_and_is_on_record(
    make_runner: MakeRunner, smtp: SmtpServer, stage: str, reply: str
) -> None:
    setattr(smtp.behaviour, stage, reply)
    mail_id = await mails.write(new_address())
    job = await run(make_runner, mail_id)
    row = await mails.row(mail_id)
    assert (job.status, (job.error or {})["code"]) == ("failed", "mail_refused")
    assert (row["status"], row["error"]["code"]) == ("failed", "mail_refused")
    assert reply[:9] in row["error"]["detail"]


async def test_a_mail_that_was_refused_can_be_sent_by_hand_once_the_cause_is_mended(
    make_runner: MakeRunner, smtp: SmtpServer
) -> None:
    smtp.behaviour.rcpt = "550 5.7.1 Relaying denied"
    mail_id = await mails.write(to := new_address())
    job = await run(make_runner, mail_id)
    smtp.reset()
    async with db.scope(db.SYSTEM) as session:
        await jobs.retry(session, job.id)
    assert (await run(make_runner, mail_id)).status == "succeeded"
    assert ((await mails.row(mail_id))["status"], len(smtp.of(to))) == ("sent", 1)


async def test_what_a_server_says_is_not_repeated(
    make_runner: MakeRunner, smtp: SmtpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    to = new_address()
    smtp.behaviour.data = f"554 5.7.1 {to} must not get /reset-password/{TOKEN}"
    mail_id = await mails.write(to, ResetPassword("Ada Lopez", TOKEN))
    job = await run(make_runner, mail_id)
    told = f"{job.error} {(await mails.row(mail_id))['error']} {capsys.readouterr()}"
    assert "554 5.7.1" in told
    assert TOKEN not in told
    assert to not in told


async def test_a_refused_login_is_said_and_not_tried_again_for_each_mail(
    make_runner: MakeRunner,
    tls_smtp: SmtpServer,
    certificate: Certificate,
    set_mail: SetMail,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tls_smtp.behaviour.login = ("mailer", "the right password")
    set_mail(MAIL_PORT=tls_smtp.port, MAIL_STARTTLS="true", MAIL_CERT_BUNDLE=certificate.path)
    set_mail(MAIL_USERNAME="mailer", MAIL_PASSWORD="the wrong password")
    found = [await run(make_runner, await mails.write(new_address())) for _ in range(3)]
    assert {(job.status, job.attempt, (job.error or {})["code"]) for job in found} == {
        ("retry_wait", 0, "mail_login_refused")
    }
    assert tls_smtp.conversations == 1
    assert "MAIL_PASSWORD" in (found[0].error or {})["detail"]
    assert "the wrong password" not in f"{[job.error for job in found]} {capsys.readouterr()}"


async def test_a_server_that_does_not_greet_is_given_up_in_time(
    make_runner: MakeRunner, smtp: SmtpServer, set_mail: SetMail
) -> None:
    smtp.behaviour.greeting_hangs = True
    set_mail(MAIL_TIMEOUT_S="0.3")
    job = await run(make_runner, await mails.write(new_address()))
    assert (job.status, (job.error or {})["code"]) == ("retry_wait", "mail_server_unreachable")


async def test_a_server_that_does_not_answer_to_a_mail_is_given_up_in_time(
    make_runner: MakeRunner, smtp: SmtpServer, set_mail: SetMail
) -> None:
    smtp.behaviour.hang_s = 3
    set_mail(MAIL_TIMEOUT_S="0.2")
    job = await run(make_runner, await mails.write(new_address()))
    assert (job.status, (job.error or {})["code"]) == ("retry_wait", "mail_server_silent")


async def test_a_mail_whose_connection_broke_after_the_last_byte_comes_again_as_the_same_mail(
    make_runner: MakeRunner, smtp: SmtpServer
) -> None:
    smtp.behaviour.data = CUT
    mail_id = await mails.write(to := new_address())
    job = await run(make_runner, mail_id)
    assert (job.status, (job.error or {})["code"]) == ("retry_wait", "mail_connection_lost")
    smtp.behaviour.data = None
    await due(mail_id)
    assert (await run(make_runner, mail_id)).status == "succeeded"
    assert len({one.message["Message-ID"] for one in smtp.of(to)}) == 1


async def test_mails_wait_for_a_server_that_is_away(
    make_runner: MakeRunner, smtp: SmtpServer, set_mail: SetMail
) -> None:
    smtp.stop()
    mail_id = await mails.write(to := new_address())
    for _ in range(3):
        job = await run(make_runner, mail_id)
        assert (job.status, job.attempt, (job.error or {})["code"]) == ("retry_wait", 0, "mail_server_unreachable")
        await due(mail_id)
        body._met.clear()
    smtp.start()
    assert (await run(make_runner, mail_id)).status == "succeeded"
    assert len(smtp.of(to)) == 1


async def test_while_a_server_cannot_be_reached_only_one_mail_in_a_while_tries(
    make_runner: MakeRunner, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PAUSE_S", 1.0)
    smtp.stop()
    await run(make_runner, await mails.write(new_address()))
    smtp.start()
    second = await mails.write(to := new_address())
    job = await run(make_runner, second)
    assert (job.status, (job.error or {})["code"], smtp.conversations) == ("retry_wait", "mail_server_unreachable", 0)
    await asyncio.sleep(1.1)
    await due(second)
    assert (await run(make_runner, second)).status == "succeeded"
    assert len(smtp.of(to)) == 1


def test_the_wait_grows_from_seconds_to_a_quarter_of_an_hour() -> None:
    assert all(2.5 <= delivery.delay_s(1) <= 5 for _ in range(50))
    assert all(40 <= delivery.delay_s(5) <= 80 for _ in range(50))
    assert all(450 <= delivery.delay_s(1000) <= 900 for _ in range(50))


async def test_a_mail_that_no_key_opens_waits_for_its_key(
    make_runner: MakeRunner, smtp: SmtpServer, set_mail: SetMail
) -> None:
    set_mail(ENCRYPTION_KEYS="a key that is taken away afterwards, too early")
    mail_id = await mails.write(to := new_address())
    set_mail(ENCRYPTION_KEYS=None)
    job = await run(make_runner, mail_id)
    assert (job.status, (job.error or {})["code"]) == ("retry_wait", "mail_key_missing")
    set_mail(ENCRYPTION_KEYS="a key that is taken away afterwards, too early")
    await due(mail_id)
    assert (await run(make_runner, mail_id)).status == "succeeded"
    assert len(smtp.of(to)) == 1


@pytest.mark.parametrize("address", ["no address", "a@b@c", "a\nBcc: b@example.org@example.org", ""])
async def test_an_address_that_is_none_fails_for_good(make_runner: MakeRunner, smtp: SmtpServer, address: str) -> None:
    job = await run(make_runner, await mails.write(address))
    assert (job.status, (job.error or {})["code"]) == ("failed", "mail_address_invalid")
    assert smtp.received == []
