"""A mail is delivered once, to a real SMTP server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core import clock
from core.db.session import DatabaseUnavailable
from core.mail import service
from core.mail.content import Invitation
from tests.factories import mails
from tests.factories.mails import TOKEN, due, new_address, run
from tests.fixtures.certificates import Certificate
from tests.fixtures.mail_settings import SetMail
from tests.fixtures.runners import MakeRunner
from tests.fixtures.smtp import CUT, SmtpServer, part

pytestmark = pytest.mark.usefixtures("set_mail")


async def test_a_mail_arrives_with_a_text_and_an_html_part(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    to = new_address()
    await run(make_runner, await mails.write(to, Invitation("Ada Lopez", "Études", "member", TOKEN)))
    [got] = smtp.of(to)
    assert got.message["Subject"] == "Ada Lopez invites you to “Études” at Synthetic People"
    assert f"/invitations/accept?token={TOKEN}" in part(got.message, "plain")
    assert f'/invitations/accept?token={TOKEN}"' in part(got.message, "html")


async def test_what_was_sent_is_noted_and_what_it_said_forgotten(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    mail_id = await mails.write(new_address())
    job = await run(make_runner, mail_id)
    row = await mails.row(mail_id)
    assert (row["status"], row["content"], row["tries"]) == ("sent", None, 1)
    assert (job.status, job.result) == ("succeeded", {"mail_id": str(mail_id)})


async def test_headers_say_that_a_machine_wrote_and_name_the_mail(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    mail_id = await mails.write(to := new_address())
    await run(make_runner, mail_id)
    headers = smtp.of(to)[0].message
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"] == (await mails.row(mail_id))["message_id"]
    assert headers["From"] == "Synthetic People <no-reply@synthetic-people.example>"


async def test_a_server_that_is_rude_after_taking_a_mail_gets_it_once(
    make_runner: MakeRunner, smtp: SmtpServer
) -> None:
    smtp.behaviour.quit = CUT
    mail_id = await mails.write(to := new_address())
    job = await run(make_runner, mail_id)
    assert (len(smtp.of(to)), job.status) == (1, "succeeded")


async def test_a_mail_that_was_taken_is_noted_when_the_database_comes_back(
    make_runner: MakeRunner, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, away = service.accept, [1, 2, 3]

    async def later(session: object, mail_id: object) -> None:
        if away:
            away.pop()
            raise DatabaseUnavailable
        await accept(session, mail_id)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "accept", later)
    mail_id = await mails.write(to := new_address())
    await run(make_runner, mail_id)
    assert ((await mails.row(mail_id))["status"], len(smtp.of(to))) == ("sent", 1)


async def test_a_mail_that_is_noted_as_sent_is_not_sent_again(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    mail_id = await mails.write(to := new_address())
    await mails.change(mail_id, "status", "'sent'")
    job = await run(make_runner, mail_id)
    assert (job.status, smtp.of(to)) == ("succeeded", [])


async def test_a_mail_whose_delivery_was_broken_off_waits_a_moment_before_the_next(
    make_runner: MakeRunner, smtp: SmtpServer
) -> None:
    mail_id = await mails.write(to := new_address())
    await mails.change(mail_id, "status", "'sending'")
    job = await run(make_runner, mail_id)
    assert (job.status, (job.error or {})["code"], smtp.of(to)) == ("retry_wait", "mail_unsure", [])
    await due(mail_id)
    assert (await run(make_runner, mail_id)).status == "succeeded"
    assert len(smtp.of(to)) == 1


async def test_a_mail_that_comes_too_late_is_not_sent(make_runner: MakeRunner, smtp: SmtpServer) -> None:
    mail_id = await mails.write(to := new_address(), expires_at=clock.now() - timedelta(seconds=1))
    job = await run(make_runner, mail_id)
    assert (job.status, (job.error or {})["code"], smtp.of(to)) == ("failed", "mail_expired", [])
    assert (await mails.row(mail_id))["content"] is None


async def test_a_mail_is_sent_over_starttls(
    make_runner: MakeRunner, tls_smtp: SmtpServer, certificate: Certificate, set_mail: SetMail
) -> None:
    set_mail(MAIL_PORT=tls_smtp.port, MAIL_STARTTLS="true", MAIL_CERT_BUNDLE=certificate.path)
    await run(make_runner, await mails.write(to := new_address()))
    assert [one.tls for one in tls_smtp.of(to)] == [True]


async def test_a_mail_is_sent_over_tls_from_the_first_byte(
    make_runner: MakeRunner, tls_smtp: SmtpServer, certificate: Certificate, set_mail: SetMail
) -> None:
    tls_smtp.tls_at_once = True
    tls_smtp.reset()
    set_mail(MAIL_PORT=tls_smtp.port, MAIL_STARTTLS="true", MAIL_SSL_TLS="true", MAIL_CERT_BUNDLE=certificate.path)
    await run(make_runner, await mails.write(to := new_address()))
    assert [one.tls for one in tls_smtp.of(to)] == [True]


async def test_no_mail_goes_to_a_server_whose_certificate_is_not_trusted(
    make_runner: MakeRunner, tls_smtp: SmtpServer, set_mail: SetMail
) -> None:
    set_mail(MAIL_PORT=tls_smtp.port, MAIL_STARTTLS="true")
    mail_id = await mails.write(new_address())
    job = await run(make_runner, mail_id)
    assert tls_smtp.received == []
    assert (job.status, job.error or {}) == ("retry_wait", (job.error or {}) | {"code": "mail_server_unreachable"})
    assert "certificate is not trusted" in (job.error or {})["detail"]


async def test_no_mail_goes_in_the_clear_where_starttls_is_asked_for(
    make_runner: MakeRunner, smtp: SmtpServer, set_mail: SetMail
) -> None:
    set_mail(MAIL_STARTTLS="true")
    job = await run(make_runner, await mails.write(to := new_address()))
    assert (job.status, (job.error or {})["code"], smtp.of(to)) == ("retry_wait", "mail_server_lacks", [])


async def test_a_mail_is_sent_with_a_login_over_tls(
    make_runner: MakeRunner, tls_smtp: SmtpServer, certificate: Certificate, set_mail: SetMail
) -> None:
    tls_smtp.behaviour.login = ("mailer", "the right password")
    set_mail(
        MAIL_PORT=tls_smtp.port,
        MAIL_STARTTLS="true",
        MAIL_CERT_BUNDLE=certificate.path,
        MAIL_USERNAME="mailer",
        MAIL_PASSWORD="the right password",
    )
    await run(make_runner, await mails.write(to := new_address()))
    assert [one.login for one in tls_smtp.of(to)] == [True]


async def test_without_a_mail_server_in_development_a_mail_becomes_a_file_for_its_owner(
    make_runner: MakeRunner, set_mail: SetMail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_mail(MAIL_SERVER=None, DATA_DIR=tmp_path)
    job = await run(make_runner, await mails.write(to := new_address()))
    [path] = list((tmp_path / "mails").iterdir())
    written, said = path.read_text(), capsys.readouterr()
    assert (job.status, path.stat().st_mode & 0o777, path.suffix) == ("succeeded", 0o600, ".eml")
    assert TOKEN in written
    assert to in written
    assert str(path) in said.out
    assert TOKEN not in said.out + said.err
    assert to not in said.out + said.err


async def test_without_a_mail_server_in_production_mails_wait_and_say_why(
    make_runner: MakeRunner, set_mail: SetMail
) -> None:
    set_mail(
        MAIL_SERVER=None,
        ENVIRONMENT="production",
        ENCRYPTION_KEYS="k" * 40,
        JWT_SECRET="j" * 40,
        SUPERADMIN_PASSWORD="a password nobody would guess",
    )
    mail_id = await mails.write(new_address())
    job = await run(make_runner, mail_id)
    assert (job.status, job.attempt, (job.error or {})["code"]) == ("retry_wait", 0, "mail_not_configured")
    row = await mails.row(mail_id)
    assert (row["status"], row["content"] is not None) == ("queued", True)
