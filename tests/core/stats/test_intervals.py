from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.distributions import incomplete_beta, t_value, z_value
from core.stats.intervals import Interval, mean_interval, nps, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 20), (7, 20), (20, 20), (199, 400)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_is_scipys_for_whole_numbers(hits: int, n: int, confidence: float) -> None:
    from scipy.stats import binomtest

    expected = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    got = wilson(hits / n, n, confidence)
    assert (got.lo, got.hi) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_of_half_on_37_answers_by_hand() -> None:
    # centre 0.5, half = 1.95996 * sqrt(37/4 + 3.84146/4) / (37 + 3.84146)
    assert wilson(0.5, 37.037).hi - 0.5 == pytest.approx(1.959964 * math.sqrt(10.21961) / 40.878459, abs=1e-6)


def test_nothing_known_is_the_whole_range() -> None:
    assert wilson(0.3, 0) == Interval(0.0, 1.0)


@given(st.floats(0, 1), st.floats(0, 1e6))
def test_wilson_holds_the_share_and_stays_in_range(p: float, n: float) -> None:
    ci = wilson(p, n)
    assert 0 <= ci.lo <= p <= ci.hi <= 1


@given(st.floats(0, 1), st.floats(0.1, 1e4))
def test_wilson_mirrors(p: float, n: float) -> None:
    ci, mirrored = wilson(p, n), wilson(1 - p, n)
    assert ci.lo == pytest.approx(1 - mirrored.hi, abs=1e-9)


@pytest.mark.parametrize(
    ("p", "n"), [(-0.1, 10), (1.1, 10), (math.nan, 10), (0.5, -1), (0.5, math.inf), (0.5, math.nan)]
)
def test_wilson_refuses_nonsense(p: float, n: float) -> None:
    with pytest.raises(ValueError, match="must"):
        wilson(p, n)


@pytest.mark.parametrize("df", [0.3, 1, 2.5, 7, 36.04, 399, 1e5, 1e9])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_t_value_is_scipys(df: float, confidence: float) -> None:
    from scipy.stats import t

    assert t_value(confidence, df) == pytest.approx(t.ppf(0.5 + confidence / 2, df), rel=1e-7)


def test_z_value_and_bad_arguments() -> None:
    assert z_value(0.95) == pytest.approx(1.959963984540054)
    for confidence in (0.0, 1.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="confidence"):
            z_value(confidence)
    with pytest.raises(ValueError, match="freedom"):
        t_value(0.95, 0)


@given(st.floats(0.05, 200), st.floats(0.05, 200), st.floats(0, 1))
def test_incomplete_beta_is_scipys(a: float, b: float, x: float) -> None:
    from scipy.special import betainc

    assert incomplete_beta(a, b, x) == pytest.approx(float(betainc(a, b, x)), abs=1e-10)


def test_mean_interval_is_the_t_interval() -> None:
    from scipy.stats import t

    got = mean_interval(3.2, 1.1, 10)
    expected = t.interval(0.95, 9, 3.2, 1.1 / math.sqrt(10))
    assert got is not None
    assert (got.lo, got.hi) == pytest.approx(expected)


def test_mean_interval_edges() -> None:
    assert mean_interval(3, 1, 1) is None
    assert mean_interval(3, 1, 0) is None
    assert mean_interval(3, 0, 5) == Interval(3, 3)
    cut = mean_interval(4.9, 1, 4, bounds=(1, 5))
    assert cut is not None
    assert cut.lo == pytest.approx(4.9 - 3.182446 / 2, abs=1e-5)
    assert cut.hi == 5
    with pytest.raises(ValueError, match="finite"):
        mean_interval(math.nan, 1, 5)


def test_nps_by_hand() -> None:
    got = nps({"10": 40, "9": 10, "8": 20, "7": 10, "6": 5, "0": 15})
    assert got is not None
    assert (got.promoters, got.passives, got.detractors) == (50, 30, 20)
    assert got.value == pytest.approx(30)


def test_nps_interval_solves_the_score_equation() -> None:
    got = nps({10: 50, 8: 30, 2: 20}, n_eff=40)
    assert got is not None
    for end in (got.ci.lo / 100, got.ci.hi / 100):
        assert (0.3 - end) ** 2 == pytest.approx(z_value(0.95) ** 2 * (0.7 - end**2) / 40)


def test_nps_interval_of_a_large_sample_is_the_usual_one() -> None:
    got = nps({10: 50_000, 8: 30_000, 2: 20_000})
    assert got is not None
    half = 100 * z_value(0.95) * math.sqrt((0.7 - 0.3**2) / 100_000)
    assert (got.ci.lo, got.ci.hi) == pytest.approx((30 - half, 30 + half), abs=0.01)


@given(st.integers(0, 30), st.integers(1, 30))
def test_nps_without_passives_is_wilsons(promoters: int, detractors: int) -> None:
    got = nps({10: promoters, 0: detractors})
    assert got is not None
    ci = wilson(promoters / (promoters + detractors), promoters + detractors)
    assert (got.ci.lo, got.ci.hi) == pytest.approx((200 * ci.lo - 100, 200 * ci.hi - 100), abs=1e-6)


@given(st.dictionaries(st.integers(0, 10), st.integers(0, 50)), st.floats(0, 500))
def test_nps_stays_in_range(counts: dict[int, int], n_eff: float) -> None:
    got = nps(counts, n_eff)
    if got is None:
        assert not sum(counts.values())
    else:
        assert -100 <= got.ci.lo <= got.value <= got.ci.hi <= 100


def test_nps_edges() -> None:
    assert nps({}) is None
    everyone, passive = nps({10: 400}), nps({8: 400})
    assert everyone is not None
    assert passive is not None
    assert (everyone.value, everyone.ci.hi) == (100, 100)
    assert everyone.ci.lo < 99
    assert passive.ci.lo == pytest.approx(-passive.ci.hi)
    assert passive.ci.hi > 0.5
    faults: list[Any] = [{11: 1}, {-1: 1}, {"ten": 1}, {5: -1}, {5: math.nan}]
    for bad in faults:
        with pytest.raises(ValueError, match=r"answer|counts"):
            nps(bad)


def test_nps_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    from core.stats.sampling import categorical, rng

    generator = rng("coverage")
    truth = {"10": 0.9, "8": 0.05, "3": 0.05}
    covered = 0
    for _ in range(600):
        counts = dict.fromkeys(truth, 0)
        for _ in range(25):
            counts[categorical(truth, generator)] += 1
        got = nps(counts)
        assert got is not None
        covered += got.ci.lo <= 85 <= got.ci.hi
    assert 0.92 <= covered / 600 <= 0.99
