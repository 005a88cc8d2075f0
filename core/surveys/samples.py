"""Some of a simulation's respondents, each with a weight, and what they answered, counted in any way; pure."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from core.surveys.columns import Column, Columns, Person
from core.surveys.repository import Alike, Tally
from core.surveys.variables import AnyOf, Categories, Variable, attribute_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.intp]
    Places = NDArray[np.int32]

FEW_CELLS: Final = 50_000
"""Cells up to which counting all is quicker than finding those that hold somebody."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """How many respondents share a value of both variables, a persona and a weight."""

    row: Any
    column: Any
    persona_id: UUID
    weight: float
    count: int


@dataclass(frozen=True, slots=True)
class Strata:
    """By number a respondent's weight, 1 + the place in `kinds` of their persona and weight, and their group.

    There is a group for those of each persona who weigh something, and one for those who do not; `named` are theirs.
    """

    weights: NDArray[np.float64]
    places: Places
    kinds: tuple[tuple[UUID, float], ...]
    groups: Places
    named: tuple[UUID, ...]

    @property
    def by_weight(self) -> tuple[Places, tuple[UUID, ...]]:
        """Return the same as groups and named, for each weight by itself."""
        return self.places - 1, tuple(persona_id for persona_id, _ in self.kinds)

    @classmethod
    def of(cls, people: Column, weights: Sequence[float]) -> Strata:
        """Return the strata of people who have these weights, kind by kind."""
        import numpy as np

        own = [(one.persona_id, weight) for one, weight in zip(people.kinds, weights, strict=True)]
        kinds = sorted(set(own))
        place = {kind: at for at, kind in enumerate(kinds, start=1)}
        personas = sorted({persona_id for persona_id, _ in own})
        group = {persona_id: 2 * at for at, persona_id in enumerate(personas)}
        groups = [group[persona_id] + (weight > 0) for persona_id, weight in own]
        return cls(
            np.array([0.0, *weights])[people.places],
            np.array([0, *(place[kind] for kind in own)], dtype=np.int32)[people.places],
            tuple(kinds),
            np.array([0, *groups], dtype=np.int32)[people.places],
            tuple(persona_id for persona_id in personas for _ in range(2)),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """The respondents with these numbers; `weights` are those of the kinds of people in `columns`."""

    columns: Columns
    numbers: Numbers
    weights: tuple[float, ...]
    strata: Strata

    @classmethod
    def of(cls, columns: Columns) -> Sample:
        """Return all respondents with the weights they were drawn with."""
        import numpy as np

        weights = tuple(one.weight for one in columns.people.kinds)
        return cls(columns, np.flatnonzero(columns.people.places), weights, Strata.of(columns.people, weights))

    @property
    def n(self) -> int:
        """Return how many respondents there are."""
        return len(self.numbers)

    @property
    def people(self) -> Sequence[Person]:
        """Return the kinds of people, in the order of `weights`; nobody may be left of some."""
        return self.columns.people.kinds

    def weighing(self, weights: Sequence[float]) -> Sample:
        """Return the same respondents with other weights, one for each kind of people."""
        strata = Strata.of(self.columns.people, weights)
        return replace(self, weights=tuple(weights), strata=strata)

    def answering(self, keys: Collection[str]) -> Sample:
        """Return those who answered at least one of the questions."""
        import numpy as np

        answered = np.zeros(len(self.numbers), dtype=bool)
        for key in keys:
            if key in self.columns.answers:
                column = self.columns.answers[key]
                given = [kind.missing_reason is None for kind in column.kinds]
                answered |= np.array([False, *given])[column.places[self.numbers]]
        return replace(self, numbers=self.numbers[answered])

    def where(self, conditions: Sequence[AnyOf]) -> Sample:
        """Return those who meet each of the conditions."""
        return replace(self, numbers=self.numbers[self._meeting(conditions)]) if conditions else self

    def counts(self) -> list[int]:
        """Return how many respondents there are of each kind of people."""
        import numpy as np

        found: list[int] = np.bincount(
            self.columns.people.places[self.numbers], minlength=len(self.people) + 1
        ).tolist()
        return found[1:]

    def alike(self) -> list[Alike]:
        """Return the respondents, those who are alike counted together."""
        return [
            Alike(one.persona_id, one.persona_version, weight, one.attributes, count)
            for one, weight, count in zip(self.people, self.weights, self.counts(), strict=True)
            if count
        ]

    def tallies(self, key: str, *, by_weight: bool = False) -> list[Tally]:
        """Return the answers to a question, counted by persona, value, method and missing reason.

        Who weighs nothing is counted apart; with `by_weight`, so is everybody of another weight.
        """
        import numpy as np

        column = self.columns.answers.get(key)
        if column is None:
            return []
        width = len(column.kinds) + 1
        own = self.strata.weights[self.numbers]
        strata, named = self.strata.by_weight if by_weight else (self.strata.groups, self.strata.named)
        joined = strata[self.numbers] * width + column.places[self.numbers]
        size = len(named) * width
        counts = np.bincount(joined, minlength=size)
        totals, squares = np.bincount(joined, own, size), np.bincount(joined, own * own, size)
        found = []
        for at in np.flatnonzero(counts).tolist():
            group, place = divmod(at, width)
            if place:
                kind, count = column.kinds[place - 1], int(counts[at])
                persona_id, weight = named[group], float(totals[at]) / count
                given = (kind.value, kind.method, kind.missing_reason)
                found.append(Tally(key, persona_id, weight, *given, count, float(squares[at])))
        return found

    def crossed(self, row: Variable, column: Variable) -> list[Crossed]:
        """Return the respondents who have a value of both variables, counted."""
        rows, columns = self.values(row), self.values(column)
        kinds = self.strata.kinds
        counts = self._counts(
            [rows.places, columns.places, self.strata.places], [len(rows.kinds), len(columns.kinds), len(kinds)]
        )
        return [
            Crossed(rows.kinds[at_row - 1], columns.kinds[at_column - 1], *kinds[stratum - 1], count)
            for (at_row, at_column, stratum), count in counts
            if at_row and at_column
        ]

    def split(self, variable: Variable, categories: Categories) -> list[Sample]:
        """Return the respondents of each category; of several choices one may be in several."""
        import numpy as np

        column = self.values(variable)
        own = column.places[self.numbers]
        there = [(), *(categories.of(kind) for kind in column.kinds)]
        return [
            replace(self, numbers=self.numbers[np.array([place in places for places in there])[own]])
            for place in range(len(categories.categories))
        ]

    def counted(self, column: Column) -> list[tuple[Any, int]]:
        """Return the values of a column among the respondents, and how many have each."""
        return [
            (column.kinds[place - 1], count)
            for (place,), count in self._counts([column.places], [len(column.kinds)])
            if place
        ]

    def values(self, variable: Variable) -> Column:
        """Return what each respondent has of a variable, as recorded; nothing where an answer is missing."""
        import numpy as np

        if variable.kind == "segment":
            places = np.zeros(len(self.columns.people.places), dtype=np.int32)
            places[self.numbers] = np.where(self._meeting(variable.conditions), 1, 2)
            return Column((True, False), places)
        source, found = self._recorded(variable)
        order: dict[str, int] = {}
        kinds: list[Any] = []
        where = [0]
        for value in found:
            if value is None:
                where.append(0)
                continue
            spelled = json.dumps(value, sort_keys=True)
            if spelled not in order:
                kinds.append(value)
                order[spelled] = len(kinds)
            where.append(order[spelled])
        return Column(tuple(kinds), np.array(where, dtype=np.int32)[source])

    def _recorded(self, variable: Variable) -> tuple[Places, list[Any]]:
        """Return the places of a variable's column, and what each of its kinds has recorded; None for nothing."""
        import numpy as np

        if variable.kind == "question":
            column = self.columns.answers.get(variable.name)
            if column is None:
                return np.zeros(len(self.columns.people.places), dtype=np.int32), []
            return column.places, [
                variable.recorded(kind.value) if kind.missing_reason is None else None for kind in column.kinds
            ]
        places = self.columns.people.places
        if variable.kind == "persona":
            return places, [str(one.persona_id) for one in self.people]
        if variable.kind == "arm":
            return places, [one.arms.get(variable.name) for one in self.people]
        return places, [attribute_text(one.attributes.get(variable.name)) for one in self.people]

    def _meeting(self, conditions: Sequence[AnyOf]) -> NDArray[np.bool_]:
        import numpy as np

        met = np.ones(len(self.numbers), dtype=bool)
        for any_of in conditions:
            one_met = np.zeros(len(self.numbers), dtype=bool)
            for condition in any_of:
                column = self.values(condition.variable)
                fits = [False, *(condition.variable.has(kind, condition.value) for kind in column.kinds)]
                one_met |= np.array(fits)[column.places[self.numbers]]
            met &= one_met
        return met

    def _counts(self, columns: Sequence[Places], sizes: Sequence[int]) -> list[tuple[tuple[int, ...], int]]:
        """Return how many respondents share the places in all columns, in the order of the places."""
        import numpy as np

        shape = tuple(size + 1 for size in sizes)
        joined = np.zeros(len(self.numbers), dtype=np.int64)
        for column, size in zip(columns, shape, strict=True):
            joined = joined * size + column[self.numbers]
        if (cells := math.prod(shape)) <= FEW_CELLS:
            held = np.bincount(joined, minlength=cells)
            found = np.flatnonzero(held)
            counts = held[found]
        else:
            found, counts = np.unique(joined, return_counts=True)
        places = np.unravel_index(found, shape)
        return list(zip(zip(*(one.tolist() for one in places), strict=True), counts.tolist(), strict=True))
