"""Text that nobody can see is refused; texts that nobody can tell apart are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.db.text import VisibleText, look_of

ADAPTER: TypeAdapter[str] = TypeAdapter(VisibleText)


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\ufeff\u2060", "\u3164", "\u2800 \u2800", "\ufe0f", "\u00ad", "\u200d\u200c", "\x07", "\U000e0041"],
)
def test_what_cannot_be_seen_is_no_text(text: str) -> None:
    with pytest.raises(ValidationError, match="only characters that cannot be seen"):
        ADAPTER.validate_python(text)


@pytest.mark.parametrize("text", ["a", "\u200ba", "❤\ufe0f", "می\u200cخواهم", "한", "?", "。"])
def test_what_has_something_to_see_is_kept_as_it_is(text: str) -> None:
    assert ADAPTER.validate_python(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("a", "\uff41"),
        ("Yes", "y\u200bes\ufeff"),
        ("ｶﾞ", "ガ"),
        ("of\ufb01ce", "office"),
        ("a b", " A\u00a0 b"),
        ("a b", "a\u3000b"),
        ("wait…", "wait..."),
        ("❤", "❤\ufe0f"),
        ("𝐘𝐞𝐬", "yes"),
    ],
)
def test_texts_that_look_alike_are_one(one: str, other: str) -> None:
    assert look_of(one) == look_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("m²", "m2"), ("½", "1/2"), ("a", "á"), ("a\nb", "ab"), ("①", "1"), ("か", "が"), ("😀", "😃")]
)
def test_texts_that_look_different_stay_two(one: str, other: str) -> None:
    assert look_of(one) != look_of(other)


@given(st.text(max_size=20))
def test_a_look_looks_like_itself(text: str) -> None:
    assert look_of(look_of(text)) == look_of(text)
