from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.sample_size import (
    Allocation,
    allocate,
    base_n,
    effective_margin_of_error,
    planned_n_eff,
    recommended_n,
    with_population,
)


@pytest.mark.parametrize(("margin", "n"), [(0.07, 196), (0.05, 385), (0.03, 1068), (0.02, 2401)])
def test_base_of_the_usual_margins(margin: float, n: int) -> None:
    assert base_n(margin) == n


@given(st.floats(0.005, 0.5))
def test_base_is_the_smallest_that_keeps_the_margin(margin: float) -> None:
    n = base_n(margin)
    at_n, below = effective_margin_of_error(n), effective_margin_of_error(n - 1)
    assert at_n is not None
    assert at_n <= margin + 1e-9
    assert below is None or below > margin - 1e-9


def test_finite_population_by_hand() -> None:
    assert with_population(385, 1000) == 279  # 385/(1 + 384/1000) = 278.2
    assert with_population(385, 10**9) == 385
    assert with_population(385, 1) == 1
    assert with_population(385, 50) <= 50


def test_every_factor_is_named() -> None:
    got = recommended_n(0.05, population=1000, design_effect=1.5, subgroups=3, minimum_per_subgroup=500)
    assert got.n == 1500
    assert [(factor.name, factor.value) for factor in got.factors] == [
        ("base", 385),
        ("finite_population", 279 / 385),
        ("design_effect", 1.5),
        ("subgroups", 3),
        ("minimum_per_subgroup", 500),
    ]
    assert all(factor.why for factor in got.factors)


@given(
    st.floats(0.01, 0.3),
    st.floats(1, 20),
    st.integers(1, 20),
    st.integers(0, 2000),
    st.none() | st.integers(1, 10**7),
)
def test_the_factors_make_the_recommendation(
    margin: float, deff: float, groups: int, minimum: int, population: int | None
) -> None:
    got = recommended_n(
        margin, design_effect=deff, subgroups=groups, minimum_per_subgroup=minimum, population=population
    )
    values = {factor.name: factor.value for factor in got.factors}
    made = math.prod(value for name, value in values.items() if name != "minimum_per_subgroup")
    assert got.n == pytest.approx(max(made, minimum * groups), abs=1)


def test_nonsense_is_refused() -> None:
    for margin in (0, 1, -0.1, math.nan, 1e-300):
        with pytest.raises(ValueError, match="margin"):
            base_n(margin)
    for deff, groups, minimum in ((0.5, 1, 0), (math.nan, 1, 0), (1, 0, 0), (1, 1, -1)):
        with pytest.raises(ValueError, match="at least 1"):
            recommended_n(0.05, design_effect=deff, subgroups=groups, minimum_per_subgroup=minimum)
    with pytest.raises(ValueError, match="at least 1"):
        with_population(10, 0)
    with pytest.raises(ValueError, match="icc"):
        planned_n_eff(400, 8, 2)


def test_400_of_8_personas_are_worth_37_and_no_number_is_worth_more_than_40() -> None:
    assert planned_n_eff(400, 8, 0.2) == pytest.approx(37.04, abs=0.01)
    assert planned_n_eff(10**9, 8, 0.2) == pytest.approx(40, abs=0.01)


def test_effective_margin_by_hand() -> None:
    assert effective_margin_of_error(37.037) == pytest.approx(1.959964 * 0.5 / math.sqrt(37.037), abs=1e-6)
    assert effective_margin_of_error(0) is None
    assert effective_margin_of_error(100, population=100) == 0
    assert effective_margin_of_error(100, population=101) == pytest.approx(0.0097998, abs=1e-6)


def test_allocations_by_hand() -> None:
    weights = [0.5, 0.3, 0.2]
    assert allocate(100, weights) == [50, 30, 20]
    assert allocate(100, weights, "equal") == [34, 33, 33]
    # W·sd = 0.5, 0.6, 0.8 over 1.9
    assert allocate(190, weights, "neyman", [1, 2, 4]) == [50, 60, 80]
    assert allocate(100, [0.98, 0.01, 0.01], minimum=10) == [80, 10, 10]


def test_allocations_that_cannot_be_are_refused() -> None:
    for method, sds in (("neyman", None), ("neyman", [1.0]), ("random", None)):
        with pytest.raises(ValueError, match=r"neyman|allocate"):
            allocate(10, [0.5, 0.5], method, sds)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="enough"):
        allocate(10, [0.5, 0.5], minimum=6)


@given(
    st.lists(st.tuples(st.floats(0.001, 1), st.floats(0.001, 5)), min_size=1, max_size=50),
    st.integers(0, 10_000),
    st.integers(0, 30),
    st.sampled_from(["proportional", "equal", "neyman"]),
)
def test_allocations_sum_exactly(rows: list[tuple[float, float]], n: int, minimum: int, method: Allocation) -> None:
    n = max(n, minimum * len(rows))
    parts = allocate(n, [w for w, _ in rows], method, [sd for _, sd in rows], minimum)
    assert sum(parts) == n
    assert min(parts) >= minimum


def test_neyman_has_the_smallest_variance() -> None:
    weights, sds = [0.6, 0.3, 0.1], [1.0, 3.0, 2.0]

    def variance(parts: list[int]) -> float:
        return sum((w * sd) ** 2 / n for w, sd, n in zip(weights, sds, parts, strict=True))

    best = variance(allocate(300, weights, "neyman", sds))
    assert best < variance(allocate(300, weights))
    assert best < variance(allocate(300, weights, "equal"))
