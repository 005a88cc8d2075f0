"""Refusals of administration."""

from __future__ import annotations

from core.errors import Conflict, Forbidden, NotFound


class SuperadminNeeded(Forbidden):
    """Only a superadmin may do this."""

    code = "superadmin_needed"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user_not_found"


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""

    code = "email_taken"


class SuperadminProtected(Conflict):
    """The superadmin of the settings stays active, verified and superadmin."""

    code = "superadmin_protected"


class LastSuperadmin(Conflict):
    """This is the last superadmin who can log in."""

    code = "last_superadmin"
