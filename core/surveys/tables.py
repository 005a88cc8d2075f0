"""Tables of a simulation's data.

read    read the respondents of a table of two variables
table   make the table of them: percentages, letters, a test of independence, what to be careful about
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.stats.column_letters import Adjustment
from core.stats.targets import parse_targets
from core.surveys.cautions import partial_warning
from core.surveys.crosstab import Asked, drawn_by_lot, table_of
from core.surveys.methods import method_for
from core.surveys.models import Simulation
from core.surveys.schemas import CrosstabRead
from core.surveys.selecting import EVERYBODY, Selected, Selection, select
from core.surveys.service import persona_names, status_of
from core.surveys.variables import Variable


@dataclass(frozen=True, slots=True)
class Ground:
    """All that a table is computed from."""

    asked: Asked
    selected: Selected
    personas: Mapping[UUID, str]
    known: Mapping[str, Sequence[str]]
    warnings: Sequence[str]


async def read(
    session: AsyncSession,
    simulation: Simulation,
    row: str,
    column: str,
    selection: Selection = EVERYBODY,
    *,
    alpha: float = 0.05,
    adjustment: Adjustment = "holm",
) -> Ground:
    """Read those who are selected, to be counted by `row` and `column`, from the answers recorded so far.

    Raises Invalid naming the parameter for a variable, filter, segment or weighting that cannot be used.
    """
    selected = await select(session, simulation, selection, [row, column])
    rows, columns = selected.named.variable(row, "row"), selected.named.variable(column, "col")
    used = [rows, columns, *selected.variables]
    warnings = [
        *await partial(session, simulation, selected.counted),
        *selected.warnings,
        *independent_draws(simulation, used),
    ]
    by_lot = drawn_by_lot(rows, columns, simulation.method)  # type: ignore[arg-type]  # written from a Requested
    asked = Asked(rows, columns, alpha, adjustment, by_lot)
    return Ground(asked, selected, persona_names(simulation), known_values(simulation), warnings)


def table(ground: Ground) -> CrosstabRead:
    """Return the table."""
    counted = ground.selected.sample.crossed(ground.asked.row, ground.asked.column)
    return table_of(ground.asked, counted, ground.personas, ground.known, ground.warnings)


async def partial(session: AsyncSession, simulation: Simulation, answered: int) -> list[str]:
    """Tell that a simulation is not complete, where it is not."""
    if simulation.complete:
        return []
    return [partial_warning(await status_of(session, simulation), answered, simulation.sample_size)]


def independent_draws(simulation: Simulation, used: Sequence[Variable]) -> list[str]:
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


def known_values(simulation: Simulation) -> dict[str, list[str]]:
    """Return attribute → its values in the order of the plan's targets, where there are any."""
    if simulation.plan is None or simulation.plan["targets"] is None:
        return {}
    found: dict[str, dict[str, None]] = {}
    for cell in parse_targets(simulation.plan["targets"]).cells:
        for name, value in cell.values.items():
            found.setdefault(name, {})[str(value)] = None
    return {name: list(values) for name, values in found.items()}
