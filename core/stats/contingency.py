"""Tests on tables of two variables, for weighted respondents who come in clusters."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.stats.distributions import chi2_survival, f_survival
from core.stats.weights import NEGLIGIBLE, PLANNING_ICC, clustered_n_eff, n_eff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

LARGEST_TABLE: Final = 600
"""Cells beyond which no test is made: it would say that something differs and not what."""

VANISHED: Final = 0.05
Correction = Literal["rao_scott", "planned", "none"]


@dataclass(frozen=True, slots=True)
class Group:
    """`count` respondents of one cell (row i, column j), one cluster and one weight each."""

    row: int
    column: int
    cluster: Hashable
    weight: float
    count: int


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A test of independence: the corrected statistic on `df` degrees of freedom, and how likely one as large is.

    `mean_deff` is what the plain statistic was divided by; `plain` is that statistic, Pearson's, on the weighted
    proportions and the number of respondents; `plain_df` its degrees of freedom. `freedom` is that of the estimated
    design effect, None where it was planned.
    """

    value: float
    df: float
    p: float
    correction: Correction
    mean_deff: float
    plain: float
    plain_df: int
    freedom: int | None = None


def cramers_v(table: Sequence[Sequence[float]]) -> float | None:
    """Return Cramér's V (0-1) of a table of weighted counts; None where a variable does not vary.

    √(φ²/(min(r, c) - 1)), φ² = Σ(p_ij - p_i·p_j)²/(p_i·p_j): H. Cramér, Mathematical Methods of Statistics (1946),
    21.9. Rows and columns without weight are left out. It does not depend on the number of respondents.
    """
    rows = [math.fsum(row) for row in table]
    columns = [math.fsum(column) for column in zip(*table, strict=True)]
    total = math.fsum(rows)
    least = min(sum(row > 0 for row in rows), sum(column > 0 for column in columns))
    if total <= 0 or least < 2:
        return None
    return math.sqrt(min(1.0, _phi2(table, rows, columns, total) / (least - 1)))


def independence(groups: Sequence[Group], *, clustered: bool = True) -> ChiSquare | None:
    """Test whether row and column are independent; None where a variable does not vary or the table is too large.

    Second-order Rao-Scott: Pearson's X² is divided by the mean generalised design effect Σδ/d and compared with F on
    d0 = (Σδ)²/Σδ² and d0·ν degrees of freedom; the δ are the eigenvalues of the covariance of the interaction
    contrasts under the design against that under simple random sampling (J. N. K. Rao, A. J. Scott, Annals of
    Statistics 12 (1984) 46-60; D. R. Thomas, J. N. K. Rao, JASA 82 (1987) 630-636). The design covariance is linearised
    from the totals of the clusters, ν = clusters - 1. `value` is X²·d0/Σδ on `df` = d0, so that value/df is that F.

    With `clustered` False respondents are independent draws and only weights count, ν = respondents - 1: that is right
    where a variable is the cluster itself. The clusters never make the test sharper than that. One cluster cannot tell
    its own effect, nor can a table of which one variable all but tells the other: X² is then divided by the design
    effect of the weights and, at the planning intra-class correlation, of the clusters ("planned").
    Groups of no weight count for nothing. Raises ValueError for a negative or infinite weight.
    """
    kept = _weighing(groups)
    table = _Table(kept)
    n = sum(group.count for group in kept)
    plain_df = (table.rows - 1) * (table.columns - 1)
    if min(table.rows, table.columns) < 2 or table.rows * table.columns > LARGEST_TABLE:
        return None
    plain = n * table.phi2()
    clusters = len({group.cluster for group in kept})
    if (clustered and clusters == 1) or table.is_degenerate():
        return _planned(kept, plain, plain_df, clustered=clustered)
    free = _Effects.of(table.effects(_independent(kept, table)), n - 1)
    design = _Effects.of(table.effects(_by_cluster(kept, table)), clusters - 1) if clustered else free
    used = design if design.total >= free.total else free
    value = plain * used.df / used.total
    p = f_survival(plain / used.total, used.df, used.df * used.freedom)
    return ChiSquare(value, used.df, p, "rao_scott", used.total / plain_df, plain, plain_df, used.freedom)


@dataclass(frozen=True, slots=True)
class _Effects:
    """Generalised design effects: their sum, Satterthwaite's number of them, and the freedom of their estimate."""

    total: float
    df: float
    freedom: int

    @classmethod
    def of(cls, delta: Matrix, freedom: int) -> _Effects:
        total = float(delta.trace())
        squares = float((delta @ delta).trace())
        return cls(total, total * total / squares if squares > 0 else 0.0, max(1, freedom))


class _Table:
    """Weighted proportions of the rows and columns that hold somebody."""

    def __init__(self, groups: Sequence[Group]) -> None:
        sums: defaultdict[tuple[int, int], float] = defaultdict(float)
        for group in groups:
            sums[group.row, group.column] += group.weight * group.count
        self.row_at = {row: at for at, row in enumerate(sorted({row for row, _ in sums}))}
        self.column_at = {column: at for at, column in enumerate(sorted({column for _, column in sums}))}
        self.rows, self.columns = len(self.row_at), len(self.column_at)
        self.total = math.fsum(sums.values())
        self.weights = [[0.0] * self.columns for _ in range(self.rows)]
        for (row, column), weight in sums.items():
            self.weights[self.row_at[row]][self.column_at[column]] = weight

    def cell(self, group: Group) -> int:
        """Return where a group stands among the cells, row by row."""
        return self.row_at[group.row] * self.columns + self.column_at[group.column]

    def proportions(self) -> Matrix:
        """Return the cells' proportions, row by row."""
        import numpy as np

        return np.array(self.weights).ravel() / self.total

    def phi2(self) -> float:
        """Return Pearson's X² per respondent."""
        rows = [math.fsum(row) for row in self.weights]
        columns = [math.fsum(column) for column in zip(*self.weights, strict=True)]
        return _phi2(self.weights, rows, columns, self.total)

    def effects(self, covariance: Matrix) -> Matrix:
        """Return the matrix whose eigenvalues are the generalised design effects: (C·P·C')⁻¹·(C·V·C').

        C are the interaction contrasts p_ij - p_i·p_j, linear at the estimate, of all but the last row and column; V,
        `covariance`, is n times the design covariance of the cells' proportions and P that of simple random sampling.
        """
        import numpy as np

        contrast, simple = self._contrasts()
        return np.asarray(np.linalg.solve(simple, contrast @ covariance @ contrast.T), dtype=np.float64)

    def is_degenerate(self) -> bool:
        """Tell whether the association is so strong that the contrasts hardly vary, and effects mean nothing."""
        import numpy as np

        p = np.array(self.weights) / self.total
        rows, columns = p.sum(axis=1), p.sum(axis=0)
        under_independence = np.kron(_multinomial(rows)[:-1, :-1], _multinomial(columns)[:-1, :-1])
        left = np.linalg.eigvals(np.linalg.solve(under_independence, self._contrasts()[1])).real.min()
        return bool(left <= VANISHED)

    def _contrasts(self) -> tuple[Matrix, Matrix]:
        """Return the contrasts, one row each, and their covariance of one draw at the proportions found."""
        import numpy as np

        p = np.array(self.weights) / self.total
        rows, columns = p.sum(axis=1), p.sum(axis=0)
        eye_r, eye_c = np.eye(self.rows), np.eye(self.columns)
        own = np.einsum("ik,jl->ijkl", eye_r, eye_c)
        own -= np.einsum("ik,j->ijk", eye_r, columns)[:, :, :, None]
        own -= np.einsum("jl,i->ijl", eye_c, rows)[:, :, None, :]
        contrast = own[:-1, :-1].reshape((self.rows - 1) * (self.columns - 1), -1)
        return contrast, contrast @ _multinomial(p.ravel()) @ contrast.T


def _multinomial(p: Matrix) -> Matrix:
    """Return diag(p) - p·p', the covariance of one draw."""
    import numpy as np

    found: Matrix = np.diag(p) - np.outer(p, p)
    return found


def _by_cluster(groups: Sequence[Group], table: _Table) -> Matrix:
    """Return n·V of the cells' proportions, linearised from the totals of the clusters."""
    import numpy as np

    p = table.proportions()
    places = {cluster: at for at, cluster in enumerate(dict.fromkeys(group.cluster for group in groups))}
    totals = np.zeros((len(places), len(p)))
    weights = np.zeros(len(places))
    for group in groups:
        weight = group.weight * group.count / table.total
        totals[places[group.cluster], table.cell(group)] += weight
        weights[places[group.cluster]] += weight
    scores = totals - np.outer(weights, p)
    n = sum(group.count for group in groups)
    found: Matrix = n * len(places) / (len(places) - 1) * (scores.T @ scores)
    return found


def _independent(groups: Sequence[Group], table: _Table) -> Matrix:
    """Return n·V of the cells' proportions where every respondent is drawn alone; only weights count."""
    import numpy as np

    p = table.proportions()
    squares = np.zeros(len(p))
    for group in groups:
        squares[table.cell(group)] += group.count * (group.weight / table.total) ** 2
    n = sum(group.count for group in groups)
    crossed = np.outer(squares, p)
    found: Matrix = n * (np.diag(squares) - crossed - crossed.T + squares.sum() * np.outer(p, p))
    return found


def _planned(groups: Sequence[Group], plain: float, plain_df: int, *, clustered: bool) -> ChiSquare:
    each = [group for group in groups for _ in range(group.count)]
    weights = [one.weight for one in each]
    worth = clustered_n_eff(weights, [one.cluster for one in each], PLANNING_ICC) if clustered else n_eff(weights)
    value = plain * worth / len(each)
    return ChiSquare(value, plain_df, chi2_survival(value, plain_df), "planned", len(each) / worth, plain, plain_df)


def _weighing(groups: Sequence[Group]) -> list[Group]:
    if any(not math.isfinite(group.weight) or group.weight < 0 for group in groups):
        raise ValueError("weights must be finite and not negative")
    least = NEGLIGIBLE * max((group.weight for group in groups), default=0.0)
    counted: Counter[tuple[int, int, Hashable, float]] = Counter()
    for group in groups:
        if group.weight > least and group.count > 0:
            counted[group.row, group.column, group.cluster, group.weight] += group.count
    return [Group(*key, count) for key, count in counted.items()]


def _phi2(table: Sequence[Sequence[float]], rows: Sequence[float], columns: Sequence[float], total: float) -> float:
    return math.fsum(
        (cell / total - rows[i] * columns[j] / total**2) ** 2 / (rows[i] * columns[j] / total**2)
        for i, row in enumerate(table)
        for j, cell in enumerate(row)
        if rows[i] > 0 and columns[j] > 0
    )
