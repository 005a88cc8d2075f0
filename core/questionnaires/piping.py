"""Piping: `{{key}}` in a question stands for an earlier answer, in `{{key|words}}` with words without one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

_PIPE: Final = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
UNKNOWN: Final = "that"
"""What stands for an answer where there is no respondent, as in an anchor sentence."""


def piped_keys(text: str) -> Iterator[str]:
    """Return the keys a text names, in order; they may be of no question."""
    return (match[1].strip() for match in _PIPE.finditer(text))


def needed_keys(text: str) -> set[str]:
    """Return the keys without whose answers a question cannot be put: those with no words instead."""
    return {match[1].strip() for match in _PIPE.finditer(text) if match[2] is None}


def each_replaced(text: str, put: Callable[[str, str | None], str]) -> str:
    """Return a text with what `put` makes of each key and the words instead of it, None where there are none."""
    return _PIPE.sub(lambda match: put(match[1].strip(), match[2]), text)


def as_written(key: str, instead: str | None) -> str:
    """Return a key as it stands in a text: in labels a name may be that of nothing, and is then read as it is."""
    return f"{{{{{key}}}}}" if instead is None else f"{{{{{key}|{instead}}}}}"


def filled(text: str, words: Mapping[str, Sequence[str]]) -> str:
    """Return a text with these words in place of their keys, several as "a / b"; all other names stay.

    "" stands for the words instead.
    """

    def replaced(match: re.Match[str]) -> str:
        key = match[1].strip()
        if key not in words:
            return match[0]
        return " / ".join(dict.fromkeys((word or match[2] or UNKNOWN).strip() for word in words[key]))

    return _PIPE.sub(replaced, text)


def bracketed(text: str) -> str:
    """Return a text in which names stand in brackets, as an answer is named where there is no respondent."""
    return _PIPE.sub(lambda match: f"[{match[1].strip()}]", text)


def piped(text: str, answers: Mapping[str, str]) -> str:
    """Return a text with the answers in words, by key; where one is missing, the words given instead, or "that"."""
    return _PIPE.sub(lambda match: answers.get(match[1].strip()) or (match[2] or UNKNOWN).strip(), text)
