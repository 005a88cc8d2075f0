"""Whom figures of a simulation are about, and how much each weighs: filters, segments, a weighting.

base      those counted where nothing is asked for
weights   what each weighs under a weighting
select    those who meet all filters and segments, weighted
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select as select_rows
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import FieldError, Invalid
from core.questionnaires.content import Content
from core.stats.column_letters import SMALLEST_BASE
from core.stats.targets import parse_targets
from core.surveys import columns, segments
from core.surveys.models import Segment, Simulation, Weighting
from core.surveys.reweighing import reweighed
from core.surveys.samples import Sample
from core.surveys.variables import (
    NO_SUCH_SEGMENT,
    AnyOf,
    Variable,
    parse_condition,
    parse_segment,
    parse_variable,
    segment_of,
)

MOST_FILTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """What a request asks for: filters and segments, all of which must be met, and a weighting."""

    filters: Sequence[str] = ()
    segments: Sequence[UUID] = ()
    weighting: UUID | None = None


EVERYBODY: Final = Selection()


@dataclass(frozen=True, slots=True)
class Named:
    """What variables of a request can name: the questions, the respondents' attributes, the segments it names."""

    content: Content
    attributes: Sequence[str]
    segments: Mapping[UUID, Segment]

    def variable(self, text: str, *loc: str | int) -> Variable:
        """Return a variable; raises Invalid at `loc` in the query."""
        return parse_variable(text, self.content, self.attributes, ("query", *loc), self.segments)


@dataclass(frozen=True, slots=True)
class Selected:
    """The respondents selected, of so many `counted`; what was asked of them, and what to be careful about.

    `everybody` has besides those who meet the conditions and answered nothing: they tell what is missing.
    """

    sample: Sample
    everybody: Sample
    counted: int
    named: Named
    conditions: Sequence[AnyOf]
    weighting: Weighting | None
    warnings: Sequence[str]

    @property
    def variables(self) -> list[Variable]:
        """Return the variables that conditions are about."""
        return [condition.variable for any_of in self.conditions for condition in any_of]


async def base(session: AsyncSession, simulation: Simulation, keys: Sequence[str]) -> Sample:
    """Return who is counted: all respondents of a complete run, of any other those who answered at least one question.

    `keys` are the questions whose answers are read; of a run that is not complete they are all read.
    """
    return _counted(simulation, await _everybody(session, simulation, keys))


async def select(
    session: AsyncSession, simulation: Simulation, selection: Selection, asked: Sequence[str] | None
) -> Selected:
    """Return who meets a selection; `asked` are variables to be read besides, all questions where it is None.

    Raises Invalid naming the parameter.
    """
    content = Content.model_validate(simulation.content)
    found = await _segments(session, simulation, selection, asked or ())
    keys = [question.key for question in content.questions()]
    if asked is not None:
        named_in = [*asked, *selection.filters, *_spelled(found.values())]
        keys = [key for key in keys if any(text.startswith(f"q:{key}") for text in named_in)]
    everybody = await _everybody(session, simulation, keys)
    sample = _counted(simulation, everybody)
    attributes = sorted({name for one in sample.people for name in one.attributes})
    named = Named(content, attributes, found)
    conditions = _conditions(named, selection)
    warnings: list[str] = []
    weighting = None
    if selection.weighting is not None:
        weighting = await find_weighting(session, simulation, selection.weighting)
        if weighting is None:
            raise Invalid([FieldError(("query", "weighting"), "names no weighting of this simulation")])
        weighed = reweighed(sample, parse_targets(weighting.targets), weighting.cap, ("query", "weighting"))
        sample, warnings = weighed.sample, list(weighed.warnings)
        everybody = everybody.weighing(sample.weights)
    chosen = sample.where(conditions)
    if conditions:
        warnings += _small(chosen.n)
    return Selected(chosen, everybody.where(conditions), sample.n, named, conditions, weighting, warnings)


async def _everybody(session: AsyncSession, simulation: Simulation, keys: Sequence[str]) -> Sample:
    questions = list(Content.model_validate(simulation.content).questions())
    texts = [question.key for question in questions if question.type == "open_ended"]
    read = keys if simulation.complete else [question.key for question in questions]
    return Sample.of(await columns.read(session, simulation, read, texts))


def _counted(simulation: Simulation, everybody: Sample) -> Sample:
    return everybody if simulation.complete else everybody.answering(everybody.columns.answers)


async def weights(session: AsyncSession, simulation: Simulation, weighting_id: UUID) -> dict[int, float]:
    """Return the weight of each respondent by number under a weighting; raises Invalid naming the parameter."""
    sample = (await select(session, simulation, Selection(weighting=weighting_id), ())).sample
    return dict(zip(sample.numbers.tolist(), sample.strata.weights[sample.numbers].tolist(), strict=True))


async def find_weighting(session: AsyncSession, simulation: Simulation, weighting_id: UUID) -> Weighting | None:
    """Return a weighting of the simulation; None where there is no such."""
    query = select_rows(Weighting).where(
        col(Weighting.workspace_id) == simulation.workspace_id,
        col(Weighting.simulation_id) == simulation.id,
        col(Weighting.id) == weighting_id,
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _segments(
    session: AsyncSession, simulation: Simulation, selection: Selection, asked: Sequence[str]
) -> dict[UUID, Segment]:
    ids = {*selection.segments, *(found for text in asked if (found := segment_of(text)) is not None)}
    return await segments.find_many(session, simulation.workspace_id, simulation.exploration_id, ids)


def _conditions(named: Named, selection: Selection) -> list[AnyOf]:
    found: list[AnyOf] = []
    for at, text in enumerate(selection.filters):
        found.append((parse_condition(text, named.content, named.attributes, ("query", "filter", at)),))
    for at, segment_id in enumerate(selection.segments):
        loc = ("query", "segment", at)
        if segment_id not in named.segments:
            raise Invalid([FieldError(loc, NO_SUCH_SEGMENT)])
        found += parse_segment(named.segments[segment_id], named.content, named.attributes, loc)
    return found


def _spelled(found: Iterable[Segment]) -> list[str]:
    return [
        text for one in found for any_of in one.conditions for text in ([any_of] if isinstance(any_of, str) else any_of)
    ]


def _small(n: int) -> list[str]:
    if n >= SMALLEST_BASE:
        return []
    if n == 0:
        return ["Nobody meets what was asked for: there are no figures."]
    meets = "respondent meets" if n == 1 else "respondents meet"
    return [f"Only {n} {meets} what was asked for: fewer than {SMALLEST_BASE} tell little."]
