"""Refusals of workspaces."""

from __future__ import annotations

from core.errors import Conflict, Forbidden, NotFound


class WorkspaceNotFound(NotFound):
    """There is no such workspace."""

    code = "workspace_not_found"


class MemberNotFound(NotFound):
    """There is no such member of this workspace."""

    code = "member_not_found"


class WorkspaceRoleTooLow(Forbidden):
    """Only an admin of the workspace may do this."""

    code = "workspace_role_too_low"


class WorkspaceBusy(Conflict):
    """Jobs of this workspace are still running."""

    code = "workspace_busy"
