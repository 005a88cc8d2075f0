"""Shapes of workspaces over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.db.text import Text, VisibleText
from core.limits.schemas import BudgetsRead, BudgetsUpdate


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


class SettingsUpdate(BaseModel):
    """Settings of a workspace to change; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    budgets: BudgetsUpdate | None = None


class SettingsRead(BaseModel):
    """Settings of a workspace."""

    budgets: BudgetsRead
