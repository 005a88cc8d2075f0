"""Shapes of the co-pilot over HTTP."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from core.db.numbers import Whole
from core.db.text import VisibleText, readable, storable
from core.jobs.schemas import Submission
from core.omi.models import OmiMessage, OmiSession
from core.omi.stages import MessageType, OmiState, Stage

LONGEST_DATA: Final = 20_000
DEEPEST_DATA: Final = 30
Said = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(storable),
    AfterValidator(readable),
]


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object; raises ValueError when it is too large, too deep or cannot be stored."""
    level: list[Any] = [value]
    depth = 0
    while level:
        depth += 1
        if depth > DEEPEST_DATA:
            raise ValueError(f"must be nested at most {DEEPEST_DATA} deep")
        inner: list[Any] = []
        for one in level:
            if isinstance(one, str):
                storable(one)
            elif isinstance(one, dict):
                inner += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                inner += one
        level = inner
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise ValueError("must hold no NaN and no infinities") from None
    if len(written) > LONGEST_DATA:
        raise ValueError(f"must have at most {LONGEST_DATA:,} characters as JSON")
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(_bounded)]
Seed = Annotated[Whole, Field(ge=0, le=2**31 - 1, description="the same seed and inputs give the same answer")]


class OmiSessionCreate(BaseModel):
    """The exploration to talk about."""

    model_config = ConfigDict(extra="forbid")

    exploration_id: UUID


class OmiSessionUpdate(BaseModel):
    """How the co-pilot is to look."""

    model_config = ConfigDict(extra="forbid")

    state: OmiState


class OmiSessionRead(BaseModel):
    """A session of the caller's; `stage` is what the exploration has reached now, `state` how the co-pilot looks."""

    id: UUID
    workspace_id: UUID
    exploration_id: UUID
    stage: Stage
    state: OmiState
    messages: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: OmiSession, stage: Stage) -> OmiSessionRead:
        """Return a row's shape."""
        return cls.model_validate(row.model_dump() | {"stage": stage, "messages": row.last_number})


class OmiMessageCreate(Submission):
    """What the user says."""

    content: Said = Field(
        validation_alias=AliasChoices("content", "message"), description="what is said (`message` is taken as well)"
    )
    seed: Seed = 0


class OmiMessageRead(BaseModel):
    """What was said. Of the co-pilot: its type and how it looked, and in `data` what it was made by and suggests."""

    id: UUID
    session_id: UUID
    number: int
    role: Literal["user", "omi"]
    type: MessageType | None
    omi_state: OmiState | None
    content: str
    data: dict[str, Any]
    reply_to_id: UUID | None
    job_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, row: OmiMessage) -> OmiMessageRead:
        """Return a row's shape."""
        return cls.model_validate(row, from_attributes=True)


class GuidanceCreate(Submission):
    """The stage to be guided in; the one that the exploration has reached where none is named."""

    exploration_id: UUID
    stage: Stage | None = None
    seed: Seed = 0


class ValidationCreate(Submission):
    """Data of a stage to be validated."""

    exploration_id: UUID
    stage: Stage
    data: JsonObject
    seed: Seed = 0


class WorkflowEvent(BaseModel):
    """Something that happened in the front-end."""

    model_config = ConfigDict(extra="forbid")

    session_id: UUID | None = None
    event: VisibleText
    payload: JsonObject = Field(default_factory=dict)


class CallToAction(BaseModel):
    """What the front-end offers to do next: the words on it, and what it does."""

    label: str
    action: str


class WorkflowReply(BaseModel):
    """What the co-pilot answers to a workflow event."""

    message: str
    omi_state: OmiState
    visual_state: str
    cta: CallToAction | None
    next_expected_event: str
    tips: list[str]
    warnings: list[str]
