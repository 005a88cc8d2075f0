"""Shapes of workspaces over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.db.text import ShortText, Text, VisibleText
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
    """A workspace, and what the caller acts as in it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    name: str
    description: str
    role: Role = Field(description="of a person by the workspace or its organization; of an API key member")
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


class Brand(BaseModel):
    """How a workspace's reports present themselves."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText = Field(description="who the report is by; on its cover")
    accent_colour: str = Field(
        default="#14507A", pattern="^#[0-9a-fA-F]{6}$", description="of the cover, darkened where it could not be read"
    )


class SettingsUpdate(BaseModel):
    """Settings of a workspace to change; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    budgets: BudgetsUpdate | None = Field(default=None, description="null lifts both")
    model: ShortText | None = Field(
        default=None,
        description="answers the questions of jobs submitted from now on: one of `models`; null for `default_model`",
    )
    concurrency: Annotated[Whole, Field(ge=1, le=1000)] | None = Field(
        default=None, description="most model calls of all jobs at once; null for no bound but the service's own"
    )
    brand: Brand | None = Field(default=None, description="null takes it away")


class SettingsRead(BaseModel):
    """Settings of a workspace."""

    budgets: BudgetsRead
    model: str | None
    default_model: str
    models: list[str] = Field(description="those to choose from")
    concurrency: int | None
    brand: Brand | None
