"""Shapes of organizations over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import VisibleText
from core.orgs.access import OrgRole


class OrganizationCreate(BaseModel):
    """An organization to make."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText


class OrganizationUpdate(BaseModel):
    """What may be changed of an organization."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText | None = None


class OrganizationRead(BaseModel):
    """An organization, and the caller's role in it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    is_personal: bool = Field(description="the own organization of a person, which stays theirs")
    role: OrgRole
    created_at: datetime


class OrgMemberRead(BaseModel):
    """A person in an organization."""

    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    email: str
    full_name: str
    role: OrgRole
    created_at: datetime


class OrgMemberUpdate(BaseModel):
    """A member's new role."""

    model_config = ConfigDict(extra="forbid")

    role: OrgRole


class OrganizationTransfer(BaseModel):
    """The member who becomes owner in the caller's place."""

    model_config = ConfigDict(extra="forbid")

    user_id: UUID
