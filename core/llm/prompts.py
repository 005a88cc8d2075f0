"""Prompts as versioned data: typed input, instructions apart from data, a schema for the reply."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel

from core.llm.schema import strict_schema_of

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_EXACT_INTEGERS = 2.0**53


@dataclass(frozen=True, slots=True)
class OutputShape(Generic[Out]):
    """What a reply must look like: its strict JSON schema, and a function from decoded JSON to the output.

    `parse` raises ValueError (pydantic's ValidationError is one) for a reply that does not fit.
    """

    schema: dict[str, Any]
    parse: Callable[[Any], Out]


@dataclass(frozen=True, slots=True)
class Prompt(Generic[In, Out]):
    """A prompt. A changed text or schema needs a new `version`: answers are remembered under it.

    `output` is a pydantic model, or a function that builds a model or an OutputShape from the input, for
    replies whose members follow from the data (the questions of a section, the options of a question).
    """

    name: str
    version: int
    system: str
    input: type[In]
    output: type[Out] | Callable[[In], type[Out] | OutputShape[Out]]
    temperature: float = 1.0
    max_output_tokens: int = 2048

    @classmethod
    def from_file(
        cls,
        package: str,
        name: str,
        *,
        version: int,
        input: type[In],  # noqa: A002 - the field's name
        output: type[Out] | Callable[[In], type[Out] | OutputShape[Out]],
        temperature: float = 1.0,
        max_output_tokens: int = 2048,
    ) -> Prompt[In, Out]:
        """Return the prompt whose instructions stand in `package`, in the file instructions/{name}.v{version}.md.

        A file is never changed once it was in use, nor removed: what was made with it names its version.
        """
        file = importlib.resources.files(package) / "instructions" / f"{name}.v{version}.md"
        system = file.read_text(encoding="utf-8").strip()
        return Prompt(name, version, system, input, output, temperature, max_output_tokens)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.version < 1:
            raise ValueError("a prompt's name is [a-zA-Z0-9_-]{1,64} and its version 1 or more")

    def messages(self, data: In) -> list[dict[str, str]]:
        """Return the chat messages: instructions, then the data between delimiters it cannot forge."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": delimited("data", data)},
        ]

    def shape(self, data: In) -> OutputShape[Out]:
        """Return what a reply to `data` must look like."""
        output = self.output
        if not isinstance(output, type):
            made = output(data)
            if isinstance(made, OutputShape):
                return made
            output = made
        model = cast("type[BaseModel]", output)
        return OutputShape(strict_schema_of(model), cast("Callable[[Any], Out]", model.model_validate))

    def input_hash(self, data: In) -> str:
        """Return sha256 over name, version and input, as 64 hex digits."""
        return _sha256({"name": self.name, "version": self.version, "input": data})


def fingerprint(prompt: Prompt[In, Out], example: In) -> str:
    """Return sha256 over all that a version stands for: text, schema for `example`, and sampling.

    A test pins it, so that a changed text without a new version fails.
    """
    return _sha256(
        {
            "name": prompt.name,
            "system": prompt.system,
            "schema": prompt.shape(example).schema,
            "temperature": prompt.temperature,
            "max_output_tokens": prompt.max_output_tokens,
        }
    )


def delimited(tag: str, data: Any) -> str:
    """Return `data` as JSON between `<tag>` lines; `<`, `>`, `&` are escaped, so that it cannot end them."""
    return f"<{tag}>\n{canonical_json(data).translate(_ESCAPES)}\n</{tag}>"


def canonical_json(data: Any) -> str:
    """Return one spelling per value: sorted keys, no spaces, whole floats as integers, others to 12 digits.

    Raises ValueError for NaN and infinities.
    """
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    return json.dumps(_plain(plain), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:  # most of what there is
        return value
    if kind is float:
        return _plain_number(value)
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return _plain(value.model_dump(mode="json")) if isinstance(value, BaseModel) else value


def _plain_number(value: float) -> int | float:
    if not math.isfinite(value):
        raise ValueError("NaN and infinities have no JSON")
    if value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return int(value)
    return float(f"{value:.12g}")


def _sha256(data: Any) -> str:
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()
