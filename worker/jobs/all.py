"""Imports every module of bodies, so that each registers itself."""

from worker.jobs import exports, mail, omi, personas, reports, surveys

__all__ = ["exports", "mail", "omi", "personas", "reports", "surveys"]
from worker.jobs import persona_checks

__all__ = ["exports", "mail", "persona_checks", "personas", "reports", "surveys"]
