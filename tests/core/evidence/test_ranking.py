"""The rules of searching, apart from the database."""

from __future__ import annotations

import pytest

from core.evidence.ranking import best_first, marked, tamed, words_of


@pytest.mark.parametrize(
    ("q", "left"),
    [
        ("annual fees", "annual fees"),
        ('"annual fees" or -apps', '"annual fees" or -apps'),
        ('-"annual fees"', '-"annual fees"'),
        ("- - -(-('!-fees", "-fees"),
        ("well-known C++ a&b", "well-known C++ a&b"),
        ('"unclosed phrase', "unclosed phrase"),
        ('!!! "" "--" - (', ""),
        ("größe 😀 数据", "größe 数据"),
    ],
)
def test_a_query_is_left_with_what_means_something(q: str, left: str) -> None:
    assert tamed(q) == left


def test_words_are_distinct_and_bounded() -> None:
    assert words_of(["Fees, fees & FEES", "a b2 – größe"]) == ["fees", "b2", "größe"]
    assert len(words_of([" ".join(f"w{n}" for n in range(1000))])) == 400


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    matched = {1: ["bank"], 2: ["bank"], 3: ["fee"], 4: ["bank", "fee"]}
    ranked = best_first(matched, ["bank", "fee"])
    assert [key for key, _ in ranked] == [4, 3, 1, 2]
    assert ranked[0][1] == pytest.approx(1.0)


def test_a_word_that_nothing_has_lowers_every_rank() -> None:
    whole = dict(best_first({1: ["bank"]}, ["bank"]))[1]
    half = dict(best_first({1: ["bank"]}, ["bank", "giraffe"]))[1]
    assert [whole, half] == pytest.approx([1.0, 0.5])


def test_an_excerpt_is_escaped() -> None:
    assert marked("a < \x02b&c\x03 <i>") == "a &lt; <mark>b&amp;c</mark> &lt;i&gt;"
