"""Hands a message to the mail server, over fastapi-mail's connection, or writes it to a folder where there is none.

Nothing of a server's wording is passed on: replies repeat addresses, and may repeat links with their tokens.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from core.settings import Settings

if TYPE_CHECKING:
    from fastapi_mail.connection import Connection

Verdict = Literal["refused", "later", "locked_out"]
LONGEST_DELAY_S: Final = 900.0
FIRST_DELAY_S: Final = 5.0
PAUSE_S: Final = 10.0
LOCKED_OUT_S: Final = 600.0
GOODBYE_S: Final = 2.0
# Of the answer times a server has for a command, how many it has for taking the mail: giving up early makes doubles.
ANSWERS_FOR_DATA: Final = 5
CONNECTIONS: Final = 4


class Undelivered(Exception):
    """The mail server did not take the mail. `refused` is for good, `locked_out` a matter of the settings.

    `code` and `detail` are fit for logs and job errors.
    """

    def __init__(self, verdict: Verdict, code: str, detail: str, *, delay_s: float | None = None) -> None:
        super().__init__(detail)
        self.verdict = verdict
        self.code = code
        self.detail = detail
        self.delay_s = delay_s


def delay_s(tries: int) -> float:
    """Return how long to wait after so many deliveries in vain: seconds at first, a quarter of an hour later."""
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(tries - 1, 20)) * random.uniform(0.5, 1.0)


@dataclass(slots=True)
class MailServer:
    """The mail server of the settings, as one process meets it.

    A few connections at a time. After one that could not be made the others wait too, and a password that was refused
    is not tried again for each mail: servers lock accounts for that.
    """

    settings: Settings
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS), init=False)
    _pause: tuple[float, Undelivered] | None = field(default=None, init=False)

    async def send(self, message: EmailMessage) -> None:
        """Return once the server has taken the message; raises Undelivered."""
        async with self._room:
            self.require_open()
            connection = await self._connect()
            try:
                # From its 250 on the mail is delivered, whatever becomes of the connection.
                await connection.session.send_message(message, timeout=ANSWERS_FOR_DATA * self.settings.mail_timeout_s)
            except Exception as error:  # noqa: BLE001 - an error's text is not for others to see
                raise self._paused(_told(error)) from None
            finally:
                await _leave(connection)

    async def check(self) -> None:
        """Connect, log in and leave; raises Undelivered."""
        await _leave(await self._connect())

    def require_open(self) -> None:
        """Raise Undelivered while this process waits before it tries the server again."""
        if self._pause is not None:
            rest_s = self._pause[0] - time.monotonic()
            if rest_s > 0:
                told = self._pause[1]
                raise Undelivered(told.verdict, told.code, told.detail, delay_s=rest_s + random.uniform(0, PAUSE_S))
            self._pause = None

    async def _connect(self) -> Connection:
        from fastapi_mail.connection import Connection

        connection = Connection(_config(self.settings))
        try:
            await connection.__aenter__()
        except Exception as error:  # noqa: BLE001 - an error's text is not for others to see
            await _leave(connection)
            cause = error.__context__  # fastapi-mail wraps what happened in an error of its own
            raise self._paused(_told(cause or error, connecting=True)) from None
        return connection

    def _paused(self, told: Undelivered) -> Undelivered:
        if told.verdict == "locked_out":
            self._pause = (time.monotonic() + LOCKED_OUT_S, told)
        elif told.code == "mail_server_unreachable":
            self._pause = (time.monotonic() + PAUSE_S, told)
        return told


async def _leave(connection: Connection) -> None:
    session = getattr(connection, "session", None)
    if session is None:
        return
    with suppress(Exception):  # a server that is rude at the end has taken the mail all the same
        if session.is_connected:
            await session.quit(timeout=GOODBYE_S)
    session.close()


def _config(settings: Settings) -> Any:
    from fastapi_mail.config import ConnectionConfig
    from pydantic import SecretStr

    # All is named: what is not, it would read from the environment.
    values: dict[str, Any] = {
        "MAIL_USERNAME": settings.mail_username or "",
        "MAIL_PASSWORD": SecretStr(settings.mail_password or ""),
        "MAIL_PORT": settings.mail_port,
        "MAIL_SERVER": settings.mail_server,
        "MAIL_STARTTLS": settings.mail_starttls and not settings.mail_ssl_tls,
        "MAIL_SSL_TLS": settings.mail_ssl_tls,
        "MAIL_DEBUG": 0,
        "MAIL_FROM": settings.mail_from,
        "MAIL_FROM_NAME": None,
        "TEMPLATE_FOLDER": None,
        "SUPPRESS_SEND": 0,
        "USE_CREDENTIALS": bool(settings.mail_username),
        "VALIDATE_CERTS": True,
        "TIMEOUT": settings.mail_timeout_s,
        "LOCAL_HOSTNAME": None,
        "CERT_BUNDLE": str(settings.mail_cert_bundle) if settings.mail_cert_bundle else None,
    }
    return ConnectionConfig.model_construct(**values)


def _told(error: BaseException, *, connecting: bool = False) -> Undelivered:
    """Return what an error of the conversation means for the mail."""
    import aiosmtplib

    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _answered(error.code, error.message, connecting=connecting, login=_is_login(error))
    if isinstance(error, aiosmtplib.SMTPTimeoutError | TimeoutError):
        if connecting:
            return Undelivered("later", "mail_server_unreachable", "The mail server does not answer.")
        return Undelivered("later", "mail_server_silent", "The mail server stopped answering in the middle.")
    if isinstance(error, ValueError) and not connecting:
        return Undelivered("refused", "mail_address_invalid", "The address cannot be written to.")
    if isinstance(error, aiosmtplib.SMTPNotSupported) and not connecting:
        return Undelivered("refused", "mail_address_unsupported", "The mail server takes no such address (SMTPUTF8).")
    if connecting and isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, ConnectionError):
        detail = "The mail server does not offer what the settings ask for: STARTTLS, or a login."
        return Undelivered("locked_out", "mail_server_lacks", detail)
    if connecting:
        return Undelivered("later", "mail_server_unreachable", f"The mail server cannot be reached{_tls(error)}.")
    return Undelivered("later", "mail_connection_lost", "The connection to the mail server broke in the middle.")


def _answered(code: int, message: str, *, connecting: bool, login: bool) -> Undelivered:
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", message)
    shown = f"{code} {enhanced.group()}" if enhanced else str(code)
    if (login and code >= 500) or code in (530, 535):
        detail = f"The mail server refuses the login of MAIL_USERNAME with MAIL_PASSWORD: {shown}."
        return Undelivered("locked_out", "mail_login_refused", detail)
    if connecting:
        return Undelivered("later", "mail_server_unreachable", f"The mail server is not ready: {shown}.")
    if code >= 500:
        return Undelivered("refused", "mail_refused", f"The mail server refuses the mail for good: {shown}.")
    return Undelivered("later", "mail_deferred", f"The mail server wants the mail later: {shown}.")


def _is_login(error: Exception) -> bool:
    import aiosmtplib

    return isinstance(error, aiosmtplib.SMTPAuthenticationError)


def _tls(error: BaseException) -> str:
    """Say so where TLS is what went wrong: then the settings, or the certificate, have to change."""
    import ssl

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return ": its certificate is not trusted"
        if isinstance(seen, ssl.SSLError):
            return " over TLS"
        seen = seen.__cause__ or seen.__context__
    return ""


def folder_of(data_dir: Path) -> Path:
    """Return where mails are written on a machine without a mail server."""
    return data_dir.resolve() / "mails"


def destination(settings: Settings) -> str:
    """Say where mails go, for whoever starts or checks the product."""
    if settings.mail_server is not None:
        return f"{settings.mail_server}:{settings.mail_port}"
    if settings.environment == "production":
        return "MAIL_SERVER is not set: mails wait in the database until it is"
    return f"no MAIL_SERVER: mails are written to {folder_of(settings.data_dir)}"


def write_to_folder(data_dir: Path, name: str, message: EmailMessage) -> Path:
    """Keep a message as a file that only its owner may read, for a machine without a mail server; return its path."""
    folder = folder_of(data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.eml"
    fresh = folder / f".{name}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.as_bytes())
    fresh.replace(path)
    return path
