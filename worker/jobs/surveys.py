"""Bodies of the survey jobs: draw respondents and fan out; ask a shard; complete."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.errors import BudgetError, PermanentError
from core.jobs.records import Fan, Shard
from core.personas import service as personas
from core.questionnaires.content import Content
from core.questionnaires.logic import conditions_of
from core.surveys import extending, repository, service
from core.surveys.drawing import first_number, rows_of, sizes_of
from core.surveys.elicitation import Voice
from core.surveys.jobs import EXTEND_SIMULATION, RUN_SHARD, RUN_SIMULATION, ExtendSimulation, RunShard, RunSimulation
from core.surveys.methods import Requested
from core.surveys.missing import BUDGET_CODES
from core.surveys.models import Simulation
from core.surveys.retest import asked_again, people_again
from core.surveys.sharding import (
    CHUNK,
    Cell,
    cell_spans,
    cells_of,
    distribution_questions,
    respondent_spans,
    steps_of_cell,
    steps_per_respondent,
)
from worker.context import JobContext
from worker.jobs.asking import Run, ask_chunk, embed_anchors, together
from worker.jobs.asking_again import ask_again
from worker.jobs.asking_cells import ask_cell
from worker.registry import Done, body

INSERT_AT_ONCE: Final = 1000
SHARDS_IN_FLIGHT: Final = 16


async def _require_answers(ctx: JobContext, simulation_id: UUID) -> None:
    """Fail when a shard failed, or nobody answered.

    What was answered is kept all the same, and a retry goes on with the shards that failed.
    """
    async with ctx.scope() as session:
        rows = await session.execute(
            text("SELECT status, error FROM job WHERE parent_id = :id ORDER BY shard_no"),
            {"id": ctx.claim.job_id},
        )
        failed = [(row.status, row.error) for row in rows if row.status != "succeeded"]
        counts = await service.count_by_reason(session, _workspace(ctx), simulation_id)
    unpaid = [error for _, error in failed if error and error.get("code") in BUDGET_CODES]
    if unpaid:
        last = max(unpaid, key=lambda error: float((error.get("budget") or {}).get("spent_usd", 0)))
        raise BudgetError(str(last["detail"]), code=str(last["code"]), budget=last.get("budget"))
    if failed:
        raise _parts_failed([error or {} for _, error in failed], ctx.claim.children_total)
    if None not in counts:  # what is missing stays as it was written; nothing is labelled, so that a retry can fill it
        reasons = ", ".join(f"{number} {reason}" for reason, number in counts.items())
        raise PermanentError(f"Not one question was answered ({reasons}).", code="no_answers")


async def complete_simulation(ctx: JobContext, args: RunSimulation) -> Done:
    """Close the simulation once its shards are done; fails when one of them failed, or nobody answered."""
    await _require_answers(ctx, args.simulation_id)
    workspace_id = _workspace(ctx)

    async def write(session: AsyncSession) -> None:
        await service.complete(session, args.simulation_id, workspace_id)

    return Done({"simulation_id": str(args.simulation_id)}, write)


async def complete_extension(ctx: JobContext, args: ExtendSimulation) -> Done:
    """Add the new respondents to the simulation once all of them were asked; until then, none."""
    await _require_answers(ctx, args.extension_id)
    workspace_id = _workspace(ctx)

    async def write(session: AsyncSession) -> None:
        await extending.finish(session, workspace_id, args.simulation_id, args.extension_id)

    return Done({"simulation_id": str(args.simulation_id)}, write)


def _parts_failed(errors: list[dict[str, Any]], parts: int) -> PermanentError:
    """Return the error of a simulation with failed shards: the first one's where all failed."""
    detail = str(errors[0].get("detail", "A part of the simulation failed."))
    if len(errors) == parts:
        return PermanentError(detail, code=str(errors[0].get("code", "permanent")))
    return PermanentError(
        f"{len(errors)} of {parts} parts of the simulation failed; a retry asks the rest. The first: {detail}",
        code="parts_failed",
    )


@body(RUN_SIMULATION, reduce=complete_simulation)
async def run_simulation(ctx: JobContext, args: RunSimulation) -> Fan:
    """Draw the respondents, embed the anchors once for all shards, and fan out."""
    return await _fan_out(ctx, args.simulation_id)


@body(EXTEND_SIMULATION, reduce=complete_extension)
async def extend_simulation(ctx: JobContext, args: ExtendSimulation) -> Fan:
    """Do the same for those who are added; nobody else is asked anything."""
    return await _fan_out(ctx, args.extension_id)


async def _fan_out(ctx: JobContext, simulation_id: UUID) -> Fan:
    """Draw the respondents of a row, and divide them among shards."""
    async with ctx.scope() as session:
        simulation = await service.get_by_id(session, _workspace(ctx), simulation_id)
        people = await personas.snapshots(session, simulation.workspace_id, service.persona_versions(simulation))
    content = service.content_of(simulation)
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    rows = rows_of(simulation, people)
    for start in range(0, len(rows), INSERT_AT_ONCE):
        part = rows[start : start + INSERT_AT_ONCE]
        await ctx.save(lambda session, part=part: service.add_respondents(session, simulation, part))  # type: ignore[misc]
    await embed_anchors(ctx, simulation, content, requested)
    shards = await _shards(ctx, simulation, content, requested)
    await ctx.progress(total=sum(shard.total for _, shard in shards), message="Respondents are answering")
    return Fan(shards, SHARDS_IN_FLIGHT)


async def _shards(
    ctx: JobContext, simulation: Simulation, content: Content, requested: Requested
) -> list[tuple[Any, Shard]]:
    parts: list[tuple[RunShard, int]] = []
    each = steps_per_respondent(content, requested)
    if each:
        before = first_number(simulation) - 1
        people, twice = _asked_again(simulation), len(asked_again(content, requested, simulation.seed))
        for span in respondent_spans(simulation.sample_size):
            first, last = before + span.first, before + span.last
            args = RunShard(simulation_id=simulation.id, part="respondents", first=first, last=last)
            parts.append((args, each * (span.last - span.first) + twice * len(people & set(range(first, last)))))
    per_cell, draws = distribution_questions(content, requested), simulation.parameters["distribution_draws"]
    if per_cell:
        conditions = conditions_of(content)
        cells = await _cells(ctx, simulation)
        for span in cell_spans(len(cells)):
            args = RunShard(simulation_id=simulation.id, part="cells", first=span.first, last=span.last)
            steps = sum(steps_of_cell(cell, per_cell, conditions) for cell in cells[span.first : span.last])
            parts.append((args, steps * draws))
    return [(RUN_SHARD, Shard(number, args, total)) for number, (args, total) in enumerate(parts)]


@body(RUN_SHARD)
async def run_shard(ctx: JobContext, args: RunShard) -> Done:
    """Ask one shard's respondents, or about its cells; answers are written chunk by chunk.

    Once the budget is used up it fails, with what was paid for written.
    """
    async with ctx.scope() as session:
        simulation = await service.get_by_id(session, _workspace(ctx), args.simulation_id)
    content = service.content_of(simulation)
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    run = Run(ctx, simulation, content, requested)
    with ctx.lanes.expect(ctx.claim.job_id):
        if args.part == "respondents":
            run.anchors = await embed_anchors(ctx, simulation, content, requested)
            voices = await _voices(ctx, simulation, args.first, args.last)
            chunks = [voices[start : start + CHUNK] for start in range(0, len(voices), CHUNK)]
            await together([ask_chunk(run, chunk) for chunk in chunks])
            run.again = _asked_again(simulation)
            await together([ask_again(run, chunk) for chunk in chunks])
        else:
            cells = (await _cells(ctx, simulation))[args.first : args.last]
            await together([ask_cell(run, cell) for cell in cells])
    if run.stopped is not None:
        raise run.stopped
    return Done()


def _asked_again(simulation: Simulation) -> frozenset[int]:
    """Return the numbers of those who are asked again: of those drawn first, and not of those who were added."""
    if simulation.extension_of is not None:
        return frozenset()
    return people_again(simulation.seed, sizes_of(simulation)[0], simulation.parameters.get("retest_share", 0.0))


Profiles = dict[tuple[UUID, int], dict[str, Any]]


async def _profiles(session: AsyncSession, simulation: Simulation) -> Profiles:
    taking_part = await personas.snapshots(session, simulation.workspace_id, service.persona_versions(simulation))
    return {(one.persona_id, one.version): one.profile for one in taking_part}


async def _cells(ctx: JobContext, simulation: Simulation) -> list[Cell]:
    """Return all cells; of the respondents in them no more than their numbers is read."""
    async with ctx.scope() as session:
        rows = await repository.list_same(session, simulation.workspace_id, simulation.id)
        profiles = await _profiles(session, simulation)
    return cells_of(
        [
            (
                Voice(
                    row.numbers[0],
                    row.persona_id,
                    row.persona_version,
                    profiles[row.persona_id, row.persona_version],
                    row.attributes,
                    row.arms,
                ),
                row.numbers,
            )
            for row in rows
        ]
    )


async def _voices(ctx: JobContext, simulation: Simulation, first: int, last: int) -> list[Voice]:
    async with ctx.scope() as session:
        people = await repository.list_respondents(
            session, simulation.workspace_id, simulation.id, first=first, last=last
        )
        profiles = await _profiles(session, simulation)
    return [
        Voice(
            person.number,
            person.persona_id,
            person.persona_version,
            profiles[person.persona_id, person.persona_version],
            person.attributes,
            person.arms,
        )
        for person in people
    ]


def _workspace(ctx: JobContext) -> UUID:
    if ctx.claim.workspace_id is None:
        raise PermanentError("A simulation belongs to a workspace.")
    return ctx.claim.workspace_id
