"""What each kind of mail says, as content without form: a subject, sentences, one button."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from core.mail.content import HasAccount, Invitation, JobFinished, Mail, ResetPassword, VerifyEmail, WebhookDisabled
from core.settings import Settings

BRAND: Final = "Synthetic People"
LONGEST_NAME: Final = 80
_LIKE_ADDRESS: Final = re.compile(r"://|@|\bwww\.|[^\s.]\.[^\s.\d]{2}", re.IGNORECASE)
# Control characters, line and paragraph separators, and marks that turn the direction of the text around them.
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
ENDED: Final = {"succeeded": "is done", "failed": "has failed", "cancelled": "was cancelled"}
WORK: Final = {
    "personas.generate": "generation of personas",
    "questionnaires.generate": "draft of a questionnaire",
    "simulations.run": "simulation",
    "simulations.extend": "extension of a simulation",
    "simulations.code_themes": "coding of answers into themes",
    "reports.build": "report",
    "workspaces.export": "export",
}
"""Kinds of job as people call them; others go by their name."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content: plain sentences, one button with its link, and a last word in small print."""

    subject: str
    greeting: str
    sentences: tuple[str, ...]
    button: str | None
    link: str | None
    small_print: str


def compose(mail: Mail, settings: Settings, until: datetime | None = None) -> Letter:
    """Return what a mail says; `until` is when its link ends."""
    match mail:
        case VerifyEmail():
            # Without a user interface the API itself takes the link: it answers GET, too.
            base = settings.ui_url if "ui_url" in settings.model_fields_set else _link(settings.public_url, "auth")
            return _verify_email(mail, base, until)
        case ResetPassword():
            return _reset_password(mail, settings.ui_url, until)
        case HasAccount():
            return _has_account(mail)
        case Invitation():
            return _invitation(mail, settings.ui_url, until)
        case WebhookDisabled():
            return _webhook_disabled(mail)
        case JobFinished():
            return _job_finished(mail, settings.ui_url)


def person(name: str) -> str:
    """Return a person's name in one line; nothing where it looks like an address.

    Whoever signs up chooses name and recipient: the name must not carry a message of its own to a stranger.
    """
    shown = plain(name)
    return "" if _LIKE_ADDRESS.search(shown) else shown


def plain(text: str) -> str:
    """Return a text that somebody chose in one short line, without what cannot be seen."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"


def title(text: str) -> str:
    """Return the name of a thing in one line; a mail reader makes no link of it."""
    return re.sub(r"(?<=\S)([./:@])(?=\S)", r"\1 ", plain(text)) if _LIKE_ADDRESS.search(text) else plain(text)


def _place(url: str) -> str:
    """Return where a webhook calls, without what may be a secret behind the path."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return plain(f"{parts.scheme}://{host}{parts.path}")


def _hello(name: str) -> str:
    shown = person(name)
    return f"Hello {shown}," if shown else "Hello,"


def _works(until: datetime | None) -> str:
    if until is None:
        return "The link works once."
    return f"The link works once, until {_moment(until)}."


def _moment(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def _link(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path}"


def _verify_email(mail: VerifyEmail, base: str, until: datetime | None) -> Letter:
    return Letter(
        f"Confirm your e-mail address for {BRAND}",
        _hello(mail.full_name),
        (f"Please confirm that this address is yours. Then your account at {BRAND} is ready.", _works(until)),
        "Confirm address",
        _link(base, f"verify-email/{quote(mail.token, safe='')}"),
        "You get this because somebody signed up with your address. If it was not you, do nothing: without your "
        "confirmation nobody can use the account.",
    )


def _reset_password(mail: ResetPassword, base: str, until: datetime | None) -> Letter:
    return Letter(
        f"Choose a new password for {BRAND}",
        _hello(mail.full_name),
        (f"Somebody asked for a new password for your account at {BRAND}. Here you can choose one.", _works(until)),
        "Choose a new password",
        _link(base, f"reset-password/{quote(mail.token, safe='')}"),
        "If it was not you, do nothing: your password stays as it is.",
    )


def _has_account(mail: HasAccount) -> Letter:
    return Letter(
        f"You have an account at {BRAND} already",
        _hello(mail.full_name),
        (
            f"Somebody signed up at {BRAND} with your address, which has an account. Nothing has changed.",
            "Log in as usual. If you do not know the password any more, ask for a new one there.",
        ),
        None,
        None,
        "You get this because somebody signed up with your address. If it was not you, do nothing.",
    )


def _invitation(mail: Invitation, base: str, until: datetime | None) -> Letter:
    inviter, workspace = person(mail.inviter) or "Somebody", title(mail.workspace_name)
    role = "an admin" if mail.role == "admin" else "a member"
    return Letter(
        f"{inviter} invites you to “{workspace}” at {BRAND}",
        "Hello,",
        (f"{inviter} invites you to the {mail.place} “{workspace}” at {BRAND}, as {role}.", _works(until)),
        "Accept the invitation",
        _link(base, f"invitations/accept?token={quote(mail.token, safe='')}"),
        "If you do not know what this is about, do nothing: the invitation ends by itself.",
    )


def _webhook_disabled(mail: WebhookDisabled) -> Letter:
    return Letter(
        f"A webhook was disabled at {BRAND}",
        "Hello,",
        (
            f"The webhook {_place(mail.url)} is not called any more: it has failed since {_moment(mail.since)}.",
            f"The last reason: {plain(mail.reason)}",
            "Once it answers again, enable it; what was missed can then be delivered with “recover”.",
        ),
        None,
        None,
        "You get this because you administer the workspace that the webhook belongs to.",
    )


def _job_finished(mail: JobFinished, base: str) -> Letter:
    work, ended = WORK.get(mail.kind, f"job {mail.kind}"), ENDED[mail.status]
    workspace = title(mail.workspace_name)
    return Letter(
        f"Your {work} in “{workspace}” {ended}",
        "Hello,",
        (f"Your {work} in the workspace “{workspace}” {ended}.",),
        "Open the job",
        _link(base, f"jobs/{mail.job_id}"),
        "You get this because you asked for a mail at the end of your jobs. Your account's settings turn it off.",
    )
