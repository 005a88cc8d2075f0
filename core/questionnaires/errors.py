"""Errors of questionnaires."""

from __future__ import annotations

from core.errors import NotFound


class QuestionnaireNotFound(NotFound):
    """There is no such questionnaire here."""

    code = "questionnaire_not_found"
