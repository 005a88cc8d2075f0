"""Semantic similarity rating: the place of a free-text answer on an ordinal scale, from embeddings.

After Maier et al., arXiv 2510.08338 (2025), in the form fixed by the domain: sᵣ = (1 + cos(e, aᵣ))/2; pᵣ ∝
sᵣ - min s + ε; p ← p^(1/T)/Σ; the mean over the anchor sets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT_TEMPERATURE = 1.0
DEFAULT_EPSILON = 0.001

Flag = Literal["tie", "single_anchor", "shared_maximum"]

_COSINE_DECIMALS = 12
"""Cosines are rounded so that equal anchors tie exactly and a run is the same on every machine."""


class NoDirection(ValueError):
    """An embedding is empty, all zeros or not finite, so that it has no cosine with anything."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """One to many anchor sets as unit vectors of shape (sets, points, dimensions), made by `prepare`."""

    units: NDArray[Any]

    @property
    def points(self) -> int:
        """Return the number of points of the scale."""
        return int(self.units.shape[1])

    @property
    def dimensions(self) -> int:
        """Return the length of the embeddings."""
        return int(self.units.shape[2])


@dataclass(frozen=True, slots=True)
class Pmf:
    """Probability of each point in scale order (sums to 1), and what a reader should know about it.

    Flags: `tie` (all points equally near in at least one set: uniform there), `single_anchor` (a scale of
    one point), `shared_maximum` (more than one point is the most probable). Temperature and epsilon are
    those used.
    """

    probabilities: tuple[float, ...]
    flags: tuple[Flag, ...]
    temperature: float
    epsilon: float


def prepare(anchor_sets: Sequence[Sequence[Sequence[float]]] | NDArray[Any]) -> Anchors:
    """Return anchor sets of shape (sets, points, dimensions) ready for many calls of `pmf`.

    Raises ValueError when the shape is ragged or empty, NoDirection when an anchor has no direction.
    """
    import numpy as np

    try:
        array = np.asarray(anchor_sets, dtype=np.float64)
    except ValueError:
        raise ValueError("every anchor set needs the same points and every anchor the same length") from None
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError("anchors must have the shape sets × points × dimensions, none of them 0")
    largest = np.abs(array).max(axis=2, keepdims=True)
    if not np.isfinite(largest).all() or (largest == 0).any():
        raise NoDirection("an anchor is all zeros or not finite")
    scaled = array / largest
    return Anchors(scaled / np.sqrt((scaled * scaled).sum(axis=2, keepdims=True)))


def pmf(
    embedding: Sequence[float] | NDArray[Any],
    anchors: Anchors | Sequence[Sequence[Sequence[float]]] | NDArray[Any],
    temperature: float = DEFAULT_TEMPERATURE,
    epsilon: float = DEFAULT_EPSILON,
) -> Pmf:
    """Return the probability of each scale point for an answer's embedding (length: dimensions).

    Per anchor set the formula of the module, then the mean over the sets. All points equally near ⇒
    uniform, flagged. T = 0 is the limit: the nearest point takes all, ties share. Epsilon 0 gives the
    farthest point 0. An answer equal to an anchor gives its point the highest probability of that set.
    Vectors need not be normalised; pass `prepare(…)` for more than a few calls. Raises NoDirection for an
    empty, zero or non-finite embedding (store such an answer as missing: no distribution is made up),
    ValueError for other shapes, T < 0 or epsilon < 0.
    """
    import numpy as np

    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError("temperature must be finite and not negative")
    if not (math.isfinite(epsilon) and epsilon >= 0):
        raise ValueError("epsilon must be finite and not negative")
    ready = anchors if isinstance(anchors, Anchors) else prepare(anchors)
    vector = np.asarray(embedding, dtype=np.float64)
    largest = float(np.abs(vector).max()) if vector.size else 0.0
    if largest == 0 or not math.isfinite(largest):
        raise NoDirection("the embedding is empty, all zeros or not finite")
    if vector.shape != (ready.dimensions,):
        raise ValueError(f"the embedding has shape {vector.shape}, the anchors are {ready.dimensions} long")
    vector = vector / largest
    cosines = ready.units @ (vector / math.sqrt(float(vector @ vector)))
    rows = [_set_pmf(row, temperature, epsilon) for row in cosines.round(_COSINE_DECIMALS).tolist()]
    probabilities = tuple(math.fsum(column) / len(rows) for column in zip(*(row for row, _ in rows), strict=True))
    return Pmf(probabilities, _flags(probabilities, [tied for _, tied in rows]), temperature, epsilon)


def _set_pmf(cosines: Sequence[float], temperature: float, epsilon: float) -> tuple[list[float], bool]:
    """Return one set's probabilities and whether all its points tie."""
    similarities = [(1 + cosine) / 2 for cosine in cosines]
    lowest, highest = min(similarities), max(similarities)
    k = len(similarities)
    if lowest == highest:
        return [1 / k] * k, True
    top = highest - lowest + epsilon
    if temperature == 0:
        raised = [1.0 if value == highest else 0.0 for value in similarities]
    else:
        raised = [_power((value - lowest + epsilon) / top, temperature) for value in similarities]
    total = math.fsum(raised)
    return [value / total for value in raised], False


def _power(ratio: float, temperature: float) -> float:
    """Return ratio^(1/T) for 0 <= ratio <= 1 by way of logarithms, so that a tiny T cannot overflow."""
    if ratio <= 0:
        return 0.0
    return ratio if temperature == 1 else math.exp(math.log(ratio) / temperature)


def _flags(probabilities: Sequence[float], ties: Sequence[bool]) -> tuple[Flag, ...]:
    if len(probabilities) == 1:
        return ("single_anchor",)
    flags: list[Flag] = []
    if any(ties):
        flags.append("tie")
    highest = max(probabilities)
    if sum(math.isclose(value, highest, rel_tol=1e-9) for value in probabilities) > 1:
        flags.append("shared_maximum")
    return tuple(flags)
