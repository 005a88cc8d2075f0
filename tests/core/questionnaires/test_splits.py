"""Split ballots in a questionnaire: what is wrong is named by its place, what is right reads as each arm should."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.questionnaires.building import build_content, sections_input, splits_input, with_new_ids
from core.questionnaires.content import Content
from core.questionnaires.logic import conditions_of, decided, parse
from core.questionnaires.schemas import QuestionnaireCreate
from core.questionnaires.splits import resolved
from core.surveys.methods import method_for
from tests.factories.questionnaires import question, questionnaire

Json = dict[str, Any]
PRICE: Json = {
    "key": "price",
    "arms": [{"code": "low", "label": "Cheap", "text": "$3"}, {"code": "high", "label": "Dear", "text": "$9"}],
}
CONTROL: Json = {"key": "claim", "arms": [{"label": "Claim", "text": "now organic"}, {"label": "Control"}]}
BUY = question(key="buy", text="Would you buy it at {{price}}?", options=["Yes, for {{price}}", "No"])


def build(*questions: Json, splits: list[Json] | None = None) -> Content:
    body = QuestionnaireCreate.model_validate(questionnaire(*questions, splits=splits or [PRICE]))
    return build_content(body.sections, body.splits)


def test_each_arm_reads_its_own_words_and_none_of_the_others() -> None:
    made = build(BUY)
    for arm, words in (("low", "$3"), ("high", "$9")):
        [read] = resolved(made, {"price": arm}).questions()
        assert (read.text, read.options[0].label) == (f"Would you buy it at {words}?", f"Yes, for {words}")


def test_words_instead_stand_for_an_arm_without_a_text() -> None:
    made = build(question(text="Our {{claim|usual}} tea: good?"), splits=[CONTROL])
    texts = [next(resolved(made, {"claim": arm}).questions()).text for arm in "12"]
    assert texts == ["Our now organic tea: good?", "Our usual tea: good?"]


def test_a_question_says_which_splits_it_reads_and_stays_a_distribution() -> None:
    made = build(
        BUY,
        question(key="dear", show_if='price == "high"'),
        question(key="plain"),
        question(key="why", show_if='price == "high" and buy == "1"'),
        splits=[PRICE, CONTROL],
    )
    found = {one.key: one for one in made.questions()}
    assert {key: one.splits for key, one in found.items()} == {
        "buy": ("price",), "dear": ("price",), "plain": (), "why": ("price",),
    }  # fmt: skip
    assert {key: method_for(one, "auto") for key, one in found.items()} == {
        "buy": "direct", "dear": "distribution", "plain": "distribution", "why": "direct",
    }  # fmt: skip


def test_shares_are_equal_where_none_are_given() -> None:
    assert [arm.share for arm in build(BUY).splits[0].arms] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("splits", "loc", "says"),
    [
        ([PRICE, PRICE | {"key": "Price"}], (1, "key"), "is the key of split 0 already"),
        (
            [PRICE | {"arms": [{"label": "A", "code": "1"}, {"label": "B", "code": "1"}]}],
            (0, "arms", 1, "code"),
            "1 is",
        ),
        ([PRICE | {"arms": [{"label": "A"}, {"label": "A"}]}], (0, "arms", 1, "label"), "cannot be told"),
        ([PRICE | {"arms": [{"label": "A", "share": 0.5}, {"label": "B"}]}], (0, "arms"), "for all arms or for none"),
        ([PRICE | {"arms": [{"label": "A", "share": 0.5}, {"label": "B", "share": 0.4}]}], (0, "arms"), "sum to 0.9"),
        (
            [PRICE | {"arms": [{"label": "A", "text": "{{buy}}"}, {"label": "B", "text": "$9"}]}],
            (0, "arms", 0, "text"),
            "no {{",
        ),
        (
            [{"key": f"s{at}", "arms": [{"label": str(arm)} for arm in range(5)]} for at in range(4)],
            (),
            "625 combinations",
        ),
    ],
)
def test_a_split_that_cannot_be_is_named_by_its_place(splits: list[Json], loc: tuple[Any, ...], says: str) -> None:
    with pytest.raises(Invalid) as refused:
        build(question(), splits=splits)
    assert any(one.loc == ("body", "splits", *loc) and says in one.msg for one in refused.value.errors)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        (question(key="Price"), ("key",), "is the key of splits.0 already"),
        (question(show_if='price == "middle"'), ("show_if",), "price has no option 'middle'"),
        (question(show_if="price > 3"), ("show_if",), "price has codes"),
        (question(show_if='prise == "low"'), ("show_if",), "prise is the key of no question"),
        (question(text="Our {{claim}} tea?"), ("text",), "claim has no text in its arm 2"),
        (question(options=["{{claim}} tea", "None"]), ("options", 0, "label"), "claim has no text in its arm 2"),
        (question("likert", options=["{{price}} is bad", "It is good"]), ("options", 0), "the same in every arm"),
    ],
)
def test_a_question_that_misreads_a_split_is_named_by_its_place(wrong: Json, field: tuple[Any, ...], says: str) -> None:
    with pytest.raises(Invalid) as refused:
        build(wrong, splits=[PRICE, CONTROL])
    place = ("body", "sections", 0, "questions", 0, *field)
    assert any(one.loc == place and says in one.msg for one in refused.value.errors), refused.value.errors


def test_a_made_key_is_none_of_a_split() -> None:
    assert next(build(question(text="Price?")).questions()).key == "price_2"


def test_what_is_stored_can_be_sent_again_and_a_copy_has_its_splits() -> None:
    made = build(BUY, question("nps"), question("likert", scale=None, options=["Bad", "Fair", "Good"]))
    kept = {one.id for one in made.sections} | {one.id for one in made.questions()}
    assert build_content(sections_input(made), splits_input(made), kept=kept) == made
    assert with_new_ids(made).splits == made.splits


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        ('a == "1"', {"a": "1"}, True),
        ('a == "1"', {}, None),
        ('a == "1" and b == "1"', {"a": "2"}, False),
        ('a == "1" and b == "1"', {"a": "1"}, None),
        ('a == "1" or b == "1"', {"a": "1"}, True),
        ('not (a == "1")', {"a": "1"}, False),
        ("answered(b)", {"b": None}, False),
    ],
)
def test_a_condition_is_decided_by_what_is_known_where_it_can_be(text: str, known: Json, found: bool | None) -> None:
    assert decided(parse(text), known) is found


def test_a_code_written_as_a_number_means_the_arm() -> None:
    made = build(question(key="dear", show_if="claim == 2"), splits=[CONTROL])
    assert decided(conditions_of(made)["dear"], {"claim": "2"}) is True
