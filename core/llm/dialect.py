"""What an endpoint takes of the protocol, learned from its refusals: any endpoint works by settings alone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.llm.prompts import OutputShape, Prompt

_SCHEMA_IN_WORDS = "\n\nReply with one JSON object and nothing else, valid against this JSON schema:\n"
_STREAM = re.compile(r"\bstream(?:_options|ing)?\b")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The parameters to send: all of them at first, fewer once the endpoint has refused one by name."""

    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    seed: bool = True
    temperature: bool = True
    limit_as: Literal["max_completion_tokens", "max_tokens", "none"] = "max_completion_tokens"
    encoding_format: bool = True
    stream: bool = True

    def chat_body(
        self,
        prompt: Prompt[Any, Any],
        shape: OutputShape[Any],
        messages: list[dict[str, str]],
        *,
        model: str,
        seed: int,
    ) -> dict[str, Any]:
        """Return the body of a chat completion request."""
        body: dict[str, Any] = {"model": model, "messages": messages}
        if self.structured == "json_schema":
            described = {"name": prompt.name, "strict": True, "schema": shape.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": described}
        else:
            body["messages"] = _with_schema_in_words(messages, shape.schema)
            if self.structured == "json_object":
                body["response_format"] = {"type": "json_object"}
        if self.seed:
            body["seed"] = seed
        if self.temperature:
            body["temperature"] = prompt.temperature
        if self.limit_as != "none":
            body[self.limit_as] = prompt.max_output_tokens
        return body

    def embedding_body(self, texts: list[str], *, model: str) -> dict[str, Any]:
        """Return the body of an embedding request; base64 is a quarter of the bytes of numbers in decimal."""
        body: dict[str, Any] = {"model": model, "input": texts}
        return body | {"encoding_format": "base64"} if self.encoding_format else body

    def without(self, refused: str) -> Dialect | None:
        """Return the dialect without what the refusal text names, or None when it names nothing of ours.

        The schema is given up in steps: json_schema, json_object, words only.
        """
        text = refused.lower()
        if ("response_format" in text or "json_schema" in text or "json_object" in text) and (
            self.structured != "none"
        ):
            return replace(self, structured="json_object" if self.structured == "json_schema" else "none")
        if self.limit_as != "none" and self.limit_as in text:
            fewer: Literal["max_tokens", "none"] = "max_tokens" if self.limit_as != "max_tokens" else "none"
            return replace(self, limit_as=fewer)
        if self.seed and "seed" in text:
            return replace(self, seed=False)
        if self.temperature and "temperature" in text:
            return replace(self, temperature=False)
        if self.encoding_format and "encoding_format" in text:
            return replace(self, encoding_format=False)
        if self.stream and _STREAM.search(text):
            return replace(self, stream=False)
        return None


def _with_schema_in_words(messages: list[dict[str, str]], schema: dict[str, Any]) -> list[dict[str, str]]:
    system, *rest = messages
    text = system["content"] + _SCHEMA_IN_WORDS + json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return [{"role": system["role"], "content": text}, *rest]
