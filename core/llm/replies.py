"""Reading what an endpoint sends back: chat replies, embeddings, token counts, error bodies."""

from __future__ import annotations

import base64
import json
import math
import re
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

_FENCE = "```"
# A reply beyond these bounds is no answer to anything asked here.
LONGEST_REPLY = 400_000
DEEPEST_REPLY = 40
LONGEST_NAME = 200
MOST_TOKENS = 2**31 - 1
MOST_DIGITS = 300
_SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])|[\x00\ud800-\udfff]", re.IGNORECASE)


class ReplyMalformed(ValueError):
    """A success status came with a body that is not the protocol's."""


@dataclass(frozen=True, slots=True)
class ChatReply:
    """The first choice of a chat completion."""

    content: str
    refusal: str | None
    finish_reason: str
    model: str


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens used; `known` is false where the endpoint did not say."""

    input: int = 0
    output: int = 0
    known: bool = False


def chat_reply(body: Mapping[str, Any], asked: str) -> ChatReply:
    """Read a chat completion; raises ReplyMalformed."""
    try:
        choice = body["choices"][0]
        message = choice["message"]
        return ChatReply(
            content=cleaned(_text(message.get("content"))),
            refusal=message.get("refusal") or None,
            finish_reason=str(choice.get("finish_reason") or "stop"),
            model=model_name(body, asked),
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ReplyMalformed("the reply holds no choice with a message") from None


def model_name(body: Mapping[str, Any], asked: str) -> str:
    """Return the name the endpoint answered with, as it can be stored; the one asked for where it gives none."""
    name = body.get("model")
    return cleaned(name)[:LONGEST_NAME] if isinstance(name, str) and name.strip("\0 ") else asked


def vectors(body: Mapping[str, Any], count: int) -> list[list[float]]:
    """Read `count` embeddings in the order asked, given as numbers or as base64; raises ReplyMalformed."""
    try:
        rows = sorted(body["data"], key=lambda row: row["index"])
        found = [_vector(row["embedding"]) for row in rows]
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise ReplyMalformed("the reply holds no embeddings") from None
    if len(found) != count:
        raise ReplyMalformed(f"the reply holds {len(found)} embeddings instead of {count}")
    if len({len(vector) for vector in found}) > 1 or not all(any(vector) for vector in found):
        raise ReplyMalformed("the embeddings differ in length or are empty or zero")
    if not all(math.isfinite(number) for vector in found for number in vector):
        raise ReplyMalformed("the embeddings hold what is no number")
    return found


def token_count(body: Mapping[str, Any]) -> TokenCount:
    """Read the usage of a reply."""
    usage = body.get("usage")
    given = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    made = usage.get("completion_tokens") or 0 if isinstance(usage, dict) else None
    if not _is_count(given) or not _is_count(made):
        return TokenCount()
    return TokenCount(int(given), int(made), known=True)


def decode(content: str) -> Any:
    """Decode the JSON of a reply, with or without a code fence around it; raises ValueError.

    Characters that Postgres cannot store (NUL, lone surrogates) are left out or replaced.
    """
    if len(content) > LONGEST_REPLY:
        raise ValueError(f"the reply is longer than {LONGEST_REPLY} characters")
    try:
        value = json.loads(_unfenced(content), parse_constant=_no_number, parse_float=_finite, parse_int=_bounded)
    except RecursionError:
        raise ValueError("the reply is nested too deeply") from None
    _check_depth(value)
    return cleaned(value) if _SUSPECT.search(content) else value


def cleaned(value: Any) -> Any:
    """Return JSON without the characters that Postgres cannot store and UTF-8 cannot carry."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {cleaned(key): cleaned(member) for key, member in value.items()}
    if isinstance(value, list):
        return [cleaned(member) for member in value]
    return value


def _unfenced(content: str) -> str:
    """Return what stands in the code fence around a reply; cut by hand, for a pattern may take time n²."""
    text = content.strip()
    if not (text.startswith(_FENCE) and text.endswith(_FENCE)):
        return content
    language, _, inner = text.removeprefix(_FENCE).removesuffix(_FENCE).partition("\n")
    return inner if language.strip().isalpha() or not language.strip() else content


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is larger than a number can be")
    return number


def _bounded(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{digits[:20]}… is larger than a number can be")
    return int(digits)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST_REPLY):
        level = [
            member
            for outer in level
            if isinstance(outer, dict | list)
            for member in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise ValueError("the reply is nested too deeply")


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS


def _text(content: Any) -> str:
    if isinstance(content, list):  # some endpoints send a list of parts
        return "".join(str(part.get("text") or "") for part in content)
    return content if isinstance(content, str) else ""


def _vector(raw: Any) -> list[float]:
    if not isinstance(raw, str):
        return [float(number) for number in raw]
    numbers = array("f", base64.b64decode(raw))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
