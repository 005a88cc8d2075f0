"""Sentences that speak to the model instead of telling about the study: they are no evidence of anything.

What code decides does not hang on this: quotes, status and score are checked whoever wrote them. It only keeps such a
sentence from standing as the words that a component rests on.
"""

from __future__ import annotations

import re
from typing import Final

_SENTENCES: Final = re.compile(r"[^.!?\n]+(?:[.!?]+|\n|$)")
_ORDERS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,60}"
    r"\b(?:instructions?|prompts?|rules?|above|previous|prior|guidelines?)\b"
    r"|\b(?:mark|rate|set|treat|label|declare|report|consider|return)\b[^.!?\n]{0,60}"
    r"\b(?:everything|all|every|each|components?|objectives?|status|scores?)\b[^.!?\n]{0,60}"
    r"\b(?:clear|valid|validated|complete|perfect|100)\b"
    r"|\bscore\b[^.!?\n]{0,30}\b100\b"
    r"|\b(?:system prompt|you are (?:now )?(?:an? )?(?:ai\b|assistant|chatbot|language model|llm))",
    re.IGNORECASE,
)


def orders_in(text: str) -> list[tuple[int, int]]:
    """Return where the sentences stand, from and to, that give orders to a model."""
    return [(one.start(), one.end()) for one in _SENTENCES.finditer(text) if _ORDERS.search(one[0])]
