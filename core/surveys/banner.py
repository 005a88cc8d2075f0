"""Computes questions against a banner, several variables side by side; pure. Formulas are in `core.stats`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.questionnaires.content import Question
from core.stats.column_letters import SMALLEST_BASE, Adjustment, Mean, differing, differing_means, letter_of
from core.surveys.banner_schemas import (
    BannerBase,
    BannerCell,
    BannerColumn,
    BannerFigure,
    BannerQuestion,
    BannerRow,
)
from core.surveys.batteries import part_tallies
from core.surveys.figures import rounded
from core.surveys.repository import Tally
from core.surveys.results import question_result, worth_of
from core.surveys.samples import Sample
from core.surveys.schemas import QuestionResult
from core.surveys.variables import Categories, Category, Variable, categories_of

TOTAL: Final = Variable("segment", title="Total")
"""A segment without conditions: everybody is in it."""


@dataclass(frozen=True, slots=True)
class Block:
    """One variable of a banner, its categories, and where its columns stand among all."""

    variable: Variable
    categories: Categories
    first: int

    @property
    def size(self) -> int:
        """Return how many columns it has."""
        return len(self.categories.categories)

    @property
    def is_clustered(self) -> bool:
        """Tell whether respondents of a persona count as alike: within a persona they are independent draws."""
        return self.variable.kind != "persona"

    @property
    def places(self) -> range:
        """Return the places of its columns among all columns."""
        return range(self.first, self.first + self.size)


@dataclass(frozen=True, slots=True)
class Level:
    """The conditions on tests."""

    alpha: float
    adjustment: Adjustment


def blocks_of(
    sample: Sample, variables: Sequence[Variable], personas: Mapping[UUID, str], known: Mapping[str, Sequence[str]]
) -> list[Block]:
    """Return the banner's blocks, the total first; an attribute has the values that respondents of the sample have."""
    found = [Block(TOTAL, _categories(sample, TOTAL, personas, known), 0)]
    for variable in variables:
        categories = _categories(sample, variable, personas, known)
        found.append(Block(variable, categories, found[-1].places.stop))
    return found


def columns_of(sample: Sample, blocks: Sequence[Block]) -> list[BannerColumn]:
    """Return the columns with how many respondents each holds."""
    found: list[BannerColumn] = []
    for block in blocks:
        whole = block.variable is TOTAL
        for category, part in zip(block.categories.categories, _parts(sample, block), strict=True):
            people = part.alike()
            found.append(
                BannerColumn(
                    variable=None if whole else block.variable.spelled(),
                    variable_label="" if whole else block.variable.label,
                    code=category.code,
                    label=category.label,
                    letter=None if whole else letter_of(len(found) - 1),
                    n=part.n,
                    weighted_n=rounded(math.fsum(one.weight * one.count for one in people)),
                    n_eff=worth_of(people, clustered=block.is_clustered),
                )
            )
    return found


def questions_of(
    sample: Sample, questions: Sequence[Question], blocks: Sequence[Block], level: Level
) -> list[BannerQuestion]:
    """Return questions against the banner: a matrix row by row, a ranking by its first choices."""
    parts = [(part, block.is_clustered) for block in blocks for part in _parts(sample, block)]
    found = []
    for question in questions:
        tallies = [part.tallies(question.key) for part, _ in parts]
        for one in question.items() or (question,):
            own = tallies if one is question else [part_tallies(question, one, each) for each in tallies]
            found.append(_question(one, own, [clustered for _, clustered in parts], blocks, level))
    return found


def _parts(sample: Sample, block: Block) -> list[Sample]:
    """Return the respondents of each column of a block."""
    if block.variable is TOTAL:
        return [sample]
    return sample.split(block.variable, block.categories)


def _question(
    question: Question,
    tallies: Sequence[Sequence[Tally]],
    clustered: Sequence[bool],
    blocks: Sequence[Block],
    level: Level,
) -> BannerQuestion:
    results = [
        question_result(question, own, {}, clustered=alike) for own, alike in zip(tallies, clustered, strict=True)
    ]
    letters = _Letters(blocks, results, level)
    scored = any(one.mean is not None for one in results)
    return BannerQuestion(
        key=question.key,
        type=question.type,
        text=question.text,
        bases=[
            BannerBase(n=one.n, weighted_n=_weight(own), n_eff=one.n_eff, tested=one.n >= SMALLEST_BASE)
            for one, own in zip(results, tallies, strict=True)
        ],
        rows=_rows(results, letters),
        mean=letters.of_means() if scored else None,
        sd=[one.sd for one in results] if scored else None,
        top2=letters.of_figures([one.top2 for one in results]),
        bottom2=letters.of_figures([one.bottom2 for one in results]),
        nps=[one.nps and one.nps.value for one in results] if question.type == "nps" else None,
    )


def _weight(tallies: Sequence[Tally]) -> float:
    return rounded(math.fsum(t.weight * t.count for t in tallies if t.missing_reason is None))


def _rows(results: Sequence[QuestionResult], letters: _Letters) -> list[BannerRow]:
    found = []
    for options in zip(*(one.options for one in results), strict=True):
        told = letters.of_shares([option.weighted_pct for option in options])
        found.append(
            BannerRow(
                code=options[0].code,
                label=options[0].label,
                cells=[
                    BannerCell(
                        n=option.count,
                        weighted_n=option.weighted_count,
                        col_pct=option.weighted_pct if result.n else None,
                        ci=option.ci if result.n else None,
                        letters=own,
                    )
                    for option, result, own in zip(options, results, told, strict=True)
                ],
            )
        )
    return found


class _Letters:
    """The letters of one question's figures: columns are compared within each block, those of few answers are not."""

    def __init__(self, blocks: Sequence[Block], results: Sequence[QuestionResult], level: Level) -> None:
        self.blocks, self.results, self.level = blocks, results, level
        self.tested = [one.n >= SMALLEST_BASE for one in results]

    def of_shares(self, shares: Sequence[float | None]) -> list[str]:
        """Return the letters of percentages (0–100), one for each column."""
        compared = [
            share / 100 if share is not None and tested else None
            for share, tested in zip(shares, self.tested, strict=True)
        ]
        return self._lettered(
            lambda at: differing(
                [compared[place] for place in at],
                [self.results[place].n_eff for place in at],
                alpha=self.level.alpha,
                adjustment=self.level.adjustment,
            )
        )

    def of_figures(self, shares: Sequence[float | None]) -> list[BannerFigure] | None:
        """Return percentages with their letters; None where no column has one."""
        if all(share is None for share in shares):
            return None
        letters = self.of_shares(shares)
        return [BannerFigure(value=share, letters=own) for share, own in zip(shares, letters, strict=True)]

    def of_means(self) -> list[BannerFigure]:
        """Return the means with their letters."""
        means = [
            Mean(one.mean, one.sd, one.n_eff) if tested and one.mean is not None and one.sd is not None else None
            for one, tested in zip(self.results, self.tested, strict=True)
        ]
        letters = self._lettered(
            lambda at: differing_means(
                [means[place] for place in at], alpha=self.level.alpha, adjustment=self.level.adjustment
            )
        )
        return [BannerFigure(value=one.mean, letters=own) for one, own in zip(self.results, letters, strict=True)]

    def _lettered(self, compare: Callable[[Sequence[int]], list[list[int]]]) -> list[str]:
        found = [""] * len(self.results)
        for block in self.blocks:
            for place, lower in zip(block.places, compare(block.places), strict=True):
                found[place] = "".join(letter_of(block.first + other - 1) for other in lower)
        return found


def _categories(
    sample: Sample, variable: Variable, personas: Mapping[UUID, str], known: Mapping[str, Sequence[str]]
) -> Categories:
    if variable is TOTAL:
        return Categories((Category("total", "Total"),), {})
    column = sample.values(variable)
    return categories_of(variable, sample.counted(column), personas, known.get(variable.name, ()))
