"""Text from people and models made safe to set: cleaned, bounded, split by font and escaped."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics

from core.reports.render import theme

# Scripts that need shaping or run from right to left would be set wrongly even where a font has the letters.
_UNSHAPED = (
    (0x0590, 0x08FF),
    (0x0900, 0x0DFF),
    (0x0E00, 0x0FFF),
    (0x1000, 0x109F),
    (0x1780, 0x18AF),
    (0xFB1D, 0xFDFF),
    (0xFE70, 0xFEFC),
)
# Signs that only choose how the character before them is drawn: variation selectors and the frame of a keycap.
_CHOOSING = re.compile("[\ufe00-\ufe0f\u20e3\U000e0100-\U000e01ef]")
_MISSING = ""


@dataclass(slots=True)
class Typesetter:
    """Prepare text for one document and remember what could not be shown as given."""

    shortened: int = 0
    described: int = 0
    _coverage: dict[str, frozenset[int]] = field(default_factory=dict)

    def markup(self, text: str, limit: int = 1200, font: str = theme.REGULAR) -> str:
        """Return `text` as platypus markup in which nothing of it is markup."""
        runs = self.runs(text, limit, font)
        return "".join(
            escape(part) if name == font else f'<font name="{name}">{escape(part)}</font>' for name, part in runs
        )

    def plain(self, text: str, limit: int = 1200) -> str:
        """Return `text` for places without fonts, such as the document's title."""
        return self._bounded(_clean(text, limit), limit)

    def runs(self, text: str, limit: int = 1200, font: str = theme.REGULAR) -> list[tuple[str, str]]:
        """Return (font, text) runs; what no font can show is described in square brackets."""
        bounded = self._bounded(_clean(text, limit), limit)
        runs: list[tuple[str, str]] = []
        for found, group in groupby(bounded, key=lambda char: self._font_of(char, font)):
            part, name = "".join(group), found or font
            if found == _MISSING:
                self.described += len(part)
                part = _described(part)
            if runs and runs[-1][0] == name:
                runs[-1] = (name, runs[-1][1] + part)
            else:
                runs.append((name, part))
        return runs

    def notes(self) -> list[str]:
        """Say what the reader should know about the setting of this document."""
        notes = []
        if self.shortened:
            notes.append("Texts too long for this document are cut and end with “[…]”; the data export has them whole.")
        if self.described:
            notes.append(
                "Characters that the fonts of this document do not hold are described in square brackets; "
                "the data export has them as written."
            )
        return notes

    def _bounded(self, text: str, limit: int) -> str:
        if len(text) <= limit:
            return text
        self.shortened += 1
        return text[:limit].rstrip() + " […]"

    def _font_of(self, char: str, font: str) -> str:
        code = ord(char)
        if code < 0x250:
            return font
        if any(low <= code <= high for low, high in _UNSHAPED):
            return _MISSING
        for name in (font, theme.SYMBOLS):
            if code in self._covered(name):
                return name
        return _MISSING

    def _covered(self, font: str) -> frozenset[int]:
        if font not in self._coverage:
            self._coverage[font] = frozenset(pdfmetrics.getFont(font).face.charToGlyph)
        return self._coverage[font]


def _clean(text: str, limit: int) -> str:
    # Cut before the costly steps; four times the limit leaves room for what falls away.
    text = text[: limit * 4 + 400]
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", _CHOOSING.sub("", text))
    kept = (" " if _is_blank(char) else char for char in text if unicodedata.category(char) != "Cf" or char == "\u00ad")
    return " ".join("".join(kept).replace("\u00ad", "").split())


def _is_blank(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Zl", "Zp", "Zs"} and char != "\u00a0"


def _described(part: str) -> str:
    written = [char for char in part if unicodedata.category(char)[0] in "LMN"]
    letter = next((char for char in written if unicodedata.category(char)[0] != "M"), None)
    if letter is not None:
        script = unicodedata.name(letter, "unknown").split()[0]
        script = "Chinese or Japanese" if script == "CJK" else script.capitalize()
        noun = "character" if len(written) == 1 else "characters"
        return f"[{len(written)} {script} {noun}]"
    skin = [char for char in part if unicodedata.category(char) != "Sk"]
    names = [unicodedata.name(char, "unknown character").lower() for char in skin]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"[{', '.join(names[:2])}{more}]" if names else ""
