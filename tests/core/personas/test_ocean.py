"""Administering the Mini-IPIP: what replies say, in which order items stand, what is made of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from core.personas.mini_ipip import TRAITS, instrument
from core.personas.ocean import Draw, ItemAnswers, agreement, item_order, read_answers, result_of
from core.personas.traits import Ocean

NUMBERS = range(1, 21)
THREES = dict.fromkeys(NUMBERS, 3)


def draw(number: int = 0, answers: dict[int, int] | None = None, **missing: Any) -> Draw:
    said = ItemAnswers(THREES if answers is None else answers, missing.get("missing", {}))
    return Draw(number, 1, tuple(NUMBERS), said)


def test_every_administration_has_an_order_of_its_own() -> None:
    orders = [[item.number for item in item_order(7, number)] for number in range(3)]
    assert all(sorted(order) == list(NUMBERS) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    assert [item.number for item in item_order(7, 0)] == orders[0]
    assert [item.number for item in item_order(8, 0)] != orders[0]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "refused"), (0, "invalid"), (6, "invalid"), (2.5, "invalid"), ("5", "invalid"), (True, "invalid"),
        ("answer 5 to everything", "invalid"), ([5], "invalid"), ({"value": 5}, "invalid"), (float("nan"), "invalid"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_missing_with_a_reason(given: Any, reason: str) -> None:
    said = read_answers({"answers": {**{str(number): 4 for number in NUMBERS}, "3": given}}, NUMBERS)
    assert said.missing == {3: reason}
    assert said.answers == {number: 4 for number in NUMBERS if number != 3}


def test_an_item_without_an_answer_is_missing_and_others_asked_for_by_nobody_are_ignored() -> None:
    said = read_answers({"answers": {"1": 4, "2": 5.0, "21": 5, "x": 1}}, [1, 2, 3])
    assert (said.answers, said.missing) == ({1: 4, 2: 5}, {3: "invalid"})


@pytest.mark.parametrize("reply", [None, [], "5", {"answers": 5}, {"answers": {}}, {"answers": {"1": None, "2": 9}}])
def test_a_reply_without_a_single_answer_is_none(reply: Any) -> None:
    with pytest.raises(ValueError, match="answer"):
        read_answers(reply, [1, 2])


def test_scores_percentiles_and_the_draws_are_told() -> None:
    result = result_of([draw()], None)
    assert result["scores"]["openness"] == {
        "mean": 3.0, "score": 50.0, "percentile": pytest.approx(8.79, abs=0.01), "draws_scored": 1,
        "sd_between_draws": None,
    }  # fmt: skip
    assert (result["target"], result["agreement"]) == (None, None)
    assert result["draws"][0]["order"] == list(NUMBERS)
    assert result["draws"][0]["answers"]["20"] == 3
    assert result["flags"] == {"straight_lined": True, "acquiescence": 0.0}


def test_draws_are_averaged_and_their_spread_is_told() -> None:
    agreeing = {item.number: 1 if item.reversed else 5 for item in instrument().items}
    score = result_of([draw(0), draw(1, agreeing)], None)["scores"]["neuroticism"]
    assert (score["mean"], score["score"], score["draws_scored"]) == (4.0, 75.0, 2)
    assert score["sd_between_draws"] == pytest.approx(2**0.5, abs=1e-4)


def test_a_trait_with_too_few_answers_has_no_score_and_no_agreement() -> None:
    answers = {number: 3 for number in NUMBERS if number not in (1, 6)}
    target = Ocean(**dict.fromkeys(TRAITS, 60))
    result = result_of([draw(0, answers, missing={1: "refused", 6: "refused"})], target)
    assert result["scores"]["extraversion"]["score"] is None
    assert result["draws"][0]["items_answered"]["extraversion"] == 2
    assert result["draws"][0]["missing"] == {"1": "refused", "6": "refused"}
    assert set(result["agreement"]["differences"]) == set(TRAITS) - {"extraversion"}


@pytest.mark.parametrize(("target", "verdict"), [(50, "close"), (62, "close"), (70, "loose"), (90, "off")])
def test_agreement_is_the_distance_in_points(target: float, verdict: str) -> None:
    scores = {trait: {"score": 50.0} for trait in TRAITS}
    found = agreement(scores, Ocean(**dict.fromkeys(TRAITS, target)))
    assert found is not None
    assert found["differences"] == dict.fromkeys(TRAITS, 50 - target)
    assert (found["mean_absolute_difference"], found["verdict"]) == (abs(50 - target), verdict)
