"""Refusals of organizations."""

from __future__ import annotations

from core.errors import Forbidden, NotFound


class OrganizationNotFound(NotFound):
    """There is no such organization."""

    code = "organization_not_found"


class OrganizationRoleTooLow(Forbidden):
    """Only an owner or admin of the organization may do this."""

    code = "organization_role_too_low"
