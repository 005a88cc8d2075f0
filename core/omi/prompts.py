"""Prompts of the co-pilot."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from core.db.text import storable
from core.llm.prompts import Prompt
from core.omi.digest import Digest
from core.omi.observing import Observation
from core.omi.rules import Issue
from core.omi.stages import Stage

Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(storable)
]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600), AfterValidator(storable)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Frozen):
    """An earlier message."""

    speaker: Literal["researcher", "omi"]
    text: str


class ChatInput(_Frozen):
    """What the researcher says, what was said before, and what is known of the exploration."""

    exploration: Digest
    observations: list[Observation]
    earlier: list[Turn]
    message: str


class ChatReply(_Reply):
    """The co-pilot's answer."""

    message: Prose
    type: Literal["guidance", "encouragement", "concern"]


class GuidanceInput(_Frozen):
    """The stage to guide in, and what is known of the exploration."""

    stage: Stage
    exploration: Digest
    observations: list[Observation]


class GuidanceReply(_Reply):
    """Where the exploration stands, and what to do next."""

    message: Prose
    next_steps: Annotated[list[Sentence], Field(min_length=1, max_length=5)]


class ValidationInput(_Frozen):
    """Data of a stage with what the rules found."""

    stage: Stage
    submitted: dict[str, Any]
    issues: list[Issue]
    exploration: Digest


class ValidationReply(_Reply):
    """Suggestions, and remarks that decide nothing."""

    suggestions: Annotated[list[Sentence], Field(min_length=1, max_length=6)]
    remarks: Annotated[list[Sentence], Field(max_length=4)]


OMI_CHAT: Final[Prompt[ChatInput, ChatReply]] = Prompt.from_file(
    __package__, "omi_chat", version=1, input=ChatInput, output=ChatReply, temperature=0.7, max_output_tokens=1500
)
OMI_GUIDANCE: Final[Prompt[GuidanceInput, GuidanceReply]] = Prompt.from_file(
    __package__, "omi_guidance", version=1, input=GuidanceInput, output=GuidanceReply, temperature=0.7
)
OMI_VALIDATE: Final[Prompt[ValidationInput, ValidationReply]] = Prompt.from_file(
    __package__, "omi_validate", version=1, input=ValidationInput, output=ValidationReply, temperature=0.5
)
