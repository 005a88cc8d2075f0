"""Page geometry, colours, fonts and paragraph styles of the PDF."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 20 * mm
TOP = 24 * mm
BOTTOM = 22 * mm
CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN
CONTENT_HEIGHT = PAGE_HEIGHT - TOP - BOTTOM

REGULAR, SEMIBOLD, ITALIC, SYMBOLS = "NotoSans", "NotoSans-SemiBold", "NotoSans-Italic", "ReportSymbols"
_FILES = {
    REGULAR: "NotoSans-Regular.ttf",
    SEMIBOLD: "NotoSans-SemiBold.ttf",
    ITALIC: "NotoSans-Italic.ttf",
    SYMBOLS: "ReportSymbols-Regular.ttf",
}

INK = HexColor("#1B2430")
MUTED = HexColor("#5B6675")
FAINT = HexColor("#6B7684")
RULE = HexColor("#D5DAE0")
PANEL = HexColor("#F3F5F7")
TRACK = HexColor("#EDF0F3")
ACCENT = HexColor("#14507A")
ACCENT_SOFT = HexColor("#7FA6C4")
WHITE = HexColor("#FFFFFF")
BLACK = HexColor("#000000")
WARNING = HexColor("#9A4B00")
WARNING_PANEL = HexColor("#FDF3E7")

# Orange to blue: told apart with every common kind of colour blindness, and by lightness in print.
NEGATIVE = [HexColor(c) for c in ("#B35806", "#E08A2E", "#F2B872", "#F8D9B0", "#FBEBD6")]
POSITIVE = [HexColor(c) for c in ("#14507A", "#3F83B5", "#86B4D6", "#BBD6EA", "#DDEAF4")]
NEUTRAL = HexColor("#B9C0C9")
# From light to dark, for scales of which neither end is the good one.
ORDERED = [HexColor(c) for c in ("#D3E3F0", "#7FB0D5", "#2F76AB", "#0D3556")]


def register_fonts() -> None:
    """Make the report's own fonts known to reportlab."""
    folder = Path(__file__).resolve().parent.parent / "fonts"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    # Markup never reaches a paragraph, but reportlab looks the family up by itself.
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=SEMIBOLD, italic=ITALIC, boldItalic=SEMIBOLD)


def tone_colours(tones: list[str]) -> list[Color]:
    """Return a colour per point of a scale.

    Of two opposite sides the further from the middle, the darker; an ordered scale goes from light to dark.
    """
    if tones and all(tone == "ordered" for tone in tones):
        return [_between(place / max(len(tones) - 1, 1)) for place in range(len(tones))]
    negatives = tones.count("negative")
    positives = tones.count("positive")
    colours = []
    seen_negative = seen_positive = 0
    for tone in tones:
        if tone == "negative":
            colours.append(NEGATIVE[_step(seen_negative, negatives)])
            seen_negative += 1
        elif tone == "positive":
            seen_positive += 1
            colours.append(POSITIVE[_step(positives - seen_positive, positives)])
        else:
            colours.append(NEUTRAL if tone == "neutral" else ACCENT_SOFT)
    return colours


def _between(part: float) -> Color:
    """Return the colour at 0–1 of the way through the ordered colours."""
    place = min(int(part * (len(ORDERED) - 1)), len(ORDERED) - 2)
    low, high, rest = ORDERED[place], ORDERED[place + 1], part * (len(ORDERED) - 1) - place
    mixed = ((low.red, high.red), (low.green, high.green), (low.blue, high.blue))
    return Color(*(one + (other - one) * rest for one, other in mixed))


def luminance(colour: Color) -> float:
    """Return the relative luminance of WCAG 2, 0 for black and 1 for white."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.red, colour.green, colour.blue)
    ]
    return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])


def readable(colour: Color) -> Color:
    """Return a colour darkened until small text in it can be read on white: a contrast of 4.5 or better."""
    shades = (
        Color(colour.red * part, colour.green * part, colour.blue * part) for part in (n / 20 for n in range(20, 0, -1))
    )
    return next((one for one in shades if 1.05 / (luminance(one) + 0.05) >= 4.5), BLACK)


def text_on(colour: Color) -> Color:
    """Return black or white, whichever stands out more; the contrast is 4.5 or better on any colour."""
    light = luminance(colour)
    return BLACK if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else WHITE


def _step(distance_from_end: int, points: int) -> int:
    """Spread few points over the palette's useful part, so that neighbours stay apart."""
    return min(distance_from_end * 2 if points == 2 else distance_from_end, len(NEGATIVE) - 1)


def faint(colour: Color) -> Color:
    """Return a light grey that keeps the order of light and dark; MUTED text can be read on it."""
    grey = 0.85 + 0.1 * luminance(colour)
    return Color(grey, grey, grey)


def shade(colour: Color, share: float) -> Color:
    """Mix a colour into white: 0 gives white, 1 a strong tint that dark text can still be read on."""
    amount = 0.08 + 0.55 * share if share > 0 else 0.0
    parts = [1 - amount * (1 - part) for part in (colour.red, colour.green, colour.blue)]
    return Color(*parts)


def _style(name: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    base: dict[str, object] = {"fontName": REGULAR, "textColor": INK, "splitLongWords": 1}
    return ParagraphStyle(name, fontSize=size, leading=leading, **{**base, **more})


BODY = _style("body", 9, 13.5, spaceAfter=5)
SMALL = _style("small", 7.5, 10.5, textColor=MUTED, spaceAfter=4)
CAPTION = _style("caption", 7.5, 10.5, textColor=MUTED, spaceBefore=2, spaceAfter=4)
EYEBROW = _style("eyebrow", 7.5, 10, fontName=SEMIBOLD, textColor=ACCENT, spaceAfter=3)
TITLE = _style("title", 19, 24, fontName=SEMIBOLD, spaceAfter=4)
QUESTION = _style("question", 12.5, 16.5, fontName=SEMIBOLD, spaceAfter=3)
META = _style("meta", 8, 11, textColor=MUTED, spaceAfter=7)
HEADING = _style("heading", 10.5, 14, fontName=SEMIBOLD, textColor=ACCENT, spaceBefore=9, spaceAfter=4)
TABLE_CAPTION = _style("table-caption", 8, 11, fontName=SEMIBOLD, spaceBefore=8, spaceAfter=3)
CELL = _style("cell", 8, 10.5)
CELL_RIGHT = _style("cell-right", 8, 10.5, alignment=2)
CELL_FAINT = _style("cell-faint", 8, 10.5, fontName=ITALIC, textColor=FAINT)
CELL_RIGHT_FAINT = _style("cell-right-faint", 8, 10.5, fontName=ITALIC, textColor=FAINT, alignment=2)
HEAD = _style("head", 7, 9, fontName=SEMIBOLD, textColor=MUTED)
HEAD_RIGHT = _style("head-right", 7, 9, fontName=SEMIBOLD, textColor=MUTED, alignment=2)
FIGURE = _style("figure", 21, 25, fontName=SEMIBOLD, textColor=ACCENT)
FIGURE_LABEL = _style("figure-label", 8, 10.5)
GLANCE_TITLE = _style("glance-title", 8.5, 11.5)
GLANCE_FIGURE = _style("glance-figure", 14, 17, fontName=SEMIBOLD, textColor=ACCENT, alignment=2)
GLANCE_NUMBER = _style("glance-number", 8.5, 11.5, fontName=SEMIBOLD, textColor=FAINT)
PAGE_NUMBER = _style("page-number", 8, 11.5, textColor=MUTED, alignment=2)
QUOTE = _style("quote", 9.5, 14, fontName=ITALIC)
QUOTE_NAME = _style("quote-name", 7.5, 10.5, textColor=MUTED, spaceBefore=2)
NOTICE_TITLE = _style("notice-title", 8.5, 12, fontName=SEMIBOLD)
NOTICE_TEXT = _style("notice-text", 8.5, 12)
COVER_KIND = _style("cover-kind", 10, 13, fontName=SEMIBOLD, textColor=ACCENT)
COVER_TITLE = _style("cover-title", 30, 37, fontName=SEMIBOLD)
COVER_SUBTITLE = _style("cover-subtitle", 13, 18, textColor=MUTED)
