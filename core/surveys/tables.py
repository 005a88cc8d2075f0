"""Tables of a simulation's data.

read    count the respondents of a table of two variables
table   make the table of them: percentages, letters, a test of independence, what to be careful about
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.stats.column_letters import Adjustment
from core.stats.targets import parse_targets
from core.surveys import crossing, repository
from core.surveys.cautions import partial_warning
from core.surveys.crosstab import Asked, table_of
from core.surveys.methods import method_for
from core.surveys.models import Simulation
from core.surveys.schemas import CrosstabRead
from core.surveys.service import content_of, persona_names, status_of
from core.surveys.variables import Variable, parse_condition, parse_variable

MOST_FILTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Ground:
    """All that a table is computed from."""

    asked: Asked
    counted: Sequence[crossing.Crossed]
    personas: Mapping[UUID, str]
    known: Mapping[str, Sequence[str]]
    warnings: Sequence[str]


async def read(
    session: AsyncSession,
    simulation: Simulation,
    row: str,
    column: str,
    filters: Sequence[str] = (),
    *,
    alpha: float = 0.05,
    adjustment: Adjustment = "holm",
) -> Ground:
    """Count those who meet all filters by `row` and `column`, from the answers recorded so far.

    Raises Invalid naming the parameter for a variable or filter that cannot be used.
    """
    content, ids = content_of(simulation), (simulation.workspace_id, simulation.id)
    attributes = await repository.attribute_names(session, *ids)
    rows = parse_variable(row, content, attributes, ("query", "row"))
    columns = parse_variable(column, content, attributes, ("query", "col"))
    conditions = [parse_condition(one, content, attributes, ("query", "filter", at)) for at, one in enumerate(filters)]
    counted = await crossing.crossed(session, *ids, rows, columns, conditions)
    used = [rows, columns, *(condition.variable for condition in conditions)]
    warnings = [*await _partial(session, simulation), *_independent_draws(simulation, used)]
    asked = Asked(rows, columns, alpha, adjustment)
    return Ground(asked, counted, persona_names(simulation), _known(simulation), warnings)


def table(ground: Ground) -> CrosstabRead:
    """Return the table; of ten thousand respondents it takes a tenth of a second."""
    return table_of(ground.asked, ground.counted, ground.personas, ground.known, ground.warnings)


async def _partial(session: AsyncSession, simulation: Simulation) -> list[str]:
    if simulation.complete:
        return []
    people = await repository.count_alike(session, simulation.workspace_id, simulation.id, answering=True)
    answered = sum(alike.count for alike in people)
    return [partial_warning(await status_of(session, simulation), answered, simulation.sample_size)]


def _independent_draws(simulation: Simulation, used: Sequence[Variable]) -> list[str]:
    """Tell which questions of a table were answered from stated probabilities, one independent of the other."""
    drawn = list(
        dict.fromkeys(
            variable.name
            for variable in used
            if variable.question is not None and method_for(variable.question, simulation.method) == "distribution"  # type: ignore[arg-type]  # written from a Requested
        )
    )
    if len(drawn) < 2:
        return []
    told = (
        f"{' and '.join(drawn)} were answered by the method distribution: within a persona and its attributes the"
        " answers to them are independent, so that the table understates how they go together."
    )
    return [told]


def _known(simulation: Simulation) -> dict[str, list[str]]:
    """Return attribute → its values in the order of the plan's targets, where there are any."""
    if simulation.plan is None or simulation.plan["targets"] is None:
        return {}
    found: dict[str, dict[str, None]] = {}
    for cell in parse_targets(simulation.plan["targets"]).cells:
        for name, value in cell.values.items():
            found.setdefault(name, {})[str(value)] = None
    return {name: list(values) for name, values in found.items()}
