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
    assert (quote.name, quote.detail) == ("Respondent 17", "Age 62, Male  ·  modelled on Maria")


def test_the_only_answer_follows_no_rule() -> None:
    line = open_ended_blocks(ASKED.model_copy(update={"n": 1}), _said(RENT))[0]
    assert isinstance(line, c.Text)
    assert "rule" not in line.text


def test_without_texts_there_is_a_notice() -> None:
    assert [block.type for block in open_ended_blocks(ASKED, _said("  "))] == ["notice"]


def test_each_persona_is_quoted_first_though_answers_are_much_alike() -> None:
    start = "When I think of it I mostly think of the price at the till, and"
    said = [
        quote
        for name in "ABCDEF"
        for quote in _said(*(f"{start} {name}{n} {n}{name} matters to me" for n in range(10)), persona=name)
    ]
    chosen = choose_quotes(said, 8)
    assert [quote.persona_name for quote in chosen[:6]] == list("ABCDEF")
    assert len({quote.text for quote in chosen}) == len(chosen) >= 6


def test_few_personas_fill_up_to_six_quotes_and_no_wording_twice() -> None:
    start = "It is all about the money for me because"
    said = _said(*(f"{start} of {n} reasons" for n in range(20)), *[f"{start} of 3 reasons!"] * 9)
    chosen = choose_quotes(said, 8)
    assert len(chosen) == 6
    assert len({quote.text.rstrip("!") for quote in chosen}) == 6


@pytest.mark.parametrize(
    ("personas", "quoted", "rule"),
    [
        (3, 3, "one answer of each persona first"),
        (10, 10, "one answer of each persona first"),
        (30, 16, "one answer each of 16 of 30 personas, those with the most"),
    ],
)
def test_every_persona_is_quoted_or_the_rule_says_how_many_are(personas: int, quoted: int, rule: str) -> None:
    said = [quote for n in range(personas) for quote in _said(f"{n} said {n}.", f"{n} meant {n * 7}.", persona=f"P{n}")]
    line, quotes = open_ended_blocks(ASKED.model_copy(update={"n": 80}), said)
    assert isinstance(line, c.Text)
    assert isinstance(quotes, c.Quotes)
    assert len({quote.detail for quote in quotes.items}) == quoted
    assert rule in line.text
    assert "not how often" in line.text


def test_of_too_many_personas_those_who_answered_most_are_quoted() -> None:
    rare = _said("Only once.", persona="Rare")
    said = rare + [quote for name in "ABCDEFGH" for quote in _said(f"{name} one.", f"{name} two.", persona=name)]
    assert "Rare" not in {quote.persona_name for quote in choose_quotes(said, 8)}


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_quotes_are_chosen_than_asked_for(limit: int) -> None:
    said = [quote for name in "ABCDE" for quote in _said(f"{name} said {name}", persona=name)]
    assert len(choose_quotes(said, limit)) == limit
