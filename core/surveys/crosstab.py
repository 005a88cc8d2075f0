"""Computes a table of two variables from counted respondents; pure. Formulas and their sources are in `core.stats`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.stats.column_letters import SMALLEST_BASE, Adjustment, differing, letter_of
from core.stats.contingency import LARGEST_TABLE, Group, cramers_v, independence
from core.stats.weights import effective_sample_size
from core.surveys.figures import interval, maybe, rounded
from core.surveys.methods import Requested, method_for
from core.surveys.samples import Crossed
from core.surveys.schemas import ChiSquareResult, CrosstabAxis, CrosstabCategory, CrosstabCell, CrosstabRead
from core.surveys.variables import Categories, Variable, categories_of

SMALL_EXPECTED: Final = 5.0
MANY_SMALL: Final = 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """What a table was asked to show, and the conditions on its tests.

    `by_lot` tells that a variable is an arm, drawn for each respondent within personas, and the other was answered by
    each alone: what respondents of a persona have in common is then in all arms alike, and no difference between them.
    """

    row: Variable
    column: Variable
    alpha: float
    adjustment: Adjustment
    by_lot: bool = False


def drawn_by_lot(row: Variable, column: Variable, requested: Requested) -> bool:
    """Tell whether one of the variables is an arm and the other nothing that is stated for a whole cell."""
    asked = [one.question for one in (row, column) if one.question is not None]
    return "arm" in (row.kind, column.kind) and all(method_for(one, requested) != "distribution" for one in asked)


def table_of(
    asked: Asked,
    counted: Sequence[Crossed],
    personas: Mapping[UUID, str],
    known: Mapping[str, Sequence[str]],
    warnings: Sequence[str] = (),
) -> CrosstabRead:
    """Return the table; `counted` are its respondents, `known` the order of attributes' values where one is given."""
    rows = categories_of(asked.row, [(one.row, one.count) for one in counted], personas, known.get(asked.row.name, ()))
    columns = categories_of(
        asked.column, [(one.column, one.count) for one in counted], personas, known.get(asked.column.name, ())
    )
    table = _Table(counted, rows, columns, clustered="persona" not in (asked.row.kind, asked.column.kind))
    several = asked.row.is_multiple or asked.column.is_multiple
    tested = None if several else independence(table.groups(), clustered=table.clustered and not asked.by_lot)
    return CrosstabRead(
        row=_axis(asked.row, rows, table.row_bases(), None),
        col=_axis(asked.column, columns, table.columns, [letter_of(place) for place in range(len(columns.categories))]),
        n=sum(one.count for one in counted),
        weighted_n=rounded(math.fsum(one.weight * one.count for one in counted)),
        alpha=asked.alpha,
        adjustment=asked.adjustment,
        cells=table.cells(asked),
        total=table.total(),
        chi2=None
        if tested is None
        else ChiSquareResult(
            value=rounded(tested.value),
            df=rounded(tested.df),
            p=tested.p,
            corrected=True,
            correction=tested.correction,
            mean_deff=rounded(tested.mean_deff),
            uncorrected=rounded(tested.plain),
        ),
        cramers_v=None if several else maybe(cramers_v(table.weighted)),
        warnings=[*warnings, *_warnings(asked, table, columns, several=several)],
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """Respondents a percentage rests on."""

    n: int
    weighted_n: float
    n_eff: float


class _Table:
    """Counts and weights per cell, and what each column rests on."""

    def __init__(self, counted: Sequence[Crossed], rows: Categories, columns: Categories, *, clustered: bool) -> None:
        self.counted, self.row_categories, self.column_categories = counted, rows, columns
        self.clustered = clustered
        height, width = len(rows.categories), len(columns.categories)
        self.counts = [[0] * width for _ in range(height)]
        self.weighted = [[0.0] * width for _ in range(height)]
        members: defaultdict[int, list[Crossed]] = defaultdict(list)
        for one in counted:
            for column in columns.of(one.column):
                members[column].append(one)
                for row in rows.of(one.row):
                    self.counts[row][column] += one.count
                    self.weighted[row][column] += one.weight * one.count
        self.columns = [self._base(members[place]) for place in range(width)]
        self.alone = [self._worth(members[place], None) for place in range(width)]
        self.whole = self._base(counted)

    def groups(self) -> list[Group]:
        """Return the respondents as a test takes them."""
        return [
            Group(row, column, one.persona_id, one.weight, one.count)
            for one in self.counted
            for row in self.row_categories.of(one.row)
            for column in self.column_categories.of(one.column)
        ]

    def cells(self, asked: Asked) -> list[list[CrosstabCell]]:
        """Return the cells, row by row, with the letters of the columns that are significantly lower."""
        found = []
        for place, counts in enumerate(self.counts):
            shares = [
                weight / base.weighted_n if base.weighted_n > 0 else None
                for weight, base in zip(self.weighted[place], self.columns, strict=True)
            ]
            compared = [
                share if base.n >= SMALLEST_BASE else None for share, base in zip(shares, self.columns, strict=True)
            ]
            worth = self.alone if asked.by_lot else [base.n_eff for base in self.columns]
            lower = differing(compared, worth, alpha=asked.alpha, adjustment=asked.adjustment)
            across = math.fsum(self.weighted[place])
            found.append(
                [
                    CrosstabCell(
                        n=counts[at],
                        weighted_n=rounded(self.weighted[place][at]),
                        col_pct=None if share is None else rounded(100 * share),
                        row_pct=rounded(100 * self.weighted[place][at] / across) if across > 0 else None,
                        ci=None if share is None else interval(share, self.columns[at].n_eff),
                        letters="".join(letter_of(other) for other in lower[at]),
                    )
                    for at, share in enumerate(shares)
                ]
            )
        return found

    def row_bases(self) -> list[_Base]:
        """Return how many respondents each row holds."""
        members: defaultdict[int, list[Crossed]] = defaultdict(list)
        for one in self.counted:
            for row in self.row_categories.of(one.row):
                members[row].append(one)
        return [self._base(members[place]) for place in range(len(self.row_categories.categories))]

    def total(self) -> list[CrosstabCell]:
        """Return each row among all respondents of the table."""
        everybody = self.whole.weighted_n
        return [
            CrosstabCell(
                n=base.n,
                weighted_n=rounded(base.weighted_n),
                col_pct=rounded(100 * base.weighted_n / everybody) if everybody > 0 else None,
                row_pct=100.0 if base.weighted_n > 0 else None,
                ci=interval(base.weighted_n / everybody, self.whole.n_eff) if everybody > 0 else None,
                letters="",
            )
            for base in self.row_bases()
        ]

    def small_expected(self) -> float:
        """Return the share of cells in which fewer than five respondents are expected, empty margins left out."""
        rows = [n for n in map(sum, self.counts) if n]
        columns = [n for n in map(sum, zip(*self.counts, strict=True)) if n]
        total = sum(rows)
        cells = [row * column / total for row in rows for column in columns]
        return sum(expected < SMALL_EXPECTED for expected in cells) / len(cells) if cells else 0.0

    def _base(self, members: Sequence[Crossed]) -> _Base:
        clusters = [one.persona_id for one in members] if self.clustered else None
        weighted = math.fsum(one.weight * one.count for one in members)
        return _Base(sum(one.count for one in members), weighted, self._worth(members, clusters))

    def _worth(self, members: Sequence[Crossed], clusters: Sequence[UUID] | None) -> float:
        weights, counts = [one.weight for one in members], [one.count for one in members]
        chosen = [[str(place) for place in self.row_categories.of(one.row)] for one in members]
        return effective_sample_size(chosen, weights, clusters, counts).n_eff


def _axis(variable: Variable, found: Categories, bases: Sequence[_Base], letters: Sequence[str] | None) -> CrosstabAxis:
    return CrosstabAxis(
        variable=variable.spelled(),
        label=variable.label,
        categories=[
            CrosstabCategory(
                code=category.code,
                label=category.label,
                letter=None if letters is None else letters[place],
                n=bases[place].n,
                weighted_n=rounded(bases[place].weighted_n),
                n_eff=rounded(bases[place].n_eff),
            )
            for place, category in enumerate(found.categories)
        ],
    )


def _warnings(asked: Asked, table: _Table, columns: Categories, *, several: bool) -> list[str]:
    found = []
    small = [
        f"{category.label} ({base.n})"
        for category, base in zip(columns.categories, table.columns, strict=True)
        if 0 < base.n < SMALLEST_BASE
    ]
    if small:
        found.append(f"Columns of fewer than {SMALLEST_BASE} respondents are not tested: {', '.join(small)}.")
    if several:
        found.append("A respondent may be in several categories: there is no χ² and no Cramér's V.")
    if asked.column.is_multiple:
        found.append("Columns overlap: letters take them for separate groups of respondents.")
    elif not several and table.small_expected() > MANY_SMALL:
        found.append("In more than a fifth of the cells fewer than five respondents are expected: χ² is unreliable.")
    if len(table.counts) * len(columns.categories) > LARGEST_TABLE:
        found.append(f"A table of more than {LARGEST_TABLE} cells is not tested.")
    return found
