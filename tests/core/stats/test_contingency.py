"""Tests of independence against scipy, worked cases, and what clusters and weights must do to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.contingency import ChiSquare, Group, cramers_v, independence
from core.stats.option_tests import option_tests

TABLE = [[20, 30, 10], [25, 15, 40]]


def groups_of(table: Sequence[Sequence[int]], weight: float = 1.0, cluster: object = 0) -> list[Group]:
    return [Group(i, j, cluster, weight, n) for i, row in enumerate(table) for j, n in enumerate(row)]


def examined(groups: Sequence[Group], **options: Any) -> ChiSquare:
    found = independence(groups, **options)
    assert found is not None
    return found


tables = st.lists(st.lists(st.integers(1, 60), min_size=3, max_size=3), min_size=2, max_size=4)


@settings(max_examples=60)
@given(tables)
def test_equal_independent_respondents_give_pearsons_test(table: list[list[int]]) -> None:
    found = examined(groups_of(table), clustered=False)
    value, _, df, _ = stats.chi2_contingency(table, correction=False)
    assert [found.plain, found.plain_df] == pytest.approx([value, df])
    assert [found.mean_deff, found.value, found.df] == pytest.approx([1, value, df])
    if found.correction == "rao_scott":
        n = sum(map(sum, table)) - 1
        assert found.p == pytest.approx(stats.f.sf(value / df, df, df * n), rel=1e-6, abs=1e-300)


@settings(max_examples=60)
@given(tables)
def test_cramers_v_is_scipys(table: list[list[int]]) -> None:
    assert cramers_v(table) == pytest.approx(stats.contingency.association(table), abs=1e-9)


def test_a_common_weight_changes_nothing() -> None:
    assert examined(groups_of(TABLE, 7.5), clustered=False).p == pytest.approx(
        examined(groups_of(TABLE), clustered=False).p
    )


def test_unequal_weights_that_have_nothing_to_do_with_the_table_cost_what_kish_says() -> None:
    """Half of each cell weighs 1, half 3: deff = n·Σw²/(Σw)² = 2·(1 + 9)/(1 + 3)² = 1.25 in every direction."""
    groups = [*groups_of(TABLE, 1.0), *groups_of(TABLE, 3.0)]
    found = examined(groups, clustered=False)
    assert [found.mean_deff, found.df] == pytest.approx([1.25, 2])
    assert found.value == pytest.approx(found.plain / 1.25)


def test_respondents_who_repeat_each_other_count_once() -> None:
    """Everybody is there ten times over, as a cluster: the test must be that of one each, but for the few clusters."""
    once = [Group(i, j, (i, j, k), 1.0, 1) for i, row in enumerate(TABLE) for j, n in enumerate(row) for k in range(n)]
    copies = [Group(one.row, one.column, one.cluster, 1.0, 10) for one in once]
    found, single = examined(copies), examined(once)
    assert single.value == pytest.approx(single.plain, rel=0.02)
    assert found.mean_deff == pytest.approx(10, rel=0.02)
    assert found.value == pytest.approx(single.value, rel=1e-6)
    assert found.p == pytest.approx(single.p, rel=1e-6)


def test_clusters_never_make_the_test_sharper_than_independence() -> None:
    """Each cluster is an exact copy of the whole: between them nothing varies."""
    groups = [group for cluster in range(5) for group in groups_of(TABLE, cluster=cluster)]
    assert examined(groups) == examined(groups, clustered=False)


def test_one_cluster_takes_the_planned_design_effect() -> None:
    found = examined(groups_of(TABLE))
    assert found.correction == "planned"
    assert found.mean_deff == pytest.approx(1 + 139 * 0.2)
    assert found.p == pytest.approx(stats.chi2.sf(found.plain / found.mean_deff, 2))


def test_a_two_by_two_table_in_clusters_worked_by_hand() -> None:
    """Four clusters, by hand in exact numbers.

    Cluster tables [[3,1],[0,0]], [[1,3],[0,0]], [[0,0],[3,1]], [[0,0],[1,3]]: all margins are 1/2 and the table is
    [[4,4],[4,4]], so X² = 0 and p = 1. The linear contrast of a respondent is (z_r - 1/2)(z_c - 1/2) = ±1/4; the
    cluster totals are (3 - 1)/4/16 = 1/32 in size, V = 4/3·4/32² = 1/192, n·V = 1/12; simple random sampling gives
    1/16.
    """
    tables = [[[3, 1], [0, 0]], [[1, 3], [0, 0]], [[0, 0], [3, 1]], [[0, 0], [1, 3]]]
    found = examined([group for at, table in enumerate(tables) for group in groups_of(table, cluster=at)])
    assert [found.value, found.p, found.df] == pytest.approx([0, 1, 1])
    assert found.mean_deff == pytest.approx((1 / 12) / (1 / 16))


def test_the_error_rate_is_the_stated_one_where_pearsons_is_not() -> None:
    rng = np.random.default_rng(7)
    rejected = plainly = 0
    runs = 300
    for _ in range(runs):
        groups = []
        for cluster in range(10):
            rows = rng.choice(3, 40, p=rng.dirichlet([1.2, 1.6, 1.2]))
            columns = rng.choice(2, 40, p=rng.dirichlet([2.0, 2.0]))
            groups += [Group(int(i), int(j), cluster, 1.0, 1) for i, j in zip(rows, columns, strict=True)]
        found = examined(groups)
        rejected += found.p < 0.05
        plainly += bool(stats.chi2.sf(found.plain, found.plain_df) < 0.05)
    assert rejected / runs < 0.09
    assert plainly / runs > 0.2


@pytest.mark.parametrize("table", [[[5, 5]], [[5], [5]], [[0, 0], [5, 7]], [[5, 0], [7, 0]]], ids=str)
def test_what_does_not_vary_is_not_tested(table: list[list[int]]) -> None:
    assert independence(groups_of(table), clustered=False) is None
    assert cramers_v(table) is None


def test_perfect_association_is_found() -> None:
    found = examined(groups_of([[30, 0], [0, 30]]), clustered=False)
    assert found.p < 1e-9
    assert cramers_v([[30, 0], [0, 30]]) == pytest.approx(1)


def test_all_weight_on_one_respondent_tells_nothing() -> None:
    groups = [*groups_of(TABLE, 1e-15), Group(0, 0, 0, 1.0, 1)]
    assert independence(groups, clustered=False) is None


def test_nobody_is_not_tested() -> None:
    assert independence([]) is None
    assert cramers_v([]) is None


def test_rows_without_weight_are_left_out() -> None:
    with_empty = [*groups_of(TABLE), Group(2, 0, 0, 0.0, 50)]
    assert examined(with_empty, clustered=False) == examined(groups_of(TABLE), clustered=False)


def test_a_table_too_large_to_read_is_not_tested() -> None:
    assert independence([Group(i, j, 0, 1.0, 1) for i in range(30) for j in range(30)], clustered=False) is None


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_bad_weights_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weights"):
        independence([Group(0, 0, 0, weight, 1)])


@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 1), st.integers(0, 4), st.floats(0.2, 3), st.integers(1, 9)),
        max_size=40,
    )
)
def test_options_tested_together_are_tested_as_tables_of_their_own(
    rows: list[tuple[int, int, int, float, int]],
) -> None:
    groups = [Group(*row) for row in rows]
    for option, found in enumerate(option_tests(groups, 3)):
        own = independence([replace(one, row=one.row >> option & 1) for one in groups])
        assert (found is None) == (own is None)
        if found is not None and own is not None:
            assert (found.correction, found.plain_df, found.freedom) == (own.correction, own.plain_df, own.freedom)
            assert found.p == pytest.approx(own.p, abs=1e-7)
            assert (found.value, found.mean_deff) == pytest.approx((own.value, own.mean_deff), rel=1e-6, abs=1e-9)
