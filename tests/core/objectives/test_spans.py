"""Where a quote stands: case, spaces and typography do not matter, words do; offsets are true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.objectives.spans import Source

TEXT = "The bank\u2019s  message:\n“opportunity” – or protection?  Straße 5. Café 👩‍🌾 ﬁne"


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("the bank's message", "The bank\u2019s  message"),
        ('"opportunity" - or PROTECTION?', "opportunity” – or protection"),
        ("STRASSE 5", "Straße 5"),
        ("  Straße\t5 ", "Straße 5"),
        ("cafe\u0301", None),
        ("café", "Café"),
        ("fine", "ﬁne"),
        ("the bank’s message: …", "The bank\u2019s  message"),
    ],
)
def test_a_quote_is_found_whatever_its_dress(quote: str, stands: str | None) -> None:
    found = Source(TEXT).find(quote)
    assert (found.text if found else None) == stands
    assert found is None or TEXT[found.start : found.end] == found.text


@pytest.mark.parametrize(
    "quote", ["bank message", "protect", "portunity", "a", "", " . ", "The bank ... protection", "5."]
)
def test_other_words_parts_of_words_and_next_to_nothing_are_not_found(quote: str) -> None:
    assert Source(TEXT).find(quote) is None


def test_a_later_whole_word_is_found_behind_an_earlier_part() -> None:
    found = Source("Indiana is not India.").find("india")
    assert found is not None
    assert (found.start, found.end) == (15, 20)


def test_scripts_without_spaces_are_quoted_from_the_middle_of_a_line() -> None:
    text = "私たちは東京の若者に新しい飲み物を売る。"
    found = Source(text).find("東京の若者")
    assert found is not None
    assert text[found.start : found.end] == "東京の若者"


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_whatever_is_found_stands_there(text: str, start: int, length: int) -> None:
    source = Source(text)
    found = source.find(text[start : start + length])
    assert found is None or source.holds(found)
