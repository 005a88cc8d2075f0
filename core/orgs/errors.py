"""Refusals of organizations."""

from __future__ import annotations

from core.errors import Conflict, Forbidden, NotFound


class OrganizationNotFound(NotFound):
    """There is no such organization."""

    code = "organization_not_found"


class OrganizationMemberNotFound(NotFound):
    """There is no such member of this organization."""

    code = "organization_member_not_found"


class OrganizationRoleTooLow(Forbidden):
    """The role in the organization is too low for this."""

    code = "organization_role_too_low"


class LastOwner(Conflict):
    """An organization keeps at least one owner; make another member owner first."""

    code = "last_owner"


class OrganizationIsPersonal(Conflict):
    """A person's own organization stays theirs: it is not deleted, left or handed over."""

    code = "organization_personal"


class OrganizationNotEmpty(Conflict):
    """The organization has workspaces; delete them first."""

    code = "organization_not_empty"
