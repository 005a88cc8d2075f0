"""The options of a question tested one by one, each chosen or not by run: tables of two rows and columns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from core.stats.contingency import VANISHED, ChiSquare, Group, independence
from core.stats.distributions import f_survival
from core.stats.weights import NEGLIGIBLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def option_tests(groups: Sequence[Group], options: int) -> list[ChiSquare | None]:
    """Test each option, chosen or not, by run; None where nobody chose it, or everybody did.

    The row of a group has a bit for each option that its respondents chose: 1 for the first, 2 for the second … Each
    is the test that `independence` makes of the option's own table, in a tenth of the time.
    """
    import numpy as np

    respondents = _Respondents(groups)
    chosen = np.zeros((options, len(respondents.keys)))
    for place, one in zip(respondents.places, respondents.kept, strict=True):
        for option in range(options):
            if one.row >> option & 1:
                chosen[option, place] += one.count
    return [respondents.tested(own) for own in chosen]


class _Respondents:
    """Who answered, by run, cluster and weight; who weighs nothing beside others is left out."""

    def __init__(self, groups: Sequence[Group]) -> None:
        import numpy as np

        least = NEGLIGIBLE * max((one.weight for one in groups), default=0.0)
        self.kept = [one for one in groups if one.weight > least and one.count > 0]
        self.keys: dict[tuple[int, Hashable, float], int] = {}
        self.places = [self.keys.setdefault((one.column, one.cluster, one.weight), len(self.keys)) for one in self.kept]
        self.total = np.bincount(self.places, [one.count for one in self.kept], len(self.keys))
        self.n = int(self.total.sum())
        weights = np.array([weight for _, _, weight in self.keys])
        self.unit = weights / float(weights @ self.total)
        runs = sorted({run for run, _, _ in self.keys})
        self.first = np.array([run == runs[0] for run, _, _ in self.keys])
        numbers: dict[Hashable, int] = {}
        self.clusters = np.array([numbers.setdefault(cluster, len(numbers)) for _, cluster, _ in self.keys])
        self.general = len(runs) < 2 or len(numbers) < 2

    def tested(self, chosen: Numbers) -> ChiSquare | None:
        """Test one option, from how many of each kind of respondents chose it.

        The only contrast of four cells is p₀₀ - p₀.·p.₀, of who did not choose it and the first run; its variance under
        the design against that of simple random sampling is the one design effect.
        """
        import numpy as np

        if self.general or not 0 < chosen.sum() < self.n:
            return independence(self._table(chosen))
        left = self.total - chosen
        row, column = float(left @ self.unit), float(self.total @ (self.unit * self.first))
        both = float(left @ (self.unit * self.first))
        cells = (both, row - both, column - both, 1 - row - column + both)
        slopes = (1 - column - row, -column, -row, 0.0)
        mean = sum(slope * cell for slope, cell in zip(slopes, cells, strict=True))
        simple = sum(slope * slope * cell for slope, cell in zip(slopes, cells, strict=True)) - mean * mean
        spread = row * (1 - row) * column * (1 - column)
        if simple <= VANISHED * spread:
            return independence(self._table(chosen))
        out = (np.where(self.first, slopes[0], slopes[1]) - mean) * self.unit
        into = (np.where(self.first, slopes[2], slopes[3]) - mean) * self.unit
        alone = self.n * float(left @ out**2 + chosen @ into**2) / simple
        sums = np.bincount(self.clusters, left * out + chosen * into)
        design = self.n * len(sums) / (len(sums) - 1) * float(sums @ sums) / simple
        effect, freedom = (design, len(sums) - 1) if design >= alone else (alone, max(1, self.n - 1))
        plain = self.n * (both - row * column) ** 2 / spread
        p = f_survival(plain / effect, 1, freedom)
        return ChiSquare(plain / effect, 1.0, p, "rao_scott", effect, plain, 1, freedom)

    def _table(self, chosen: Numbers) -> list[Group]:
        return [
            Group(row, *key, int(count))
            for key, place in self.keys.items()
            for row, count in ((1, chosen[place]), (0, self.total[place] - chosen[place]))
        ]
