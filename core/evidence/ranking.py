"""Which passages say most of what a text is about: rare words count more than common ones."""

from __future__ import annotations

import html
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeVar

Key = TypeVar("Key")
MOST_WORDS: Final = 400
SHORTEST_WORD: Final = 2
OPEN: Final = "\x02"
CLOSE: Final = "\x03"
"""How the database marks what it found: no stored text has these characters."""
_WORD: Final = re.compile(r"[^\W_]+")
_TERM: Final = re.compile(r'([^\w"]*)("[^"]*"|\w[^\s"]*)')


def tamed(q: str) -> str:
    """Return a query with what means something in it: words, "phrases" and a "-" before either.

    A row of signs alone ("-(-(-(") has the database run out of room for its operators.
    """
    terms = ((signs, term) for signs, term in _TERM.findall(q) if _WORD.search(term))
    return " ".join(f"-{term}" if signs.endswith("-") else term for signs, term in terms)


def words_of(texts: Iterable[str]) -> list[str]:
    """Return the distinct words of texts, lower-case, in their order; at most 400."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _WORD.finditer(text.lower()):
            if SHORTEST_WORD <= len(match[0]) <= 100:
                found[match[0]] = None
            if len(found) >= MOST_WORDS:
                return list(found)
    return list(found)


def best_first(matched: Mapping[Key, Collection[str]], asked: Collection[str]) -> list[tuple[Key, float]]:
    """Return what matched any of the words asked for with its rank (0–1), best first; equal ones stay in their order.

    The rank is the share of the words' weight that is found, a word weighing ln(1 + N / n) where n of the N that
    matched have it.
    """
    having = Counter(word for words in matched.values() for word in set(words))
    weights = {word: math.log1p(len(matched) / max(having[word], 1)) for word in asked}
    whole = sum(weights.values())
    ranks = [(key, sum(weights.get(word, 0.0) for word in set(words)) / whole) for key, words in matched.items()]
    return sorted(ranks, key=lambda pair: -pair[1])


def marked(excerpt: str) -> str:
    """Return an excerpt of the database as HTML: escaped, with what was found in `<mark>`."""
    return html.escape(excerpt, quote=False).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
