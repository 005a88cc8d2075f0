"""Refusals of API keys."""

from __future__ import annotations

from core.errors import Forbidden, NotFound, Unauthorized


class ApiKeyNotFound(NotFound):
    """There is no such API key in this workspace."""

    code = "api_key_not_found"


class ApiKeyExpired(Unauthorized):
    """This API key has expired."""

    code = "api_key_expired"


class ApiKeyRevoked(Unauthorized):
    """This API key was revoked."""

    code = "api_key_revoked"


class ScopeTooLow(Forbidden):
    """This API key may only read."""

    code = "scope_too_low"


class ApiKeyNotAccepted(Forbidden):
    """Only a user who is logged in may do this, not an API key."""

    code = "api_key_not_accepted"
