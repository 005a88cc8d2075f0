"""Imports every module of bodies, so that each registers itself."""

from worker.jobs import mail, personas, reports, surveys

__all__ = ["mail", "personas", "reports", "surveys"]
