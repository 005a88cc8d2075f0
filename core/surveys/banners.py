"""Banner tables of a simulation.

read     read whom a page of a banner table is about
table    make the page of it; pure, to be run in a thread
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.questionnaires.content import Content, Question
from core.stats.column_letters import SMALLEST_BASE
from core.surveys.banner import Block, Level, blocks_of, columns_of, questions_of
from core.surveys.banner_schemas import BannerColumn, BannerRead
from core.surveys.models import Simulation
from core.surveys.selecting import Selected, Selection, select
from core.surveys.service import persona_names
from core.surveys.tables import known_values, partial
from core.surveys.variables import Variable

MOST_VARIABLES: Final = 10
MOST_COLUMNS: Final = 60
MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Ground:
    """All that a page is computed from."""

    simulation: Simulation
    selection: Selection
    selected: Selected
    variables: Sequence[Variable]
    questions: Sequence[Question]
    known: Mapping[str, Sequence[str]]
    warnings: Sequence[str]


async def read(
    session: AsyncSession,
    simulation: Simulation,
    columns: Sequence[str],
    rows: Sequence[str],
    selection: Selection,
    *,
    after: int,
    limit: int,
) -> Ground:
    """Read a page of `limit` questions behind the first `after`: all of the questionnaire, or those that `rows` name.

    Raises Invalid naming the parameter.
    """
    content = Content.model_validate(simulation.content)
    asked = list(content.questions())
    by_name = {f"q:{question.key}": question for question in asked}
    for at, name in enumerate(rows):
        if name not in by_name:
            raise Invalid([FieldError(("query", "rows", at), "must be q:<question key> of this simulation")])
    questions = [by_name[name] for name in dict.fromkeys(rows)] if rows else asked
    page = questions[after : after + limit]
    selected = await select(session, simulation, selection, [*columns, *(f"q:{question.key}" for question in page)])
    variables = [selected.named.variable(name, "cols", at) for at, name in enumerate(columns)]
    warnings = [*await partial(session, simulation, selected.counted), *selected.warnings]
    return Ground(simulation, selection, selected, variables, page, known_values(simulation), warnings)


def table(ground: Ground, level: Level) -> BannerRead:
    """Return a page; raises Invalid for a banner of too many columns."""
    sample = ground.selected.sample
    blocks = blocks_of(sample, ground.variables, persona_names(ground.simulation), ground.known)
    if blocks[-1].places.stop > MOST_COLUMNS:
        wrong = f"make {blocks[-1].places.stop} columns, more than the {MOST_COLUMNS} of a banner"
        raise Invalid([FieldError(("query", "cols"), wrong)])
    columns = columns_of(sample, blocks)
    return BannerRead(
        simulation_id=ground.simulation.id,
        filters=list(ground.selection.filters),
        segment_ids=list(ground.selection.segments),
        weighting_id=ground.selection.weighting,
        alpha=level.alpha,
        adjustment=level.adjustment,
        n=sample.n,
        columns=columns,
        questions=questions_of(sample, ground.questions, blocks, level),
        warnings=[*ground.warnings, *_warnings(blocks, columns)],
    )


def _warnings(blocks: Sequence[Block], columns: Sequence[BannerColumn]) -> list[str]:
    found = []
    small = [f"{column.label} ({column.n})" for column in columns[1:] if 0 < column.n < SMALLEST_BASE]
    if small:
        found.append(f"Columns of fewer than {SMALLEST_BASE} respondents are not tested: {', '.join(small)}.")
    several = [block.variable.label for block in blocks if block.variable.is_multiple]
    if several:
        found.append(f"Columns of {', '.join(several)} overlap: letters take them for separate groups of respondents.")
    return found
