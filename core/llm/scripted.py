"""A stand-in for the model client in unit tests: answers from a script, asks nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from core import clock
from core.llm.contract import Call, Completion, Embeddings, Kind
from core.llm.prompts import Prompt
from core.llm.streaming import Hear

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")
SCRIPTED_MODEL = "scripted-1"
_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that reached the stand-in."""

    prompt: str
    data: BaseModel
    seed: int
    draw: int


class ScriptedModel:
    """Answers by prompt name. A script is a value, an exception, a list of them (taken in turn, the last one
    stays), or a function of the request that returns one. Replies are validated as real ones are.
    """

    def __init__(
        self,
        script: Mapping[str, Any],
        *,
        embed: Callable[[str], list[float]] | None = None,
        model: str = SCRIPTED_MODEL,
    ) -> None:
        self.asked: list[Asked] = []
        self.embedded: list[str] = []
        self._script = {name: list(entry) if isinstance(entry, list) else entry for name, entry in script.items()}
        self._embed = embed or _hashed_vector
        self._model = model

    async def complete(
        self,
        prompt: Prompt[In, Out],
        data: In,
        *,
        seed: int,
        draw: int = 0,
        model: str | None = None,
        hear: Hear | None = None,
    ) -> Completion[Out]:
        """Answer from the script; raises KeyError for a prompt without one, ValueError for a wrong reply."""
        asked = Asked(prompt.name, data, seed, draw)
        self.asked.append(asked)
        value = self._next(asked)
        if hear is not None:
            hear(json.dumps(value))
        return Completion(
            output=prompt.shape(data).parse(value),
            value=value,
            content=json.dumps(value),
            model=self._model,
            model_requested=model or self._model,
            prompt_name=prompt.name,
            prompt_version=prompt.version,
            input_hash=prompt.input_hash(data),
            seed=seed,
            draw=draw,
            calls=(self._call("chat", prompt.name, prompt.version),),
        )

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        """Turn texts into vectors: by the function given, else equal texts to equal vectors."""
        self.embedded.extend(texts)
        return Embeddings([self._embed(text) for text in texts], model or self._model, (self._call("embedding"),))

    async def aclose(self) -> None:
        """Do nothing."""

    def _next(self, asked: Asked) -> Any:
        entry = self._script[asked.prompt]
        if isinstance(entry, list):
            entry = entry.pop(0) if len(entry) > 1 else entry[0]
        value = entry(asked) if callable(entry) else entry
        if isinstance(value, Exception):
            raise value
        return value

    def _call(self, kind: Kind, prompt_name: str | None = None, prompt_version: int | None = None) -> Call:
        return Call(
            kind=kind,
            model=self._model,
            outcome="ok",
            attempt_no=1,
            input_tokens=10,
            output_tokens=5,
            cost_usd=None,
            latency_ms=0,
            started_at=clock.now(),
            prompt_name=prompt_name,
            prompt_version=prompt_version,
        )


def _hashed_vector(text: str) -> list[float]:
    return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()[:_WIDTH]]
