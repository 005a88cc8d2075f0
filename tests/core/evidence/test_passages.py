"""How documents are split: nothing lost, nothing twice, no piece too long, each with its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evidence.passages import (
    LONGEST,
    MOST_CHARACTERS,
    TARGET,
    Block,
    Piece,
    TooMuchText,
    clean,
    cut,
    paragraphs,
    split,
)


def test_short_paragraphs_go_together_and_long_ones_are_cut_at_sentences() -> None:
    short, sentence = "A short one.", "This sentence is said again and again. "
    pieces = split(paragraphs(f"{short}\n\n{short}\n\n{sentence * 100}"))
    assert pieces[0] == Piece(f"{short}\n\n{short}", {"paragraph": 1, "to_paragraph": 2})
    assert [piece.position for piece in pieces[1:]] == [{"paragraph": 3, "part": n} for n in range(1, len(pieces))]
    assert all(piece.text.endswith("again.") for piece in pieces[1:])
    assert all(TARGET / 2 <= len(piece.text) <= LONGEST for piece in pieces[1:-1])


def test_a_passage_does_not_run_from_one_page_to_the_next() -> None:
    blocks = [Block(f"Text {page}", "paragraph", 1, (("page", page),)) for page in (1, 2)]
    assert [piece.position for piece in split(blocks)] == [{"page": 1, "paragraph": 1}, {"page": 2, "paragraph": 1}]


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), max_size=3000))
def test_no_text_is_lost_or_said_twice(text: str) -> None:
    pieces = split(paragraphs(text))
    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(clean(text).split())
    assert all(0 < len(piece.text) <= LONGEST for piece in pieces)


def test_a_word_without_an_end_is_cut_all_the_same() -> None:
    assert cut("x" * (2 * LONGEST + 1)) == ["x" * LONGEST, "x" * LONGEST, "x"]


def test_what_cannot_be_seen_or_stored_is_left_out() -> None:
    assert clean("a\x00b\x02c\xadd\u200b\ufeff \t e\r\n\r\nf\ud800") == "abcd e\n\nf"


def test_there_is_an_end_to_what_is_kept() -> None:
    with pytest.raises(TooMuchText, match="characters"):
        split([Block("x" * MOST_CHARACTERS, "paragraph", 1), Block("y", "paragraph", 2)])
    with pytest.raises(TooMuchText, match="passages"):
        split(Block("x", "paragraph", 1, (("page", number),)) for number in range(6000))
