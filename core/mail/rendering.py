"""Makes a letter a message: a text and an HTML part that say the same, headers that nothing can be put into."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from textwrap import wrap
from typing import Final

from core.mail.letters import BRAND, Letter

TEXT_COLUMNS: Final = 76
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_INK, _QUIET, _ACCENT, _LINE = "#1c2430", "#5b6675", "#1f5fbf", "#e3e7ed"


def as_text(letter: Letter) -> str:
    """Return the letter as plain text; the link stands in a line of its own."""
    parts = [letter.greeting, *letter.sentences]
    blocks = ["\n".join(wrap(part, TEXT_COLUMNS, break_long_words=False, break_on_hyphens=False)) for part in parts]
    if letter.link is not None:
        blocks.insert(2, f"{letter.button}:\n{letter.link}")
    small = "\n".join(wrap(letter.small_print, TEXT_COLUMNS, break_long_words=False, break_on_hyphens=False))
    return "\n\n".join([*blocks, f"-- \n{BRAND}\n{small}"]) + "\n"


def as_html(letter: Letter) -> str:
    """Return the letter as HTML that mail readers show: tables, styles in place, no image, no script."""
    first, *others = (_paragraph(sentence) for sentence in letter.sentences)
    body = "".join([_paragraph(letter.greeting), first, _button(letter), *others, _plain_link(letter)])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light"><meta name="supported-color-schemes" content="light">'
        f"<title>{escape(letter.subject)}</title></head>"
        f'<body style="margin:0;padding:0;background:#f4f6f9;color:{_INK};{_FONT}">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f4f6f9">'
        '<tr><td align="center" style="padding:32px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px">'
        f'<tr><td style="padding:0 8px 16px;font-size:15px;font-weight:600;color:{_INK};{_FONT}">{BRAND}</td></tr>'
        f'<tr><td style="background:#ffffff;border:1px solid {_LINE};border-radius:8px;padding:32px 32px 20px">{body}'
        "</td></tr>"
        f'<tr><td style="padding:16px 8px 0;font-size:13px;line-height:19px;color:{_QUIET};{_FONT}">'
        f"{escape(letter.small_print)}</td></tr>"
        "</table></td></tr></table></body></html>\n"
    )


def as_message(letter: Letter, *, sender: str, to: str, message_id: str, date: datetime) -> EmailMessage:
    """Return the letter ready to be sent. Raises ValueError for an address that is none."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=BRAND, addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = letter.subject
    message["Date"] = date
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    text = as_text(letter)
    # Readable as a file too, the link in one piece; on the way to a server that takes 7 bits only it is encoded.
    message.set_content(text, cte="7bit" if text.isascii() else "8bit")
    message.add_alternative(as_html(letter), subtype="html")
    return message


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 16px;font-size:16px;line-height:24px;color:{_INK};{_FONT}">{escape(text)}</p>'


def _button(letter: Letter) -> str:
    if letter.link is None:
        return ""
    return (
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px"><tr>'
        f'<td style="border-radius:6px;background:{_ACCENT}">'
        f'<a href="{escape(letter.link)}" style="display:inline-block;padding:12px 24px;font-size:16px;'
        f'font-weight:600;color:#ffffff;text-decoration:none;{_FONT}">{escape(letter.button or "")}</a>'
        "</td></tr></table>"
    )


def _plain_link(letter: Letter) -> str:
    if letter.link is None:
        return ""
    return (
        f'<p style="margin:24px 0 12px;padding-top:16px;border-top:1px solid {_LINE};font-size:13px;line-height:19px;'
        f'color:{_QUIET};{_FONT}">If the button does not work, open this address:<br>'
        f'<a href="{escape(letter.link)}" style="color:{_ACCENT};word-break:break-all">{escape(letter.link)}</a></p>'
    )
