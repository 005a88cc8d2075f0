"""Two runs compared.

compare    compare them; of complete runs, whose answers do not change, a process keeps its last comparisons
compute    compute a comparison; pure, to be run in a thread
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.jobs.shown import ShownStatus
from core.questionnaires.content import Question
from core.stats.column_letters import SMALLEST_BASE, Adjustment
from core.stats.differences import adjusted
from core.surveys.batteries import comparable, part_tallies
from core.surveys.cautions import partial_warning
from core.surveys.comparison import Asked, compared, matched
from core.surveys.comparison_schemas import ComparedQuestion, ComparedRun, ComparisonRead
from core.surveys.exporting import Scope
from core.surveys.models import Simulation
from core.surveys.results import worth_of
from core.surveys.samples import Sample
from core.surveys.selecting import EVERYBODY, select
from core.surveys.service import content_of, get, model_of, status_of

MOST_KEPT: Final = 32
_kept: OrderedDict[tuple[Any, ...], ComparisonRead] = OrderedDict()
"""By the runs with their sizes, which an extension changes, and what was asked."""
ONE_SEED: Final = (
    "Both runs have one seed: where nothing changed, answers are the same ones. They count as separate draws all the"
    " same, so that intervals are wider and p larger than they might be."
)


@dataclass(frozen=True, slots=True)
class Run:
    """One of the two runs, and who is counted of it."""

    simulation: Simulation
    status: ShownStatus
    model: str | None
    sample: Sample
    everybody: Sample

    def told(self) -> ComparedRun:
        """Return what is told of it."""
        one = self.simulation
        return ComparedRun(
            simulation_id=one.id,
            title=one.title,
            status=self.status,
            complete=one.complete,
            n=self.sample.n,
            n_eff=worth_of(self.sample.alike()),
            questionnaire_id=one.questionnaire_id,
            questionnaire_version=one.questionnaire_version,
            method=one.method,
            seed=one.seed,
            model=self.model,
        )


async def compare(
    scope: Scope,
    workspace_id: UUID,
    exploration_id: UUID,
    pair: tuple[UUID, UUID],
    alpha: float = 0.05,
    adjustment: Adjustment = "holm",
) -> ComparisonRead:
    """Compare two simulations of an exploration; raises SimulationNotFound, and Invalid where they are one."""
    async with scope() as session:
        first = await get(session, workspace_id, exploration_id, pair[0])  # whose it is goes before what is asked
        if pair[0] == pair[1]:
            raise Invalid([FieldError(("query", "b"), "is the same simulation as a")])
        simulations = first, await get(session, workspace_id, exploration_id, pair[1])
        states = [(one.id, one.sample_size, await status_of(session, one)) for one in simulations]
        named = *states, alpha, adjustment
        if (kept := _kept.get(named)) is not None:
            _kept.move_to_end(named)
            return kept
        a, b = await read(session, simulations[0]), await read(session, simulations[1])
    made = await asyncio.to_thread(compute, a, b, alpha, adjustment)
    if all(one.complete for one in simulations):
        _kept[named] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


async def read(session: AsyncSession, simulation: Simulation) -> Run:
    """Read what a simulation is compared by."""
    selected = await select(session, simulation, EVERYBODY, None)
    model, _ = await model_of(session, simulation)
    return Run(simulation, await status_of(session, simulation), model, selected.sample, selected.everybody)


def compute(a: Run, b: Run, alpha: float, adjustment: Adjustment) -> ComparisonRead:
    """Return the comparison: each question that both runs asked, and which of them differ."""
    first, second = (_parts(run) for run in (a, b))
    keys, others = matched([part for _, part in first.values()], [part for _, part in second.values()])
    questions = [compared(_asked(a, *first[key]), _asked(b, *second[key])) for key in keys]
    for question, p in zip(questions, adjusted([one.p for one in questions], adjustment), strict=True):
        question.adjusted_p = p
        question.differs = p is not None and p <= alpha
    runs = a.told(), b.told()
    return ComparisonRead(
        a=runs[0],
        b=runs[1],
        alpha=alpha,
        adjustment=adjustment,
        questions=questions,
        not_comparable=others,
        differing=[one.key for one in questions if one.differs],
        warnings=[*_partial(a, b), *_unlike(a, b), *_small(questions)],
    )


def _parts(run: Run) -> dict[str, tuple[Question, Question]]:
    """Return by key what can be compared, each with the question it is of."""
    questions = content_of(run.simulation).questions()
    return {part.key: (question, part) for question in questions for part in comparable(question)}


def _asked(run: Run, question: Question, part: Question) -> Asked:
    return Asked(part, part_tallies(question, part, run.everybody.tallies(question.key, by_weight=True)))


def _partial(*runs: Run) -> list[str]:
    return [
        f"{name}: {partial_warning(run.status, run.sample.n, run.simulation.sample_size)}"
        for name, run in zip("ab", runs, strict=True)
        if not run.simulation.complete
    ]


def _unlike(a: Run, b: Run) -> list[str]:
    """Tell what else differs between two runs, so that a difference may come of that."""
    one, other = a.simulation, b.simulation
    pairs = [
        (one.content != other.content, "The questionnaires differ: what was asked before may tell on later answers."),
        (one.language != other.language, "The languages differ."),
        (a.model != b.model, f"The models differ: {a.model or 'none yet'} in a, {b.model or 'none yet'} in b."),
        (_ids(one) != _ids(other), "Other personas take part: the runs differ by whom they ask."),
        (
            _ids(one) == _ids(other) and one.personas != other.personas,
            "Personas take part in other versions or with other weights.",
        ),
        (one.plan != other.plan, "The population plans differ."),
        (one.method != other.method, f"The methods differ: {one.method} in a, {other.method} in b."),
        (one.parameters != other.parameters, "The parameters of the methods differ."),
        (
            one.sample_size != other.sample_size,
            f"The sizes differ: {one.sample_size:,} respondents in a, {other.sample_size:,} in b.",
        ),
        (
            one.seed == other.seed and one.sizes == other.sizes,
            ONE_SEED,
        ),
    ]
    return [told for differs, told in pairs if differs]


def _ids(simulation: Simulation) -> list[str]:
    return sorted(part["persona_id"] for part in simulation.personas)


def _small(questions: Sequence[ComparedQuestion]) -> list[str]:
    small = [one.key for one in questions if min(one.a.n, one.b.n) < SMALLEST_BASE]
    return [f"Fewer than {SMALLEST_BASE} answers in a run tell little: {', '.join(small)}."] if small else []
