"""The score by hand: completeness, specificity and evidence of made-up objectives."""

from __future__ import annotations

from typing import get_args

import pytest

from core.objectives.components import COMPONENT_NAMES, Component, ComponentName
from core.objectives.scoring import WEIGHTS, Score, concreteness, score_of
from tests.factories.objectives import SOURCE, all_ten, resting

CONCRETE = "A dairy cooperative in Wales must decide whether to launch an oat yoghurt under its own name"


def test_every_component_has_a_weight_and_they_sum_to_100() -> None:
    assert set(WEIGHTS) == set(COMPONENT_NAMES) == set(get_args(ComponentName))
    assert sum(WEIGHTS.values()) == 100


def test_nothing_scores_0() -> None:
    assert score_of(all_ten(), SOURCE) == Score(0, 0, 0, 0)


def test_all_clear_and_concrete_scores_its_parts() -> None:
    """Four words and the name of Wales are 80 points, in geography 100: (93·80 + 7·100)/100 = 81.4."""
    score = score_of({name: resting(SOURCE, CONCRETE) for name in COMPONENT_NAMES}, SOURCE)
    assert (score.completeness, score.specificity, score.evidence) == (100, 81.4, 100)
    assert score.score == round(0.6 * 100 + 0.25 * 81.4 + 0.15 * 100, 1)
    assert score.status == "validated"


def test_a_few_components_by_hand() -> None:
    """Completeness 15·1 + 10·0.6 + 10·0.3 = 24; specificity (15·80 + 10·80 + 10·0)/35; evidence 15 + 10."""
    components = all_ten(
        decision_problem=resting(SOURCE, CONCRETE),
        primary_hypothesis=resting(SOURCE, "the name raises trust among shoppers over 45", "partial"),
        business_context=Component(value="Concluded from the rest", status="inferred"),
    )
    score = score_of(components, SOURCE)
    assert (score.completeness, score.specificity, score.evidence) == (24, 57.1, 25)
    assert score.score == 32.4  # 14.4 + 14.29 + 3.75
    assert score.status == "needs_review"


@pytest.mark.parametrize(
    ("name", "quote", "points"),
    [
        ("target_audience", "shoppers over 45", 50),  # shoppers, 45: two words and a number
        ("business_context", "its own name", 30),
        ("geography", "Wales", 55),
        ("target_audience", "Wales", 35),
        ("business_context", "must decide whether to", 15),
        ("information_gap", "whether to", 0),
    ],
)
def test_points_of_concreteness(name: ComponentName, quote: str, points: int) -> None:
    assert concreteness(name, resting(SOURCE, quote), SOURCE) == points


def test_a_word_that_begins_a_sentence_is_no_name() -> None:
    source = "Something. Trains are late. In Leeds, too."
    assert concreteness("business_context", resting(source, "Trains"), source) == 15
    assert concreteness("business_context", resting(source, "Leeds"), source) == 35


def test_a_models_own_words_are_not_scored_and_a_users_are() -> None:
    value = "Shoppers over 45 in Wales"
    assert concreteness("target_audience", Component(value=value, status="inferred"), SOURCE) == 0
    assert concreteness("target_audience", Component(value=value, status="clear", origin="user"), SOURCE) == 85


def test_what_is_shown_decides_validated() -> None:
    assert [Score(score, 0, 0, 0).status for score in (69.9, 70.0)] == ["needs_review", "validated"]
