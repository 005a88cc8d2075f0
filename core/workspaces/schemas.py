"""Shapes of workspaces over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.db.text import Text, VisibleText
from core.limits.schemas import BudgetsRead, BudgetsUpdate
from core.orgs.access import OrgRole
from core.workspaces.access import Role


class WorkspaceCreate(BaseModel):
    """A workspace to make; without an organization it belongs to the caller's own."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText
    description: Text = ""
    organization_id: UUID | None = None


class WorkspaceUpdate(BaseModel):
    """What may be changed of a workspace."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText | None = None
    description: Text | None = None


class WorkspaceRead(BaseModel):
    """A workspace."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    name: str
    description: str
    created_at: datetime


class MemberRead(BaseModel):
    """A person who may enter a workspace; `role` is what they act as there.

    An owner or admin of the organization acts as admin, with or without a role of their own in the workspace.
    """

    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    email: str
    full_name: str
    role: Role
    workspace_role: Role | None
    organization_role: OrgRole | None
    created_at: datetime


class MemberUpdate(BaseModel):
    """A member's new role in the workspace."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class SettingsUpdate(BaseModel):
    """Settings of a workspace to change; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    budgets: BudgetsUpdate | None = None


class SettingsRead(BaseModel):
    """Settings of a workspace."""

    budgets: BudgetsRead
