"""Weights under which shares are met: against hand-worked cases, and against what maximises entropy under them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize

from core.stats.post_stratification import NobodyWeighs, NotReached, Stratum, post_stratified
from core.stats.targets import parse_targets


def people(*rows: tuple[str, int, float]) -> list[Stratum]:
    """Return strata from (values of g and r, how many, weight)."""
    return [Stratum(dict(zip("gr", values, strict=False)), weight, count) for values, count, weight in rows]


def margins(**shares: dict[str, float]) -> Any:
    return parse_targets({"margins": shares})


def cells(**shares: float) -> Any:
    return parse_targets(
        {"cells": [{"values": dict(zip("gr", v, strict=False)), "share": s} for v, s in shares.items()]}
    )


def test_cells_weigh_target_over_realised_share() -> None:
    found = post_stratified(people(("ax", 60, 1), ("ay", 20, 1), ("bx", 20, 1)), cells(ax=0.3, ay=0.4, bx=0.3))
    assert found.weights == pytest.approx((0.5, 2.0, 1.5))
    assert (found.trimmed, found.outside, found.empty) == (0, 0, ())


def test_weights_begin_with_those_respondents_have() -> None:
    found = post_stratified(people(("a", 10, 1), ("a", 10, 3), ("b", 20, 1)), cells(a=0.5, b=0.5))
    assert found.weights == pytest.approx((0.5, 1.5, 1.0))


def test_margins_are_all_met_as_the_nearest_weights_meet_them() -> None:
    strata = people(("ax", 40, 1), ("ay", 10, 2), ("bx", 20, 0.5), ("by", 30, 1))
    found = post_stratified(strata, margins(g={"a": 0.7, "b": 0.3}, r={"x": 0.45, "y": 0.55}))
    begin = np.array([one.weight * one.count for one in strata]) / 80
    wanted = [([0, 1], 0.7), ([2, 3], 0.3), ([0, 2], 0.45)]
    nearest = optimize.minimize(  # raking minimises the Kullback-Leibler distance
        lambda p: float(np.sum(p * np.log(p / begin))),
        begin,
        bounds=[(1e-9, 1)] * 4,
        constraints=[{"type": "eq", "fun": lambda p, at=at, s=s: p[at].sum() - s} for at, s in wanted],
        tol=1e-12,
    ).x
    totals = [weight * one.count / 100 for weight, one in zip(found.weights, strata, strict=True)]
    assert totals == pytest.approx(list(nearest), abs=1e-5)


def test_nobody_is_invented_for_an_empty_cell() -> None:
    found = post_stratified(people(("ax", 50, 1), ("bx", 50, 1)), cells(ax=0.3, ay=0.5, bx=0.2))
    assert found.weights == pytest.approx((1.2, 0.8))
    assert [(dict(one.values), one.share) for one in found.empty] == [({"g": "a", "r": "y"}, 0.5)]


def test_an_empty_value_of_a_margin_is_left_out() -> None:
    found = post_stratified(people(("a", 50, 1), ("b", 50, 1)), margins(g={"a": 0.6, "b": 0.2, "c": 0.2}))
    assert found.weights == pytest.approx((1.5, 0.5))
    assert [dict(one.values) for one in found.empty] == [{"g": "c"}]


def test_who_is_outside_of_the_targets_counts_for_nothing() -> None:
    found = post_stratified([*people(("a", 50, 1), ("z", 40, 1)), Stratum({}, 1, 10)], cells(a=1.0))
    assert (found.weights, found.outside) == ((2.0, 0.0, 0.0), 50)


def test_weights_above_the_cap_are_cut_and_the_rest_fitted_again() -> None:
    strata = people(("ax", 4, 1), ("ay", 46, 1), ("bx", 10, 1), ("by", 40, 1))
    found = post_stratified(strata, margins(g={"a": 0.5, "b": 0.5}, r={"x": 0.4, "y": 0.6}), cap=3)
    assert max(found.weights) <= 3 * (1 + 1e-12)
    assert sum(weight * one.count for weight, one in zip(found.weights, strata, strict=True)) == pytest.approx(100)
    assert found.trimmed > 0


def test_a_cap_that_nothing_reaches_changes_nothing() -> None:
    strata, targets = people(("a", 60, 1), ("b", 40, 1)), cells(a=0.5, b=0.5)
    assert post_stratified(strata, targets, cap=3) == post_stratified(strata, targets)


def test_margins_that_contradict_each_other_are_named() -> None:
    with pytest.raises(NotReached) as raised:
        post_stratified(people(("ax", 50, 1), ("by", 50, 1)), margins(g={"a": 0.7, "b": 0.3}, r={"x": 0.2, "y": 0.8}))
    assert (raised.value.name, raised.value.value) in {("g", "a"), ("g", "b"), ("r", "x"), ("r", "y")}


@pytest.mark.parametrize(
    "strata", [people(), people(("z", 5, 1)), people(("a", 5, 0.0))], ids=["none", "z", "weight 0"]
)
def test_nobody_is_no_sample(strata: list[Stratum]) -> None:
    with pytest.raises(NobodyWeighs):
        post_stratified(strata, cells(a=1.0))


def test_one_respondent_weighs_one() -> None:
    assert post_stratified(people(("a", 1, 7.0)), cells(a=0.2, b=0.8)).weights == (1.0,)


def test_a_value_of_one_category_changes_nothing() -> None:
    assert post_stratified(people(("a", 7, 1)), margins(g={"a": 1.0})).weights == pytest.approx((1.0,))
