"""Shapes of explorations over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.db.text import LongText, ShortText, VisibleText

SearchedText = ShortText
"""Words to look for."""


class ExplorationCreate(BaseModel):
    """An exploration to make from a brief."""

    model_config = ConfigDict(extra="forbid")

    title: VisibleText
    description: LongText = ""
    country: ShortText | None = None
    is_quantitative: bool = True
    is_qualitative: bool = False


class ExplorationUpdate(BaseModel):
    """What may be changed of an exploration."""

    model_config = ConfigDict(extra="forbid")

    title: VisibleText | None = None
    description: LongText | None = None
    country: ShortText | None = None


class MethodUpdate(BaseModel):
    """How an exploration is worked on, and whether it has ended."""

    model_config = ConfigDict(extra="forbid")

    is_quantitative: bool | None = None
    is_qualitative: bool | None = None
    is_ended: bool | None = None


class ExplorationFilter(BaseModel):
    """Which explorations of a workspace are asked for; None: any."""

    model_config = ConfigDict(frozen=True)

    is_ended: bool | None = None
    is_quantitative: bool | None = None
    is_qualitative: bool | None = None
    q: str | None = None


class ExplorationRead(BaseModel):
    """An exploration."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    workspace_id: UUID
    title: str
    description: str
    country: str | None
    is_quantitative: bool
    is_qualitative: bool
    is_ended: bool
    created_at: datetime
    updated_at: datetime
