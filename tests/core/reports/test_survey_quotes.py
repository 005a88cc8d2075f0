"""Quotes differ from each other, come from all personas, and are the respondent's own."""

from __future__ import annotations

import pytest

from core.reports import content as c
from core.reports.survey_input import QuestionResult, QuoteGiven
from core.reports.survey_quotes import alike, choose_quotes, open_ended_blocks

RENT = "The rent went up again, and there is nothing left at the end of the month."
ASKED = QuestionResult(key="why", type="open_ended", n=40)


def _said(*texts: str, persona: str = "Maria") -> list[QuoteGiven]:
    return [QuoteGiven(text=text, persona_name=persona) for text in texts]


def test_quotes_are_spread_over_personas_and_verbatim() -> None:
    words = ("work", "rent", "food", "kids", "bank", "church", "health", "cars", "taxes")
    said = [quote for name in "ABC" for quote in _said(*(f"{name} {word}" for word in words), persona=name)]
    chosen = choose_quotes(said, 6)
    assert sorted(quote.persona_name for quote in chosen) == list("AABBCC")
    assert all(quote in said for quote in chosen)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (RENT, True),
        (RENT.upper().replace(",", " –"), True),
        ("For me it is this: the rent went up again, and my boss does not care.", True),
        ("My hours were cut at the plant, so we stopped going out.", False),
        ("Rent.", False),
    ],
)
def test_answers_that_share_their_wording_are_alike(other: str, *, expected: bool) -> None:
    assert alike(RENT, other) is alike(other, RENT) is expected


def test_of_answers_that_are_alike_one_is_quoted() -> None:
    said = _said(RENT, RENT, RENT.lower()) + _said(RENT, "We are fine, thank you.", persona="Harold")
    assert [quote.text for quote in choose_quotes(said, 8)] == [RENT, "We are fine, thank you."]


def test_a_quote_is_the_respondents_and_names_the_persona_as_a_model_only() -> None:
    attributes = {"age": "62", "gender": "Male"}
    given = QuoteGiven(text=RENT, persona_name="Maria", attributes=attributes, respondent_number=17)
    line, quotes = open_ended_blocks(ASKED, [given])
    assert isinstance(line, c.Text)
    assert isinstance(quotes, c.Quotes)
    assert line.text.startswith("1 of 40 answers, as given.")
    [quote] = quotes.items
    assert (quote.name, quote.detail) == ("Respondent 17", "age 62, Male  ·  modelled on Maria")


def test_the_only_answer_follows_no_rule() -> None:
    line = open_ended_blocks(ASKED.model_copy(update={"n": 1}), _said(RENT))[0]
    assert isinstance(line, c.Text)
    assert "rule" not in line.text


def test_without_texts_there_is_a_notice() -> None:
    assert [block.type for block in open_ended_blocks(ASKED, _said("  "))] == ["notice"]
