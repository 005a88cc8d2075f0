"""Imports every module of bodies, so that each registers itself."""

from worker.jobs import (
    evidence,
    exports,
    mail,
    objectives,
    omi,
    persona_checks,
    persona_profiles,
    personas,
    questionnaires,
    reports,
    surveys,
    themes,
)

__all__ = [
    "evidence",
    "exports",
    "mail",
    "objectives",
    "omi",
    "persona_checks",
    "persona_profiles",
    "personas",
    "questionnaires",
    "reports",
    "surveys",
    "themes",
]
