"""Agreement of two answers, against worked examples of the literature and the definitions written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.stats.agreement import (
    cohens_kappa,
    exact_agreement,
    icc_agreement,
    mean_kappa,
    upper_limit,
    weighted_kappa,
)

# Two readers of fifty applications: both yes 20, yes and no 5, no and yes 10, both no 15.
READERS = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
# Six subjects, four judges: Shrout and Fleiss 1979, table 2, whose ICC(2,1) is .29.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_kappa_by_hand() -> None:
    # agreement 0.7, by chance 0.5·0.6 + 0.5·0.4 = 0.5
    assert exact_agreement(READERS) == pytest.approx(0.7)
    assert cohens_kappa(READERS) == pytest.approx(0.4)


def test_weighted_kappa_is_its_definition_with_quadratic_weights() -> None:
    rng = np.random.default_rng(1)
    pairs = [(float(a), float(min(5, max(1, a + b)))) for a, b in zip(rng.integers(1, 6, 80), rng.integers(-1, 2, 80),
                                                                      strict=True)]  # fmt: skip
    seen = np.zeros((5, 5))
    for a, b in pairs:
        seen[int(a) - 1, int(b) - 1] += 1 / len(pairs)
    chance = np.outer(seen.sum(1), seen.sum(0))
    weights = np.array([[(i - j) ** 2 for j in range(5)] for i in range(5)])
    assert weighted_kappa(pairs) == pytest.approx(1 - (weights * seen).sum() / (weights * chance).sum())
    assert weighted_kappa([(float(a == "yes"), float(b == "yes")) for a, b in READERS]) == pytest.approx(0.4)


def test_the_intra_class_correlation_of_the_worked_example() -> None:
    assert icc_agreement(JUDGES) == pytest.approx(0.29, abs=0.005)


def test_a_shift_of_all_second_answers_costs_agreement() -> None:
    rows = [[float(at), float(at) + 2] for at in range(10)]
    assert icc_agreement([[a, a] for a, _ in rows]) == pytest.approx(1)
    found = icc_agreement(rows)
    assert found is not None
    assert 0.5 < found < 0.9


def test_the_kappas_of_options_chosen_or_not_are_averaged() -> None:
    pairs = [(frozenset({"a"}), frozenset({"a", "b"})), (frozenset({"b"}), frozenset({"b"}))] * 10
    # a agrees throughout; b is chosen by half, and by all when asked again
    assert mean_kappa(pairs, ["a", "b", "never"]) == pytest.approx(0.5)


def test_what_does_not_vary_has_no_coefficient() -> None:
    assert cohens_kappa([("a", "a")] * 5) is None
    assert weighted_kappa([(3.0, 3.0)] * 5) is None
    assert icc_agreement([[3.0, 3.0]] * 5) is None
    assert icc_agreement([[1.0, 2.0]]) is None
    assert mean_kappa([(frozenset("a"), frozenset("a"))] * 5, ["a", "b"]) is None
    assert (cohens_kappa([]), weighted_kappa([]), icc_agreement([])) == (None, None, None)
    with pytest.raises(ValueError, match="no pairs"):
        exact_agreement([])


def test_one_that_varies_has_no_limit() -> None:
    assert upper_limit([("a", "a")] * 9 + [("b", "b")], cohens_kappa) is None


def test_the_upper_limit_is_near_the_large_sample_one_of_kappa() -> None:
    # Fleiss, Cohen and Everitt 1969 for the table above; at n = 50 the jackknife is a little wider
    p, q, agree, chance = 0.5, 0.6, 0.7, 0.5
    a = 0.4 * (1 - (p + q) * 0.6) ** 2 + 0.3 * (1 - (1 - p + 1 - q) * 0.6) ** 2
    b = 0.36 * (0.1 * (q + 1 - p) ** 2 + 0.2 * (1 - q + p) ** 2)
    se = math.sqrt((a + b - (0.4 - chance * 0.6) ** 2) / 50) / (1 - chance)
    assert agree > chance
    assert upper_limit(READERS, cohens_kappa) == pytest.approx(0.4 + 1.645 * se, abs=0.02)
