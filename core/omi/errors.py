"""Refusals of the co-pilot."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class OmiSessionNotFound(NotFound):
    """There is no such session of the co-pilot among the caller's own."""

    code = "omi_session_not_found"


class OmiSessionFull(Conflict):
    """This session holds as many messages as one can; begin another one."""

    code = "omi_session_full"
