"""What mails say: links that work, and nothing that a stranger could put into them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from aiosmtplib.email import flatten_message
from hypothesis import given
from hypothesis import strategies as st

from core.mail import letters, rendering
from core.mail.content import (
    Invitation,
    JobFinished,
    Mail,
    ResetPassword,
    VerifyEmail,
    WebhookDisabled,
    dump,
    kind_of,
    load,
)
from core.settings import Settings
from tests.fixtures.smtp import part

TOKEN = "q7Yx0J2mV9c1tQm3u8bq0f3y-_S5kT2"
UNTIL = datetime(2026, 11, 26, 17, tzinfo=UTC)
ALL: list[Mail] = [
    VerifyEmail("Ada Lopez", TOKEN),
    ResetPassword("Ada Lopez", TOKEN),
    Invitation("Ada Lopez", "Study", "admin", TOKEN),
    WebhookDisabled("https://hooks.example:8443/in?key=secret", UNTIL, "HTTP 500"),
    JobFinished("simulations.run", "failed", uuid4(), "Study"),
]


def settings() -> Settings:
    """Settings whose user interface and API have addresses of their own."""
    return Settings(ui_url="https://ui.example/app/", public_url="https://api.example")


@pytest.mark.parametrize(
    ("mail", "link"),
    [
        (VerifyEmail("Ada", TOKEN), f"https://ui.example/app/verify-email/{TOKEN}"),
        (ResetPassword("Ada", TOKEN), f"https://ui.example/app/reset-password/{TOKEN}"),
        (Invitation("Ada", "Study", "member", TOKEN), f"https://ui.example/app/invitations/accept?token={TOKEN}"),
    ],
)
def test_a_link_is_in_both_parts_and_ends_as_the_contract_says(mail: Mail, link: str) -> None:
    letter = letters.compose(mail, settings())
    assert re.search(rf"^{re.escape(link)}$", rendering.as_text(letter), re.MULTILINE)
    assert rendering.as_html(letter).count(f'href="{link}"') == 2


def test_without_a_user_interface_the_api_takes_the_link_that_confirms_an_address() -> None:
    bare = Settings(public_url="https://api.example")
    bare.model_fields_set.discard("ui_url")
    assert letters.compose(VerifyEmail("Ada", TOKEN), bare).link == f"https://api.example/auth/verify-email/{TOKEN}"


@pytest.mark.parametrize("mail", ALL, ids=lambda mail: type(mail).__name__)
def test_what_was_sealed_is_what_is_said(mail: Mail) -> None:
    assert load(kind_of(mail), dump(mail, UNTIL)) == (mail, UNTIL)


@pytest.mark.parametrize("mail", ALL, ids=lambda mail: type(mail).__name__)
def test_no_token_is_shown_by_accident(mail: Mail) -> None:
    assert TOKEN not in repr(mail)


def test_a_content_that_cannot_be_read_is_told_without_its_token() -> None:
    broken = dump(VerifyEmail("Ada", TOKEN), None).replace(b'"full_name"', b'"other_name"')
    with pytest.raises(ValueError, match="full_name") as caught:
        load("verify_email", broken)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("name", ["https://evil.example", "Win at evil.example now", "www.evil", "a@evil.example"])
def test_a_name_that_looks_like_an_address_is_not_carried_to_a_stranger(name: str) -> None:
    letter = letters.compose(VerifyEmail(name, TOKEN), settings())
    assert "evil" not in rendering.as_text(letter) + rendering.as_html(letter) + letter.subject


def test_a_name_with_initials_is_a_name() -> None:
    assert letters.compose(VerifyEmail("Dr. J. R. Müller-Lüdenscheidt Jr.", TOKEN), settings()).greeting == (
        "Hello Dr. J. R. Müller-Lüdenscheidt Jr.,"
    )


def test_a_workspace_named_like_an_address_makes_no_link() -> None:
    letter = letters.compose(Invitation("Ada", "evil.example/now", "member", TOKEN), settings())
    assert "evil.example" not in rendering.as_text(letter) + letter.subject
    assert "evil. example/ now" in rendering.as_text(letter)


def test_a_disabled_webhook_is_named_without_its_query() -> None:
    letter = letters.compose(ALL[3], settings())
    assert "https://hooks.example:8443/in is not called" in letter.sentences[0]


class Tags(HTMLParser):
    """Collects what HTML holds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and the names of its attributes."""
        self.found.append(f"{tag} {sorted(name for name, _ in attrs)}")


def tags(html: str) -> list[str]:
    """Return the tags of a document with their attributes."""
    reader = Tags()
    reader.feed(html)
    return reader.found


@given(name=st.text(max_size=200), workspace=st.text(max_size=200))
def test_whatever_a_name_holds_the_mail_keeps_its_form(name: str, workspace: str) -> None:
    usual = letters.compose(Invitation("Ada", "Study", "member", TOKEN), settings())
    letter = letters.compose(Invitation(name, workspace, "member", TOKEN), settings())
    message = rendering.as_message(
        letter, sender="no-reply@example.org", to="ada@example.org", message_id="<1@example.org>", date=UNTIL
    )
    assert message.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert tags(rendering.as_html(letter)) == tags(rendering.as_html(usual))
    assert len(letter.subject.splitlines()) == 1


@pytest.mark.parametrize("name", ["Ada\r\nBcc: all@example.org", "Ada\x00", "\u202eadA", "Ada\u2028B", "🙂" * 300])
def test_signs_that_cannot_be_seen_are_left_out_of_names(name: str) -> None:
    shown = letters.person(name)
    assert shown.isprintable()
    assert len(shown) <= letters.LONGEST_NAME


@pytest.mark.parametrize("cte_type", ["7bit", "8bit"])
@pytest.mark.parametrize("workspace", ["Study", "Études"])
def test_whatever_a_server_takes_the_link_arrives_whole(workspace: str, cte_type: str) -> None:
    letter = letters.compose(Invitation("Ada", workspace, "member", TOKEN), settings())
    message = rendering.as_message(
        letter, sender="no-reply@example.org", to="ada@example.org", message_id="<1@example.org>", date=UNTIL
    )
    sent = flatten_message(message, cte_type=cte_type)
    assert max(len(line) for line in sent.splitlines()) <= 998
    assert cte_type == "8bit" or sent.isascii()
    got = message_from_bytes(sent, policy=default_policy)
    assert isinstance(got, EmailMessage)
    assert f"\n{letter.link}\n" in part(got, "plain")
    assert f'href="{letter.link}"' in part(got, "html")
    assert workspace in part(got, "plain")


def test_a_mail_written_to_a_file_can_be_read_there() -> None:
    letter = letters.compose(Invitation("Ada", "Études", "member", TOKEN), settings())
    message = rendering.as_message(
        letter, sender="no-reply@example.org", to="ada@example.org", message_id="<1@example.org>", date=UNTIL
    )
    assert f"\r\n{letter.link}\r\n" in message.as_bytes().decode()


def test_an_invitation_says_where_it_leads() -> None:
    to_workspace = letters.compose(Invitation("Ada", "Study", "member", TOKEN), settings())
    to_organization = letters.compose(Invitation("Ada", "House", "member", TOKEN, "organization"), settings())
    assert "to the workspace “Study”" in to_workspace.sentences[0]
    assert "to the organization “House”" in to_organization.sentences[0]
