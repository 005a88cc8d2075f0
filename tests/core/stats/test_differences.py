"""Differences of two runs, against published examples, scipy, and hand-computed values."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

import pytest
from scipy import stats

from core.stats.contingency import ChiSquare, Group, independence
from core.stats.differences import (
    Difference,
    Measured,
    Share,
    adjusted,
    difference_of_means,
    difference_of_shares,
    jensen_shannon,
    total_variation,
)
from core.stats.intervals import Interval
from core.stats.option_tests import option_tests


@pytest.mark.parametrize(
    ("a", "n_a", "b", "n_b", "ends"),
    [
        # R. G. Newcombe (1998), table II, method 10; he takes the first less the second
        (56, 70, 48, 80, (0.0524, 0.3339)),
        (9, 10, 3, 10, (0.1705, 0.8090)),
        (6, 7, 2, 7, (0.0582, 0.8062)),
        (5, 56, 0, 29, (-0.0381, 0.1926)),
        (0, 10, 0, 20, (-0.1611, 0.2775)),
        (10, 10, 0, 10, (0.6075, 1.0)),
    ],
)
def test_published_intervals(a: int, n_a: int, b: int, n_b: int, ends: tuple[float, float]) -> None:
    found = difference_of_shares(Share(b / n_b, n_b, n_b), Share(a / n_a, n_a, n_a), None)
    assert found.value == pytest.approx(a / n_a - b / n_b)
    assert (found.ci.lo, found.ci.hi) == pytest.approx(ends, abs=6e-5)


def option_test(groups: list[Group], option: int) -> ChiSquare | None:
    """Test one row of a table against all others."""
    return option_tests([replace(one, row=1 << one.row) for one in groups], option + 1)[option]


def table(counts: dict[tuple[int, int], int], clusters: int = 100) -> list[Group]:
    """Spread the respondents of each cell evenly over clusters."""
    return [Group(row, run, place % clusters, 1.0, 1) for (row, run), count in counts.items() for place in range(count)]


def test_interval_and_test_count_the_same_design_effect() -> None:
    # everybody of a persona answers alike, and each run has personas of its own: 8 draws, not 80
    groups = [
        Group(int(run == persona % 2 or persona < 2), run, (run, persona), 1.0, 10)
        for run in (0, 1)
        for persona in range(4)
    ]
    tested = option_test(groups, 1)
    assert tested is not None
    assert tested.mean_deff > 9
    first, second = (
        Share(sum(one.count for one in groups if one.column == run and one.row == 1) / 40, 40, 4) for run in (0, 1)
    )
    found = difference_of_shares(first, second, tested)
    alone = difference_of_shares(first, second, None)
    assert found.ci.hi - found.ci.lo > alone.ci.hi - alone.ci.lo


def test_respondents_of_shared_personas_count_as_no_more_than_draws() -> None:
    groups = table({(0, 0): 30, (1, 0): 70, (0, 1): 50, (1, 1): 50}, clusters=10)
    tested = option_test(groups, 1)
    assert tested is not None
    assert tested.mean_deff == pytest.approx(1, abs=0.02)
    reference = stats.chi2_contingency([[30, 50], [70, 50]], correction=False)
    assert tested.p == pytest.approx(reference.pvalue, abs=2e-3)


def test_one_option_against_the_others_is_the_table_of_two_rows() -> None:
    groups = table({(0, 0): 20, (1, 0): 30, (2, 0): 50, (0, 1): 40, (1, 1): 30, (2, 1): 30})
    two = table({(1, 0): 20, (0, 0): 80, (1, 1): 40, (0, 1): 60})
    found, reference = option_test(groups, 0), independence(two)
    assert found is not None
    assert reference is not None
    assert found.plain == pytest.approx(reference.plain)


class Row(NamedTuple):
    """Respondents of run 0 or 1, of one cluster and one weight each, who gave the same number."""

    run: int
    cluster: Hashable
    weight: float
    value: float
    times: int


def means(rows: Sequence[Row]) -> Difference | None:
    first, second = (
        Measured(
            [one.value for one in own], [one.weight for one in own], [one.cluster for one in own],
            [one.times for one in own],
        )
        for run in (0, 1)
        for own in [[one for one in rows if one.run == run]]
    )  # fmt: skip
    return difference_of_means(first, second)


def measured(run: int, values: list[float], clusters: int | None = None) -> list[Row]:
    return [
        Row(run, place % clusters if clusters else (run, place), 1.0, value, 1) for place, value in enumerate(values)
    ]


def test_alone_it_is_welchs_test() -> None:
    generator = Random(4)
    a, b = [generator.gauss(5, 1) for _ in range(80)], [generator.gauss(5.5, 2) for _ in range(60)]
    found = means([*measured(0, a), *measured(1, b)])
    reference = stats.ttest_ind(b, a, equal_var=False)
    assert found is not None
    assert found.value == pytest.approx(sum(b) / 60 - sum(a) / 80)
    assert (found.ci.hi - found.value) == pytest.approx(stats.t.ppf(0.975, 138) * found.value / reference.statistic)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(reference.statistic), 138))


def test_a_cluster_of_its_own_for_everybody_is_a_draw_of_its_own() -> None:
    a, b = [1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0]
    found = means([*measured(0, a), *measured(1, b)])
    assert found is not None
    # Welch: 1.6667/4 + 4/3; clusters: 7/6·(5/16 + 8/9), which is less
    deviation = math.sqrt(5 / 12 + 4 / 3)
    assert found.value == pytest.approx(1.5)
    assert found.ci.hi - 1.5 == pytest.approx(stats.t.ppf(0.975, 5) * deviation)
    assert found.p == pytest.approx(2 * stats.t.sf(1.5 / deviation, 5))


def test_clusters_by_hand() -> None:
    # each run: two personas, all alike within; z = ±n(x - m)/N: run 0 ∓½, run 1 ∓1, none shared
    rows = [(0, "a", 1.0), (0, "b", 3.0), (1, "c", 2.0), (1, "d", 6.0)]
    found = means([Row(run, cluster, 1.0, value, 10) for run, cluster, value in rows])
    deviation = math.sqrt(4 / 3 * (0.25 + 0.25 + 1 + 1))
    assert found is not None
    assert (found.value, found.ci.hi - found.value) == pytest.approx((2, stats.t.ppf(0.975, 3) * deviation))


def test_what_shared_personas_have_in_common_cancels_out() -> None:
    rows = [(run, persona, persona + run + 0.1 * draw) for run in (0, 1) for persona in range(9) for draw in (-1, 1)]
    shared = means([Row(run, persona, 1.0, value, 1) for run, persona, value in rows])
    apart = means([Row(run, (run, persona), 1.0, value, 1) for run, persona, value in rows])
    assert shared is not None
    assert apart is not None
    assert (shared.ci.hi - shared.ci.lo) < (apart.ci.hi - apart.ci.lo)


def test_one_persona_takes_the_planned_effect() -> None:
    one = [Row(run, "p", 1.0, value, 50) for run in (0, 1) for value in (1.0 + run, 2.0 + run)]
    found = means(one)
    # 100 of one persona at 0.2 are worth 100/20.8; variance 0.25 in each run
    half = 1.959964 * math.sqrt(2 * 0.25 * 20.8 / 100)
    assert found is not None
    assert found.ci.hi - found.value == pytest.approx(half)


@pytest.mark.parametrize("weights", [(0.0, 0.0), (1.0, 0.0)])
def test_a_run_that_weighs_nothing_is_not_compared(weights: tuple[float, float]) -> None:
    rows = [Row(run, place, weights[run], float(place), 3) for run in (0, 1) for place in range(3)]
    assert means(rows) is None


def test_nothing_varies_nothing_is_tested() -> None:
    found = means([Row(run, place, 1.0, 5.0, 1) for run in (0, 1) for place in range(4)])
    assert found == Difference(0.0, Interval(0.0, 0.0), None)
    assert means([Row(0, 1, 1.0, 5.0, 1), Row(1, 1, 1.0, 5.0, 1)]) is None


def test_distances() -> None:
    assert (total_variation({"a": 1.0}, {"b": 1.0}), jensen_shannon({"a": 1.0}, {"b": 1.0})) == (1, 1)
    p, q = {"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5, "c": 0.0}
    assert (total_variation(p, q), jensen_shannon(p, q)) == (0, 0)
    p, q = {"a": 0.1, "b": 0.6, "c": 0.3}, {"a": 0.4, "b": 0.4, "c": 0.2}
    mean = [0.25, 0.5, 0.25]
    reference = (stats.entropy(list(p.values()), mean, base=2) + stats.entropy(list(q.values()), mean, base=2)) / 2
    assert jensen_shannon(p, q) == pytest.approx(reference)
    assert total_variation(p, q) == pytest.approx(0.3)


def test_adjusted_p_as_holm_wrote_it() -> None:
    assert adjusted([0.01, None, 0.04, 0.03], "holm") == pytest.approx([0.03, None, 0.06, 0.06])
    assert adjusted([0.01, 0.5, None], "bonferroni") == pytest.approx([0.02, 1.0, None])
    assert adjusted([0.2, 0.1], "none") == [0.2, 0.1]


def test_runs_of_alike_people_are_called_different_as_often_as_the_level_says() -> None:
    generator = Random(11)
    called = 0
    for _ in range(400):
        rows = []
        for run in (0, 1):
            for persona in range(12):
                own = generator.gauss(0, 0.5)  # personas drawn anew: an intra-class correlation of 0.2
                rows += [Row(run, (run, persona), 1.0, own + generator.gauss(0, 1), 1) for _ in range(15)]
        found = means(rows)
        assert found is not None
        assert found.p is not None
        called += found.p <= 0.05
    assert 8 <= called <= 34
