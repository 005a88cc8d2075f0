"""Target scores of made-up personas: drawn from the norms, evenly, the same for a seed."""

from __future__ import annotations

from statistics import mean, stdev

import pytest

from core.personas.mini_ipip import TRAITS, Norm, instrument
from core.personas.temperament import draw_targets, quantile


def test_a_panel_is_spread_as_the_norms_are() -> None:
    drawn = draw_targets(50, 7)
    for trait in TRAITS:
        norm, scores = instrument().norms[trait], [getattr(ocean, trait) for ocean in drawn]
        assert mean(scores) == pytest.approx(norm.mean_100, abs=0.2 * norm.sd_100)
        assert 0.8 < stdev(scores) / norm.sd_100 < 1.05  # what is cut off at 0 and 100 makes it a little narrower
        assert all(0 <= score <= 100 and score == round(score) for score in scores)


def test_traits_are_drawn_apart_from_each_other_and_by_the_seed() -> None:
    first = draw_targets(50, 7)
    assert draw_targets(50, 7) == first
    assert draw_targets(50, 8) != first
    ranks = {trait: sorted(range(50), key=lambda index: getattr(first[index], trait)) for trait in TRAITS}
    assert len({tuple(order) for order in ranks.values()}) == 5


def test_scores_never_leave_the_scale() -> None:
    broad = Norm(mean=3.0, sd=40.0)
    assert (quantile(broad, 0.0), quantile(broad, 0.5), quantile(broad, 1.0)) == (0.0, 50.0, 100.0)


def test_the_norms_are_put_on_0_to_100() -> None:
    norm = instrument().norms["openness"]
    assert norm.mean_100 == pytest.approx(72.0)
    assert norm.sd_100 == pytest.approx(16.25)
