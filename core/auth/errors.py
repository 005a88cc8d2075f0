"""Refusals of authentication."""

from __future__ import annotations

from core.errors import Conflict, Forbidden, NotFound, Unauthorized, Unavailable


class BadCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""

    code = "bad_credentials"


class PasswordChanged(BadCredentials):
    """The password was changed this moment; log in with the new one."""

    code = "password_changed"


class InvalidToken(Unauthorized):
    """The access token is missing, expired or not valid."""

    code = "invalid_token"


class InvalidRefreshToken(Unauthorized):
    """The refresh token is not valid."""

    code = "invalid_refresh_token"


class SessionIdle(Unauthorized):
    """The session ended because it was not used; log in again."""

    code = "session_idle"


class SessionRevoked(Unauthorized):
    """The session was ended; log in again."""

    code = "session_revoked"


class UserInactive(Forbidden):
    """This account is not active."""

    code = "user_inactive"


class EmailNotVerified(Forbidden):
    """The e-mail address of this account is not verified."""

    code = "email_not_verified"


class InvalidTicket(Unauthorized):
    """The ticket has expired, or is not for this address."""

    code = "invalid_ticket"


class WrongPassword(Forbidden):
    """The password is wrong."""

    code = "wrong_password"


class LinkNotUsable(NotFound):
    """This link is wrong, was used, was replaced by a newer one or has expired."""

    code = "link_not_usable"


class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session_not_found"


class SuperadminStays(Conflict):
    """A superadmin's account cannot be erased; the role has to be taken from it first."""

    code = "superadmin_stays"


class PasswordsBusy(Unavailable):
    """Too many passwords are being checked; try again in a few seconds."""

    code = "passwords_busy"
