"""Passages are found by what people type and by what a text is about, in their own exploration only."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest

from core.db import session as db
from core.evidence import service as evidence
from core.evidence.schemas import LONGEST_QUERY, FoundPassage
from tests.factories.evidence import Place, new_place

FEES = "Annual fees drive older customers away: three in four named them first."
APPS = "Younger customers compare apps, and leave for better ones. Fees matter less to them."
WEATHER = "It rained in the city for most of the spring."


@pytest.fixture(scope="module")
async def place(database: str) -> Place:
    """An exploration with three documents."""
    made = await new_place()
    await made.add(FEES, title="Bank survey", source="Institute", published_at="2025-03-01")
    await made.add(APPS, title="App study")
    await made.add(WEATHER, title="Almanac")
    return made


async def found(place: Place, q: str, limit: int = 10, offset: int = 0) -> list[FoundPassage]:
    async with db.scope([place.member.workspace_id]) as session:
        return await evidence.search(session, *place.ids, q, limit=limit, offset=offset)


async def relevant(place: Place, *texts: str, limit: int = 10) -> list[FoundPassage]:
    async with db.scope([place.member.workspace_id]) as session:
        return await evidence.relevant(session, *place.ids, texts, limit=limit)


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        ("fee", {"Bank survey", "App study"}),
        ("annual fees", {"Bank survey"}),
        ('"older customers"', {"Bank survey"}),
        ('"customers older"', set()),
        ("rain or apps", {"Almanac", "App study"}),
        ("customer -annual", {"App study"}),
        ("for most of the", {"Almanac"}),
        ("them", {"Bank survey", "App study"}),
        ("giraffe", set()),
        ("!!! & | <->", set()),
    ],
)
async def test_a_query_is_what_people_type(place: Place, q: str, titles: set[str]) -> None:
    assert {one.title for one in await found(place, q)} == titles


async def test_a_found_passage_tells_its_document_and_shows_what_fits(place: Place) -> None:
    (one,) = await found(place, "annual fees")
    assert (one.text, one.source) == (FEES, "Institute")
    assert one.published_at is not None
    assert one.published_at.isoformat() == "2025-03-01T00:00:00+00:00"
    assert one.position == {"paragraph": 1}
    assert one.highlight.startswith("<mark>Annual</mark> <mark>fees</mark> drive")


async def test_the_best_comes_first_and_pages_go_on(place: Place) -> None:
    both = await found(place, "customers fees or annual")
    assert [one.title for one in both] == ["Bank survey", "App study"]
    assert both[0].rank > both[1].rank
    assert await found(place, "customers fees or annual", limit=1) == both[:1]
    assert await found(place, "customers fees or annual", limit=1, offset=1) == both[1:]


async def test_markup_in_a_text_stays_text_in_what_is_shown(database: str) -> None:
    place = await new_place()
    await place.add('The buyers said: price & "<script>alert(1)</script>" <b onclick=x>matter</b> &amp; so on')
    (one,) = await found(place, "price")
    assert "<mark>price</mark> &amp;" in one.highlight
    assert "<" not in one.highlight.replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize(
    "q",
    [
        "'" * LONGEST_QUERY,
        '"' * 399,
        "(" * LONGEST_QUERY,
        "a:* & b | !c <-> d",
        "😀" * LONGEST_QUERY,
        "-" * LONGEST_QUERY,
        "- " * 200,
        '-"' * 200,
        "-a" * 200,
        "-(" * 200,
        "-'" * 200,
        "-or " * 100,
        "-\u00a0-\u2003-" * 100,
        "-!" * 200,
        "!-" * 200,
        "\\' or 1=1; DROP TABLE passage; --",
        "x" * LONGEST_QUERY,
        "%00 %s {} $1 :q ::text",
        "or or or -or",
        " ".join("abcdefghij" * 20),
    ],
)
async def test_a_hostile_query_finds_nothing_and_is_no_error(place: Place, q: str) -> None:
    assert [one for one in await found(place, q) if not one.text] == []
    assert [one for one in await relevant(place, q) if not one.text] == []


async def test_relevant_passages_share_words_with_a_text_and_rare_ones_count_more(place: Place) -> None:
    got = await relevant(place, "What do customers think of annual fees?", "Older people", limit=2)
    assert [one.title for one in got] == ["Bank survey", "App study"]
    assert 1 >= got[0].rank > got[1].rank > 0
    assert "<mark>fees</mark>" in got[0].highlight


async def test_nothing_is_relevant_to_nothing(place: Place) -> None:
    assert await relevant(place, "") == []
    assert await relevant(place, "the of and") == []
    assert await relevant(place, "giraffes & lions | zebras") == []


async def test_passages_of_another_exploration_are_not_found(place: Place) -> None:
    other = await new_place(place.member.workspace_id)
    (mine,) = await found(place, "annual")
    async with db.scope([place.member.workspace_id]) as session:
        assert await evidence.search(session, *other.ids, "fees", limit=5) == []
        assert await evidence.relevant(session, *other.ids, ["fees"], limit=5) == []
        assert await evidence.get_passages(session, *other.ids, [mine.passage_id]) == {}
        named = await evidence.get_passages(session, *place.ids, [mine.passage_id, uuid4()])
    assert {key: one.text for key, one in named.items()} == {mine.passage_id: FEES}


async def test_whatever_is_typed_is_no_error(place: Place) -> None:
    pieces = [
        "-",
        '"',
        "'",
        " ",
        "or",
        "(",
        ")",
        ":",
        "*",
        "\\",
        "&",
        "|",
        "!",
        "<",
        ">",
        "a",
        "fee",
        "é",
        "\u3000",
        "/",
        "@",
        ".",
    ]
    typed = random.Random(7)
    async with db.scope([place.member.workspace_id]) as session:
        for _ in range(400):
            q = "".join(typed.choices(pieces, k=typed.randint(1, 200)))
            await evidence.search(session, *place.ids, q, limit=3)
