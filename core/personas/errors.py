"""Errors of personas."""

from __future__ import annotations

from core.errors import NotFound, PreconditionFailed


class PersonaNotFound(NotFound):
    """There is no such persona here."""

    code = "persona_not_found"


class PersonaResultNotFound(NotFound):
    """There is no such result of this persona yet; submit the job that makes it."""

    code = "persona_result_not_found"


class PersonaChanged(PreconditionFailed):
    """This persona has a newer version than the one named by If-Match."""

    code = "persona_changed"


class TraitsValidationNotFound(NotFound):
    """There is no such validation of traits here."""

    code = "traits_validation_not_found"
