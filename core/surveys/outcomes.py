"""Results of a simulation, for all its respondents or some of them.

gather     read what they are computed from
compute    compute them; pure, to be run in a thread
read       both
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.models import Job
from core.jobs.shown import shown_status
from core.personas import service as personas
from core.personas.schemas import PersonaSnapshot
from core.population.matching import realised_margins
from core.population.schemas import Realised
from core.questionnaires.splits import resolved
from core.stats.targets import parse_targets
from core.surveys.arm_results import by_splits, pinned, split_bases
from core.surveys.cautions import partial_warning, result_warnings
from core.surveys.methods import Requested
from core.surveys.missing import unasked_reason
from core.surveys.models import Simulation
from core.surveys.repository import Alike
from core.surveys.results import persona_bases, question_result, worth_of
from core.surveys.schemas import QuestionResult, ResultsRead
from core.surveys.selecting import EVERYBODY, Selected, Selection, select
from core.surveys.service import job_of, model_of, persona_names, persona_versions


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that results are computed from."""

    simulation: Simulation
    selection: Selection
    selected: Selected
    job: Job
    personas: Sequence[PersonaSnapshot]
    model: str | None
    demonstration: bool | None


async def read(session: AsyncSession, simulation: Simulation, selection: Selection = EVERYBODY) -> ResultsRead:
    """Compute the results of those selected from the answers recorded so far; raises Invalid naming the parameter."""
    return await asyncio.to_thread(compute, await gather(session, simulation, selection))


async def gather(session: AsyncSession, simulation: Simulation, selection: Selection = EVERYBODY) -> Gathered:
    """Read what the results of those selected are computed from; raises Invalid naming the parameter."""
    selected = await select(session, simulation, selection, None)
    taking_part = await personas.snapshots(session, simulation.workspace_id, persona_versions(simulation))
    job = await job_of(session, simulation)
    return Gathered(simulation, selection, selected, job, taking_part, *await model_of(session, simulation))


def compute(gathered: Gathered) -> ResultsRead:
    """Return the results; what a stopped run did not ask counts as missing.

    As long as a simulation is not complete, its respondents are those who answered at least one question.
    """
    simulation, selected, status = gathered.simulation, gathered.selected, shown_status(gathered.job)
    sample, names = selected.sample, persona_names(simulation)
    people = sample.alike()
    warnings = [] if simulation.complete else [partial_warning(status, selected.counted, simulation.sample_size)]
    content, known = selected.named.content, pinned(selected.conditions)
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    questions = [
        question_result(question, selected.everybody.tallies(question.key), names).model_copy(
            update={"by_split": by_splits(question, content, selected.everybody, requested, known)}
        )
        for question in resolved(content, known).questions()
    ]
    _count_unasked(gathered, questions)
    return ResultsRead(
        simulation_id=simulation.id,
        status=status,
        complete=simulation.complete,
        filters=list(gathered.selection.filters),
        segment_ids=list(gathered.selection.segments),
        weighting_id=gathered.selection.weighting,
        n=sample.n,
        n_planned=simulation.sample_size,
        n_eff=worth_of(people),
        model=gathered.model,
        demonstration=gathered.demonstration,
        warnings=[*warnings, *selected.warnings, *result_warnings(simulation, gathered.personas, people)],
        personas=persona_bases(people, names),
        realised=_realised(simulation, people),
        splits=split_bases(content, sample),
        questions=questions,
    )


def _count_unasked(gathered: Gathered, questions: Sequence[QuestionResult]) -> None:
    """Add what a stopped run did not ask to what is missing: of those selected, or of all it was to ask."""
    reason = unasked_reason(gathered.job)
    if reason is None:
        return
    asked = gathered.selected.everybody.n if gathered.selected.conditions else gathered.simulation.sample_size
    for question in questions:
        unasked = asked - question.n - sum(question.missing.values())
        if unasked > 0:
            question.missing[reason] = question.missing.get(reason, 0) + unasked


def _realised(simulation: Simulation, people: Sequence[Alike]) -> Realised | None:
    """Return the margins of the respondents beside those of the plan's targets."""
    if simulation.plan is None or simulation.plan["targets"] is None:
        return None
    cells = parse_targets(simulation.plan["targets"]).cells
    return realised_margins(cells, [(alike.attributes, alike.weight * alike.count) for alike in people])
