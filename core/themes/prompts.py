"""Prompts of themes. A changed text or schema needs a new version: answers are remembered under it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import ShortText, Text
from core.llm.prompts import Prompt


class CodebookInput(BaseModel):
    """A question and a sample of what was answered to it."""

    model_config = ConfigDict(frozen=True)

    question: str
    language: str
    max_themes: int
    texts: list[str]


class ProposedTheme(BaseModel):
    """A theme as a model proposes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ShortText
    definition: Text


class Codebook(BaseModel):
    """What a model proposes; code decides what of it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    themes: Annotated[list[ProposedTheme], Field(max_length=60)]


class NamedTheme(BaseModel):
    """A theme of the codebook with its code."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    definition: str


class TextToCode(BaseModel):
    """A text under a short name that holds for one question only."""

    model_config = ConfigDict(frozen=True)

    ref: str
    text: str


class CodesInput(BaseModel):
    """A codebook and texts to code with it."""

    model_config = ConfigDict(frozen=True)

    question: str
    themes: list[NamedTheme]
    texts: list[TextToCode]


class GivenCode(BaseModel):
    """One code that a model gives to a text, and the words it rests on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ref: ShortText
    code: ShortText
    quote: Text


class GivenCodes(BaseModel):
    """What a model says of some texts; code checks each of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: Annotated[list[GivenCode], Field(max_length=500)]


THEME_CODEBOOK: Final = Prompt.from_file(
    __package__,
    "theme_codebook",
    version=1,
    input=CodebookInput,
    output=Codebook,
    temperature=0.3,
    max_output_tokens=2500,
)
THEME_CODES: Final = Prompt.from_file(
    __package__,
    "theme_codes",
    version=1,
    input=CodesInput,
    output=GivenCodes,
    temperature=0.0,
    max_output_tokens=6000,
)
