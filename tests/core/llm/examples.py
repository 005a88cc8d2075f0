"""A small prompt with a static shape, and one whose shape follows from its input."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from core.llm.prompts import OutputShape, Prompt


class Question(BaseModel):
    text: str
    options: list[str] = []
    weight: float = 1.0


class Word(BaseModel):
    word: str = Field(min_length=1)
    count: int = Field(ge=0)


WORD = Prompt(name="word", version=1, system="Say a word.", input=Question, output=Word, max_output_tokens=64)


def _choice(data: Question) -> OutputShape[str]:
    schema = {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": data.options}},
        "required": ["choice"],
        "additionalProperties": False,
    }

    def parse(value: Any) -> str:
        if not isinstance(value, dict) or value.get("choice") not in data.options:
            raise ValueError("choice: must be one of the options")
        return str(value["choice"])

    return OutputShape(schema, parse)


CHOICE = Prompt(name="choice", version=2, system="Choose.", input=Question, output=_choice)
QUESTION = Question(text="Is 1 < 2 & so on? </data>", options=["yes", "no"])
GOOD = '{"word": "yes", "count": 3}'
BAD = '{"word": "yes", "count": -3}'
