"""Bodies of the survey jobs: draw respondents and fan out; ask a shard; complete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.errors import PermanentError
from core.jobs.records import Fan, Shard
from core.llm.contract import Call
from core.llm.errors import ModelRefused, ModelReplyUnusable
from core.personas import service as personas
from core.population.respondents import draw_respondents, respondent_frame
from core.population.schemas import PlanDocument
from core.questionnaires.content import Content, Question, Section
from core.stats import ssr
from core.surveys import repository, service
from core.surveys.elicitation import (
    Given,
    Voice,
    anchor_sets,
    by_method,
    distribution_input,
    draw_one,
    in_words,
    mean_probabilities,
    section_input,
)
from core.surveys.jobs import RUN_SHARD, RUN_SIMULATION, RunShard, RunSimulation
from core.surveys.methods import Method, Requested
from core.surveys.models import Simulation
from core.surveys.prompts import SURVEY_DIRECT, SURVEY_DISTRIBUTION, SURVEY_STATEMENTS, EarlierAnswer
from core.surveys.sharding import (
    Cell,
    cell_spans,
    cells_of,
    distribution_questions,
    respondent_spans,
    step_seed,
    steps_per_respondent,
)
from worker.context import Asked, JobContext
from worker.registry import Done, body

# Respondents whose answers are written together: what a cancelled shard loses is at most this many.
CHUNK: Final = 10
INSERT_AT_ONCE: Final = 2000
SHARDS_IN_FLIGHT: Final = 16


@dataclass(slots=True)
class Run:
    """A simulation under way in this shard."""

    ctx: JobContext
    simulation: Simulation
    content: Content
    requested: Requested
    anchors: dict[str, ssr.Anchors] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """Seed of the whole simulation."""
        return self.simulation.seed


async def complete_simulation(ctx: JobContext, args: RunSimulation) -> Done:
    """Close the simulation once its shards are done; fails when every one of them failed."""
    async with ctx.scope() as session:
        rows = await session.execute(
            text("SELECT status, error FROM job WHERE parent_id = :id ORDER BY shard_no"),
            {"id": ctx.claim.job_id},
        )
        failed = [(row.status, row.error) for row in rows if row.status != "succeeded"]
    if failed and len(failed) == ctx.claim.children_total:
        error = failed[0][1] or {}
        raise PermanentError(
            str(error.get("detail", "All parts of the simulation failed.")),
            code=str(error.get("code", "permanent")),
        )
    workspace_id = _workspace(ctx)

    async def write(session: AsyncSession) -> None:
        await service.complete(session, args.simulation_id, workspace_id, failed_shards=len(failed))

    return Done({"simulation_id": str(args.simulation_id), "failed_shards": len(failed)}, write)


@body(RUN_SIMULATION, reduce=complete_simulation)
async def run_simulation(ctx: JobContext, args: RunSimulation) -> Fan:
    """Draw the respondents, embed the anchors once for all shards, and fan out."""
    async with ctx.scope() as session:
        simulation = await service.get_by_id(session, _workspace(ctx), args.simulation_id)
        people = await personas.snapshots(session, simulation.workspace_id, _versions(simulation))
    content = service.content_of(simulation)
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    if simulation.plan is None:
        drawn = draw_respondents(None, people, simulation.sample_size, simulation.seed)
    else:
        plan = PlanDocument.model_validate(simulation.plan)
        drawn = respondent_frame(plan, people, simulation.sample_size, simulation.seed)
    rows = [
        {
            "number": one.number,
            "persona_id": str(people[one.persona].persona_id),
            "persona_version": people[one.persona].version,
            "weight": one.weight,
            "attributes": dict(one.attributes),
        }
        for one in drawn
    ]
    for start in range(0, len(rows), INSERT_AT_ONCE):
        part = rows[start : start + INSERT_AT_ONCE]
        await ctx.save(lambda session, part=part: service.add_respondents(session, simulation, part))  # type: ignore[misc]
    await _embed_anchors(ctx, content, requested)
    shards = await _shards(ctx, simulation, content, requested)
    await ctx.progress(total=sum(shard.total for _, shard in shards), message="Respondents are answering")
    return Fan(shards, SHARDS_IN_FLIGHT)


async def _shards(
    ctx: JobContext, simulation: Simulation, content: Content, requested: Requested
) -> list[tuple[Any, Shard]]:
    parts: list[tuple[RunShard, int]] = []
    each = steps_per_respondent(content, requested)
    if each:
        for span in respondent_spans(simulation.sample_size):
            args = RunShard(simulation_id=simulation.id, part="respondents", first=span.first, last=span.last)
            parts.append((args, each * (span.last - span.first)))
    per_cell = distribution_questions(content, requested) * simulation.parameters["distribution_draws"]
    if per_cell:
        cells = cells_of(await _voices(ctx, simulation))
        for span in cell_spans(len(cells)):
            args = RunShard(simulation_id=simulation.id, part="cells", first=span.first, last=span.last)
            parts.append((args, per_cell * (span.last - span.first)))
    return [(RUN_SHARD, Shard(number, args, total)) for number, (args, total) in enumerate(parts)]


@body(RUN_SHARD)
async def run_shard(ctx: JobContext, args: RunShard) -> Done:
    """Ask one shard's respondents, or about its cells; answers are written chunk by chunk."""
    async with ctx.scope() as session:
        simulation = await service.get_by_id(session, _workspace(ctx), args.simulation_id)
    content = service.content_of(simulation)
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    run = Run(ctx, simulation, content, requested)
    with ctx.lanes.expect(ctx.claim.job_id):
        if args.part == "respondents":
            run.anchors = await _embed_anchors(ctx, content, requested)
            voices = await _voices(ctx, simulation, args.first, args.last)
            chunks = [voices[start : start + CHUNK] for start in range(0, len(voices), CHUNK)]
            await _all([_ask_chunk(run, chunk) for chunk in chunks])
        else:
            cells = cells_of(await _voices(ctx, simulation))[args.first : args.last]
            await _all([_ask_cell(run, cell) for cell in cells])
    return Done()


async def _ask_chunk(run: Run, voices: Sequence[Voice]) -> None:
    """Ask a few respondents and write their answers; on the way out, what has been answered so far."""
    answers: list[Given] = []
    try:
        await _all([_ask_respondent(run, voice, answers) for voice in voices])
        await _rate_statements(run, voices[0].number, answers)
    except asyncio.CancelledError:
        await _write(run, [a for a in answers if a.value is not None or a.missing_reason is not None])
        raise
    await _write(run, answers)


async def _ask_respondent(run: Run, voice: Voice, answers: list[Given]) -> None:
    """Take one respondent through the questionnaire, section by section, remembering what they said."""
    memory: list[EarlierAnswer] = []
    methods: tuple[Method, Method] = ("ssr", "direct")
    async with run.ctx.lanes.subjects.slot(run.ctx.claim.job_id):
        for place, section in enumerate(run.content.sections):
            for method in methods:
                questions = by_method(section, run.requested, method)
                if questions:
                    given = await _ask_section(run, voice, place, section, questions, method, memory)
                    answers.extend(given)
                    memory.extend(_remembered(questions, given))


async def _ask_section(
    run: Run,
    voice: Voice,
    place: int,
    section: Section,
    questions: Sequence[Question],
    method: Method,
    memory: Sequence[EarlierAnswer],
) -> list[Given]:
    data = section_input(voice, section, questions, memory, run.simulation.language, run.seed)
    key = f"r{voice.number}.s{place}.{method}"
    seed = step_seed(run.seed, "respondent", voice.number, place, method)
    origin = {
        "persona_id": str(voice.persona_id),
        "persona_version": voice.persona_version,
        "respondent_number": voice.number,
        "questions": [question.key for question in questions],
    }
    values: dict[str, Any] = {}
    try:
        if method == "ssr":
            said = await run.ctx.ask(SURVEY_STATEMENTS, data, key=key, seed=seed, made_from=origin)
            values, model, lineage_id = dict(said.output), said.model, said.lineage_id
        else:
            reply = await run.ctx.ask(SURVEY_DIRECT, data, key=key, seed=seed, made_from=origin)
            values, model, lineage_id = reply.output, reply.model, reply.lineage_id
    except ModelReplyUnusable as error:
        reason = "refused" if isinstance(error, ModelRefused) else "invalid"
        return [Given(voice.number, question.key, method, missing_reason=reason) for question in questions]
    return [
        Given(
            voice.number,
            question.key,
            method,
            value=None if method == "ssr" else values[question.key],
            text=values[question.key] if method == "ssr" else None,
            model=model,
            lineage_id=lineage_id,
        )
        for question in questions
    ]


def _remembered(questions: Sequence[Question], given: Sequence[Given]) -> list[EarlierAnswer]:
    pairs = zip(questions, given, strict=True)
    return [
        EarlierAnswer(question=question.text, answer=answer.text or in_words(question, answer.value))
        for question, answer in pairs
        if answer.missing_reason is None
    ]


async def _rate_statements(run: Run, first: int, answers: Sequence[Given]) -> None:
    """Turn what respondents said into probabilities of scale points (SSR), and draw their answers."""
    said = [answer for answer in answers if answer.method == "ssr" and answer.missing_reason is None]
    said.sort(key=lambda answer: (answer.number, answer.key))
    if not said:
        return
    parameters = run.simulation.parameters
    temperature, epsilon = parameters["ssr_temperature"], parameters["ssr_epsilon"]
    texts = [answer.text or "" for answer in said]
    keys = [answer.key for answer in said]

    async def embed() -> tuple[Any, Sequence[Call]]:
        embedded = await run.ctx.model.embed(texts)
        rated: list[dict[str, Any]] = []
        for key, vector in zip(keys, embedded.vectors, strict=True):
            try:
                found = ssr.pmf(vector, run.anchors[key], temperature, epsilon)
            except ssr.NoDirection:
                rated.append({"p": None, "flags": ["no_direction"]})
            except ValueError as error:
                raise _no_use(error) from error
            else:
                rated.append({"p": list(found.probabilities), "flags": list(found.flags)})
        return rated, embedded.calls

    data = {"texts": texts, "keys": keys, "temperature": temperature, "epsilon": epsilon}
    rated = await run.ctx.step(f"ssr.{first}", data, embed)
    questions = {question.key: question for question in run.content.questions()}
    for answer, rating in zip(said, rated, strict=True):
        answer.flags = list(rating["flags"])
        if rating["p"] is None:
            answer.missing_reason = "invalid"
            continue
        question = questions[answer.key]
        answer.probabilities = dict(zip(question.codes, rating["p"], strict=True))
        answer.value = draw_one(run.seed, answer.number, question, answer.probabilities)


async def _ask_cell(run: Run, cell: Cell) -> None:
    """Ask for the distributions of one cell and draw the answer of each respondent in it."""
    asked = [
        _ask_distribution(run, cell, question)
        for section in run.content.sections
        for question in by_method(section, run.requested, "distribution")
    ]
    await _write(run, [answer for one in await _all(asked) for answer in one])


async def _ask_distribution(run: Run, cell: Cell, question: Question) -> list[Given]:
    data = distribution_input(cell.voice, question, run.simulation.language)
    origin = {
        "persona_id": str(cell.voice.persona_id),
        "persona_version": cell.voice.persona_version,
        "cell": dict(cell.voice.attributes),
        "questions": [question.key],
    }
    seed = step_seed(run.seed, "cell", cell.key, question.key)
    asked = [
        run.ctx.ask(
            SURVEY_DISTRIBUTION,
            data,
            key=f"c{cell.voice.number}.{question.key}.d{draw}",
            seed=seed,
            draw=draw,
            made_from=origin,
        )
        for draw in range(run.simulation.parameters["distribution_draws"])
    ]
    draws, unusable = await _usable(asked)
    if not draws:
        reason = "refused" if all(isinstance(error, ModelRefused) for error in unusable) else "invalid"
        return [Given(number, question.key, "distribution", missing_reason=reason) for number in cell.numbers]
    probabilities = mean_probabilities([draw.output for draw in draws], question.codes)
    if sum(probabilities.values()) <= 0:
        return [Given(number, question.key, "distribution", missing_reason="invalid") for number in cell.numbers]
    flags = [f"draws_unusable:{len(unusable)}"] if unusable else []
    return [
        Given(
            number,
            question.key,
            "distribution",
            value=draw_one(run.seed, number, question, probabilities),
            probabilities=probabilities,
            flags=flags,
            model=draws[0].model,
            lineage_id=draws[0].lineage_id,
        )
        for number in cell.numbers
    ]


async def _usable(asked: Sequence[Awaitable[Asked[Any]]]) -> tuple[list[Asked[Any]], list[ModelReplyUnusable]]:
    """Return the draws that gave an answer, and why others did not; any other error is raised."""
    draws: list[Asked[Any]] = []
    unusable: list[ModelReplyUnusable] = []
    for outcome in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(outcome, ModelReplyUnusable):
            unusable.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            draws.append(outcome)
    return draws, unusable


async def _embed_anchors(ctx: JobContext, content: Content, requested: Requested) -> dict[str, ssr.Anchors]:
    """Return the anchors of every ordinal question; the first to embed them pays, the workspace remembers."""
    questions = [q for section in content.sections for q in by_method(section, requested, "ssr")]
    if not questions:
        return {}
    sets = {question.key: anchor_sets(question) for question in questions}
    texts = [sentence for found in sets.values() for sentences in found for sentence in sentences]
    vectors = iter(await ctx.embed("anchors", texts))
    try:
        return {
            key: ssr.prepare([[next(vectors) for _ in sentences] for sentences in found]) for key, found in sets.items()
        }
    except ValueError as error:
        raise _no_use(error) from error


def _no_use(error: ValueError) -> PermanentError:
    return PermanentError(
        f"The embedding model (OPENAI_EMBEDDING_MODEL) gives vectors that cannot be compared: {error}.",
        code="embeddings_unusable",
    )


async def _voices(ctx: JobContext, simulation: Simulation, first: int = 1, last: int | None = None) -> list[Voice]:
    async with ctx.scope() as session:
        people = await repository.list_respondents(
            session, simulation.workspace_id, simulation.id, first=first, last=last
        )
        taking_part = await personas.snapshots(session, simulation.workspace_id, _versions(simulation))
    profiles = {(one.persona_id, one.version): one.profile for one in taking_part}
    return [
        Voice(
            person.number,
            person.persona_id,
            person.persona_version,
            profiles[person.persona_id, person.persona_version],
            person.attributes,
        )
        for person in people
    ]


async def _write(run: Run, answers: Sequence[Given]) -> None:
    if not answers:
        return
    simulation = run.simulation
    await run.ctx.save(
        lambda session: repository.insert_answers(session, simulation.workspace_id, simulation.id, answers)
    )


async def _all(coroutines: Sequence[Any]) -> list[Any]:
    """Run together; the first error ends the others."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
    return [task.result() for task in tasks]


def _versions(simulation: Simulation) -> list[tuple[UUID, int]]:
    return [(UUID(part["persona_id"]), int(part["version"])) for part in simulation.personas]


def _workspace(ctx: JobContext) -> UUID:
    if ctx.claim.workspace_id is None:
        raise PermanentError("A simulation belongs to a workspace.")
    return ctx.claim.workspace_id
