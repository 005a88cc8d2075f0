"""From texts and a model's replies to codes that can be counted; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from core.db.text import look_of
from core.objectives.orders import orders_in
from core.objectives.spans import Source
from core.stats.sampling import rng, shuffled
from core.themes.prompts import Codebook, GivenCodes, NamedTheme

SAMPLED: Final = 60
"""Texts that a codebook is proposed from."""
LONGEST_SHOWN: Final = 1200
"""Characters of a text that a model reads."""
BATCH: Final = 20
OTHER: Final = "other"
UNCODED: Final = "uncoded"
FEWEST_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Said:
    """What one respondent wrote."""

    number: int
    persona_id: UUID
    weight: float
    text: str


@dataclass(slots=True)
class Coded:
    """The codes that hold of each different text, with the words they rest on.

    `dropped` is how many codes did not hold, `unread` how many respondents' texts no reply was usable for.
    """

    quotes: dict[str, dict[str, str]] = field(default_factory=dict)
    lineage: dict[str, UUID | None] = field(default_factory=dict)
    dropped: int = 0
    unread: int = 0

    def stored(self, one: Said) -> dict[str, Any]:
        """Return the codes of a respondent's text as they are kept."""
        found = self.quotes.get(one.text, {})
        return {"codes": list(found), "quotes": found, "lineage_id": self.lineage.get(one.text)}


def sample(texts: Sequence[Said], key: str, seed: int) -> list[str]:
    """Return the texts a codebook is proposed from: different ones, drawn by lot, as a model reads them."""
    different = list(dict.fromkeys(one.text for one in texts))
    return [text[:LONGEST_SHOWN] for text in shuffled(different, rng("theme sample", key, seed))[:SAMPLED]]


def batches(texts: Sequence[Said]) -> Iterator[dict[str, str]]:
    """Yield the different texts by short names, some at a time: the same text is coded once."""
    different = list(dict.fromkeys(one.text for one in texts))
    for start in range(0, len(different), BATCH):
        yield {f"r{at}": text for at, text in enumerate(different[start : start + BATCH], start=1)}


def kept_themes(proposed: Codebook, most: int) -> list[NamedTheme]:
    """Return the themes that are used, with codes t1, t2, …: no two of one name, none that gives orders."""
    kept: dict[str, NamedTheme] = {}
    for one in proposed.themes:
        name = look_of(one.name)
        if name in kept or name in (OTHER, "none", UNCODED) or orders_in(f"{one.name}. {one.definition}"):
            continue
        kept[name] = NamedTheme(code=f"t{len(kept) + 1}", name=one.name, definition=one.definition)
        if len(kept) == most:
            break
    return list(kept.values())


def add_checked(coded: Coded, given: GivenCodes, shown: Mapping[str, str], themes: Sequence[NamedTheme]) -> None:
    """Add the codes of a batch that hold.

    One holds when text and code were offered and its quote of two words or more (or the whole text) stands in the text,
    spaces, quotation marks and case aside, outside of sentences that give orders to a model. What stands in the text is
    kept, not what was quoted. "other" counts only for a text with no theme.
    """
    known = [one.code for one in themes]
    found: dict[str, dict[str, str]] = {ref: {} for ref in shown}
    for one in given.codes:
        text = shown.get(one.ref)
        quote = None if text is None or one.code not in (*known, OTHER) else _verbatim(text, one.quote)
        if quote is None:
            coded.dropped += 1
        else:
            found[one.ref].setdefault(one.code, quote)
    for ref, codes in found.items():
        themed = {code: codes[code] for code in known if code in codes}
        coded.quotes[shown[ref]] = themed or codes


def _verbatim(text: str, quote: str) -> str | None:
    span = Source(text).find(quote)
    if span is None or any(start < span.end and span.start < end for start, end in orders_in(text)):
        return None
    whole = len(span.text.split()) >= len(text.split())
    return span.text if whole or len(span.text.split()) >= FEWEST_WORDS else None
