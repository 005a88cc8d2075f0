"""Imports every module of bodies, so that each registers itself."""

from worker.jobs import personas, reports, surveys

__all__ = ["personas", "reports", "surveys"]
