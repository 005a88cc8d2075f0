from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.sampling import rng
from core.stats.weights import (
    clustered_n_eff,
    effective_sample_size,
    icc_choices,
    icc_oneway,
    mean_cluster_size,
    n_eff,
)

weight_lists = st.lists(st.floats(0.01, 100), min_size=1, max_size=60)


def eight_by_fifty() -> list[int]:
    return [number % 8 for number in range(400)]


def test_kish_by_hand() -> None:
    assert n_eff([1, 1, 2]) == pytest.approx(16 / 6)
    assert n_eff([]) == 0
    assert n_eff([0, 0]) == 0
    assert n_eff([0, 5, 0]) == 1
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="weights"):
            n_eff([1, bad])


@given(weight_lists, st.floats(1e-200, 1e200))
def test_kish_is_at_most_n_and_free_of_scale(weights: list[float], factor: float) -> None:
    assert 1 - 1e-9 <= n_eff(weights) <= len(weights) + 1e-9
    assert n_eff([weight * factor for weight in weights]) == pytest.approx(n_eff(weights))


def test_400_respondents_of_8_personas_at_an_icc_of_a_fifth_are_worth_37() -> None:
    assert clustered_n_eff([1] * 400, eight_by_fifty(), 0.2) == pytest.approx(400 / 10.8)


def test_mean_cluster_size_is_kishs_for_equal_weights() -> None:
    assert mean_cluster_size([3] * 6, list("aaaabb")) == pytest.approx((16 + 4) / 6)


def test_all_weight_on_one_row_is_worth_one() -> None:
    assert clustered_n_eff([1, 0, 0, 0], ["a", "a", "a", "b"], 0.9) == pytest.approx(1)


@given(st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 5)), min_size=1, max_size=60), st.floats(0, 1))
def test_clusters_only_cost_and_never_leave_less_than_one(rows: list[tuple[float, int]], icc: float) -> None:
    weights, clusters = [w for w, _ in rows], [c for _, c in rows]
    got = clustered_n_eff(weights, clusters, icc)
    assert 1 - 1e-9 <= got <= n_eff(weights) + 1e-9
    assert clustered_n_eff(weights, clusters, 1.0) <= len(set(clusters)) + 1e-9


def test_icc_by_hand() -> None:
    # groups (1, 2), (3, 4), (5, 6): MSB = 16/2 = 8, MSW = 1.5/3 = 0.5, n0 = 2
    assert icc_oneway([1, 2, 3, 4, 5, 6], list("aabbcc")) == pytest.approx(7.5 / 8.5)


def test_icc_with_unequal_groups_against_scipys_f() -> None:
    from scipy.stats import f_oneway

    groups = [[1.0, 2.0, 2.5], [4.0, 5.5], [2.0, 2.2, 2.4, 6.0]]
    f = float(f_oneway(*groups).statistic)
    n0 = (9 - (9 + 4 + 16) / 9) / 2
    values = [value for group in groups for value in group]
    clusters = [number for number, group in enumerate(groups) for _ in group]
    assert icc_oneway(values, clusters) == pytest.approx(max(0, (f - 1) / (f + n0 - 1)))


def test_icc_that_cannot_be_told_is_none() -> None:
    assert icc_oneway([], []) is None
    assert icc_oneway([1, 2, 3], ["a", "a", "a"]) is None
    assert icc_oneway([1, 2, 3], ["a", "b", "c"]) is None
    assert icc_oneway([4.2] * 6, list("aabbcc")) is None
    assert icc_choices([], []) is None
    assert icc_choices(["x"] * 6, list("aabbcc")) is None


def test_icc_is_cut_at_zero_and_one() -> None:
    assert icc_oneway([0, 1, 0, 1], list("aabb")) == 0
    assert icc_oneway([0, 0, 1, 1], list("aabb")) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=60))
def test_two_options_have_the_icc_of_their_indicator(rows: list[tuple[bool, int]]) -> None:
    clusters = [cluster for _, cluster in rows]
    by_number = icc_oneway([float(hit) for hit, _ in rows], clusters)
    by_choice = icc_choices(["yes" if hit else "no" for hit, _ in rows], clusters)
    by_set = icc_choices([["yes"] if hit else [] for hit, _ in rows], clusters)
    assert by_choice == pytest.approx(by_number)
    assert by_set == pytest.approx(by_number)


def test_icc_recovers_what_was_simulated() -> None:
    generator = rng("icc")
    persona = [generator.gauss(0, math.sqrt(0.3)) for _ in range(300)]
    clusters = [number % 300 for number in range(6000)]
    values = [persona[c] + generator.gauss(0, math.sqrt(0.7)) for c in clusters]
    assert icc_oneway(values, clusters) == pytest.approx(0.3, abs=0.05)


def test_independent_answers_of_few_personas_are_lifted_towards_the_planning_value() -> None:
    generator = rng("independent")
    got = effective_sample_size([str(int(generator.random() * 5)) for _ in range(400)], None, eight_by_fifty())
    assert got.icc_estimate is not None
    assert got.icc == pytest.approx(got.icc_estimate + (0.2 - got.icc_estimate) / 8)
    assert got.icc_source == "raised"
    assert got.deff == pytest.approx(1 + 49 * got.icc)
    assert got.n_eff == pytest.approx(400 / got.deff)


def test_a_high_estimate_is_used_as_it_is() -> None:
    answers = [str(number % 8) for number in range(400)]
    got = effective_sample_size(answers, None, eight_by_fifty())
    assert (got.icc, got.icc_source) == (1, "estimated")
    assert got.n_eff == pytest.approx(8)


def test_where_nothing_can_be_estimated_the_planning_value_is_assumed() -> None:
    same = effective_sample_size(["a"] * 400, None, eight_by_fifty())
    assert same.icc_source == "assumed"
    assert same.n_eff == pytest.approx(400 / 10.8)
    single = effective_sample_size([1.0, 2.0, 3.0], None, ["p"] * 3)
    assert single.icc_estimate is None
    assert single.n_eff == pytest.approx(3 / 1.4)


def test_edges_of_the_effective_sample_size() -> None:
    empty = effective_sample_size([], [], [])
    assert (empty.n, empty.n_eff, empty.deff) == (0, 0, 1)
    assert effective_sample_size([1, 2, 3]).n_eff == 3
    assert effective_sample_size([1, 2, 3], [1, 1, 2]).n_eff == pytest.approx(16 / 6)
    assert effective_sample_size([1, 5, 3], None, ["a", "b", "c"]).n_eff == pytest.approx(3)
    assert effective_sample_size(["a", "b"], [0, 0], ["p", "q"]).n_eff == 0
    with pytest.raises(ValueError, match="as many"):
        effective_sample_size([1, 2], [1], ["a", "b"])
    with pytest.raises(ValueError, match="as many"):
        effective_sample_size([1, 2], None, ["a"])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 9), st.integers(0, 4)), min_size=1, max_size=40))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, float, int]]) -> None:
    def worth(order: list[tuple[str, float, int]]) -> float:
        return effective_sample_size([r[0] for r in order], [r[1] for r in order], [r[2] for r in order]).n_eff

    assert worth(rows) == pytest.approx(worth(rows[::-1]))
