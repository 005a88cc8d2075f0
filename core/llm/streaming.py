"""Reads a streamed chat completion: tells the text so far, and returns the body that would have come at once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Hear: TypeAlias = Callable[[str], None]
"""Is told the reply's content as far as it has come: each time all of it, longer than before."""
_DATA: Final = "data:"
_DONE: Final = "[DONE]"


class StreamBroken(ValueError):
    """The stream is not the protocol's, or ended before its reply did."""


@dataclass(slots=True)
class _Reply:
    """What has come of the first choice."""

    content: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    finish_reason: str | None = None
    model: Any = None
    usage: Any = None

    def body(self) -> dict[str, Any]:
        message = {"content": "".join(self.content), "refusal": "".join(self.refusal) or None}
        choice = {"message": message, "finish_reason": self.finish_reason}
        return {"model": self.model, "choices": [choice], "usage": self.usage}


async def assembled(lines: AsyncIterator[str], hear: Hear, longest: int) -> dict[str, Any]:
    """Read server-sent events to their end; return the chat completion they are. Raises StreamBroken.

    `longest` bounds the characters that are read.
    """
    reply, length = _Reply(), 0
    async for line in lines:
        length += len(line)
        if length > longest:
            raise StreamBroken(f"the endpoint streamed more than {longest // 1_000_000} MB")
        if not line.startswith(_DATA):
            continue  # comments, names of events, and the empty lines between them
        data = line[len(_DATA) :].strip()
        if data == _DONE:
            break
        if _add(reply, _decoded(data)):
            hear("".join(reply.content))
    if reply.finish_reason is None:
        raise StreamBroken("the endpoint's stream ended before its reply did")
    return reply.body()


def _decoded(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        raise StreamBroken("the endpoint streamed what is no JSON") from None
    if not isinstance(chunk, dict):
        raise StreamBroken("the endpoint streamed what is no chat completion")
    if chunk.get("error"):
        raise StreamBroken("the endpoint broke its stream off with an error")
    return chunk


def _add(reply: _Reply, chunk: dict[str, Any]) -> bool:
    """Add a chunk to a reply; tell whether its content has grown."""
    reply.model = chunk.get("model") or reply.model
    reply.usage = chunk.get("usage") or reply.usage
    try:
        choice = next((one for one in chunk.get("choices") or () if one.get("index", 0) == 0), None)
        if choice is None:
            return False
        delta = choice.get("delta") or {}
        content, refusal = delta.get("content") or "", delta.get("refusal") or ""
        reply.finish_reason = choice.get("finish_reason") or reply.finish_reason
    except (AttributeError, TypeError):
        raise StreamBroken("the endpoint streamed what is no chat completion") from None
    if not isinstance(content, str) or not isinstance(refusal, str):
        raise StreamBroken("the endpoint streamed a reply that is no text")
    reply.refusal.append(refusal)
    reply.content.append(content)
    return bool(content)


def partial_member(content: str, name: str) -> str:
    """Return as much of a JSON object's text member as a content that is still being written holds.

    What no database stores as text, NUL and lone surrogates, is left out: nobody has judged the content yet.
    """
    _, found, rest = content.partition(f'"{name}"')
    value = rest.lstrip().removeprefix(":").lstrip()
    if not found or not value.startswith('"'):
        return ""
    written, place = [], 1
    while place < len(value) and value[place] != '"':
        step = _length_of(value, place)
        if step == 0:
            break
        written.append(value[place : place + step])
        place += step
    try:
        text = json.loads('"' + "".join(written) + '"', strict=False)
    except ValueError:
        return ""
    told = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return told.replace("\x00", "")  # type: ignore[no-any-return]


def _length_of(value: str, place: int) -> int:
    """Return how many characters write the next one; 0 where they have not all come."""
    if value[place] != "\\":
        return 1
    length = 6 if value[place + 1 : place + 2] == "u" else 2
    return length if place + length <= len(value) else 0
