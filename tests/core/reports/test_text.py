"""Text from people and models is set as text or described; it never becomes markup."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.platypus import Paragraph

from core.reports.render import theme
from core.reports.render.text import Typesetter


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    theme.register_fonts()


def test_markup_is_escaped() -> None:
    assert Typesetter().markup("<b>a</b> & <font") == "&lt;b&gt;a&lt;/b&gt; &amp; &lt;font"


def test_symbols_come_from_the_second_font() -> None:
    assert Typesetter().runs("ok ★") == [(theme.REGULAR, "ok "), (theme.SYMBOLS, "★")]


def test_unknown_scripts_and_emoji_are_described_and_noted() -> None:
    setter = Typesetter()
    assert setter.markup("नमस्ते") == "[6 Devanagari characters]"
    assert setter.markup("ok 👍🏽") == "ok [thumbs up sign]"
    assert setter.markup("经") == "[1 Chinese or Japanese character]"
    assert len(setter.notes()) == 1


@pytest.mark.parametrize(
    "text", ["I love it ❤\ufe0f!", "☀\ufe0f", "✔\ufe0f", "➡\ufe0f", "™\ufe0f", "1\ufe0f\u20e3", "⚙\ufe0f\u200d"]
)
def test_how_a_character_is_to_be_drawn_is_no_character(text: str) -> None:
    setter = Typesetter()
    shown = "".join(part for _, part in setter.runs(text))
    assert shown == "".join(char for char in text if char not in "\ufe0f\u20e3\u200d")
    assert setter.notes() == []


def test_a_mark_names_no_script() -> None:
    assert Typesetter().markup("葛\U000e0100") == "[1 Chinese or Japanese character]"
    assert Typesetter().markup("\u093eन") == "[2 Devanagari characters]"
    assert Typesetter().markup("a \u20e0") == "a [combining enclosing circle backslash]"


def test_control_characters_and_lone_surrogates_fall_away() -> None:
    assert Typesetter().plain("a\x00b\u202ec\ud800d\n e") == "a bc\ufffdd e"


def test_long_text_is_cut_and_noted() -> None:
    setter = Typesetter()
    assert setter.markup("x" * 100_000, 50) == "x" * 50 + " […]"
    assert "data export" in setter.notes()[0]


def test_ordinary_text_needs_no_note() -> None:
    setter = Typesetter()
    assert setter.markup("Łódź, “naïve” – Привет") == "Łódź, “naïve” – Привет"
    assert setter.notes() == []


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_makes_a_paragraph(text: str) -> None:
    Paragraph(Typesetter().markup(text), theme.BODY).wrap(200, 10_000)
