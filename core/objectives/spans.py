"""Where a quote stands in the source: case, spacing and typography make no difference, the words do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from core.objectives.components import Span

_ALIKE: Final = str.maketrans(
    {**dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-"), "…": "..."}
)
_AROUND: Final = " \t\r\n\"'.,;:!?…“”‘’()[]"
FEWEST_CHARACTERS: Final = 2
"""Letters and digits that a quote has at least: "UK" is one, "a" is none."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source to look quotes up in: its text, and the same folded, with the place of each folded character."""

    text: str
    _folded: str = field(init=False, repr=False)
    _places: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        folded, places = _folded(self.text)
        object.__setattr__(self, "_folded", folded)
        object.__setattr__(self, "_places", tuple(places))

    def find(self, quote: str) -> Span | None:
        """Return where the words of a quote stand first, as whole words; None where they do not.

        Offsets are of `text`, in code points, and `Span.text` is what stands there, not what was quoted.
        """
        wanted = _folded(quote.strip(_AROUND))[0].strip()
        if sum(char.isalnum() for char in wanted) < FEWEST_CHARACTERS:
            return None
        at = self._folded.find(wanted)
        while at >= 0:
            if self._is_whole(at, at + len(wanted)):
                start, end = self._places[at], self._places[at + len(wanted) - 1] + 1
                return Span(start=start, end=end, text=self.text[start:end])
            at = self._folded.find(wanted, at + 1)
        return None

    def holds(self, span: Span) -> bool:
        """Tell whether a span's text is what stands at its place."""
        return 0 <= span.start < span.end and self.text[span.start : span.end] == span.text

    def _is_whole(self, start: int, end: int) -> bool:
        """Tell whether no word is cut, of those written with spaces between them."""
        return not (self._joins(start - 1, start) or self._joins(end - 1, end))

    def _joins(self, left: int, right: int) -> bool:
        if left < 0 or right >= len(self._folded):
            return False
        return all(char.isalnum() and not is_unspaced(char) for char in (self._folded[left], self._folded[right]))


def is_unspaced(char: str) -> bool:
    """Tell whether a character is of a script that puts no spaces between words (Han, kana, Thai …)."""
    return "\u0e00" <= char <= "\u0eff" or "\u1000" <= char <= "\u109f" or "\u3040" <= char <= "\u9fff"


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text without differences that do not count, and the place in `text` of each of its characters."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isspace():
            piece = "" if folded and folded[-1] == " " else " "
        elif unicodedata.category(char) == "Cf":  # joiners, direction marks, soft hyphens
            piece = ""
        else:
            piece = unicodedata.normalize("NFKC", char.translate(_ALIKE)).casefold()
        folded.extend(piece)
        places.extend([place] * len(piece))
    return "".join(folded), places
