from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.sampling import rng
from core.stats.ssr import NoDirection, pmf, prepare

PLANE = [[[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]]


def random_vector(*parts: str | int, length: int = 16) -> list[float]:
    generator = rng(*parts)
    return [generator.gauss(0, 1) for _ in range(length)]


def test_by_hand() -> None:
    # cosines 1, 0, -1: s = 1, 0.5, 0; with epsilon 0.1: 1.1, 0.6, 0.1 over 1.8
    got = pmf([2.0, 0.0], PLANE, epsilon=0.1)
    assert got.probabilities == pytest.approx((1.1 / 1.8, 0.6 / 1.8, 0.1 / 1.8))
    assert (got.flags, got.temperature, got.epsilon) == ((), 1.0, 0.1)


def test_temperature_by_hand() -> None:
    # T = 0.5 squares: 1.21, 0.36, 0.01 over 1.58; T = 2 takes roots
    assert pmf([1, 0], PLANE, 0.5, 0.1).probabilities == pytest.approx((1.21 / 1.58, 0.36 / 1.58, 0.01 / 1.58))
    roots = [math.sqrt(value) for value in (1.1, 0.6, 0.1)]
    assert pmf([1, 0], PLANE, 2, 0.1).probabilities == pytest.approx([root / sum(roots) for root in roots])


def test_epsilon_zero_gives_the_farthest_point_nothing() -> None:
    assert pmf([1, 0], PLANE, epsilon=0).probabilities == pytest.approx((2 / 3, 1 / 3, 0))
    assert pmf([1, 0], PLANE, 1e-300, 0).probabilities == (1, 0, 0)


def test_sets_are_averaged_after_the_temperature() -> None:
    turned = [[[0.0, 1.0], [1.0, 0.0], [0.0, -1.0]]]
    one, two = pmf([1, 0], PLANE, 0.5), pmf([1, 0], turned, 0.5)
    both = pmf([1, 0], PLANE + turned, 0.5)
    expected = [(a + b) / 2 for a, b in zip(one.probabilities, two.probabilities, strict=True)]
    assert both.probabilities == pytest.approx(expected)


def test_identical_anchors_are_uniform_and_flagged() -> None:
    row = random_vector("tie")
    got = pmf(random_vector("answer"), [[row] * 5], temperature=0, epsilon=0)
    assert got.probabilities == pytest.approx((0.2,) * 5)
    assert got.flags == ("tie", "shared_maximum")


def test_a_single_anchor_is_certain_and_flagged() -> None:
    got = pmf([1.0, 2.0], [[[0.3, 0.1]]])
    assert (got.probabilities, got.flags) == ((1.0,), ("single_anchor",))


def test_temperature_zero_is_the_nearest_point_and_ties_share() -> None:
    assert pmf([3, 1], PLANE, temperature=0).probabilities == (1.0, 0.0, 0.0)
    shared = pmf([1, 1], PLANE, temperature=0)
    assert shared.probabilities == (0.5, 0.5, 0.0)
    assert shared.flags == ("shared_maximum",)
    assert pmf([3, 1], PLANE, temperature=1e-6).probabilities == pytest.approx((1, 0, 0))


@pytest.mark.parametrize("point", range(5))
@pytest.mark.parametrize(("temperature", "epsilon"), [(0, 0), (0.3, 0), (1, 0.001), (5, 0.5)])
def test_an_answer_equal_to_an_anchor_gives_its_point_the_most(point: int, temperature: float, epsilon: float) -> None:
    anchors = [random_vector("anchor", number) for number in range(5)]
    got = pmf([7 * value for value in anchors[point]], [anchors], temperature, epsilon).probabilities
    assert max(got) == got[point]
    assert sum(value == got[point] for value in got) == 1


def test_an_answer_without_direction_is_refused() -> None:
    for answer in ([], [0.0, 0.0], [math.nan, 1.0], [math.inf, 1.0]):
        with pytest.raises(NoDirection):
            pmf(answer, PLANE)
    with pytest.raises(NoDirection):
        prepare([[[1.0, 0.0], [0.0, 0.0]]])


def test_shapes_and_parameters_are_checked() -> None:
    with pytest.raises(ValueError, match="long"):
        pmf([1.0, 2.0, 3.0], PLANE)
    faults: list[list[list[list[float]]]] = [[], [[]], [[[1.0], [1.0, 2.0]]], [[[1.0]], [[1.0], [2.0]]]]
    for anchors in faults:
        with pytest.raises(ValueError, match="anchor"):
            prepare(anchors)
    for temperature, epsilon in ((-1, 0), (math.nan, 0), (1, -0.1), (1, math.inf)):
        with pytest.raises(ValueError, match="must be finite"):
            pmf([1, 0], PLANE, temperature, epsilon)


@given(
    st.lists(st.lists(st.floats(-10, 10), min_size=3, max_size=3).filter(any), min_size=1, max_size=7),
    st.lists(st.floats(-10, 10), min_size=3, max_size=3).filter(any),
    st.floats(0, 10),
    st.floats(0, 2),
)
def test_always_a_distribution(
    anchors: list[list[float]], answer: list[float], temperature: float, epsilon: float
) -> None:
    got = pmf(answer, [anchors], temperature, epsilon)
    assert math.fsum(got.probabilities) == pytest.approx(1)
    assert all(0 <= value <= 1 for value in got.probabilities)
    reversed_scale = pmf(answer, [anchors[::-1]], temperature, epsilon)
    assert reversed_scale.probabilities[::-1] == pytest.approx(got.probabilities)
    assert pmf(answer, [anchors], temperature, epsilon) == got


def test_ten_thousand_answers_take_under_three_seconds() -> None:
    sets = [[random_vector(s, p, length=384) for p in range(5)] for s in range(3)]
    anchors, answer = prepare(sets), random_vector("answer", length=384)
    start = time.process_time()
    for _ in range(10_000):
        pmf(answer, anchors)
    assert time.process_time() - start < 3
