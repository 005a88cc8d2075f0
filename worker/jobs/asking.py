"""Asking in a survey: respondents one by one, statements rated by similarity."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from core.jobs.errors import PermanentError
from core.llm.errors import ModelError, ModelInvalidOutput, ModelRefused, ModelReplyUnusable, SpendingRefused
from core.llm.prompts import Prompt
from core.questionnaires.content import Content, Question, Section, order_shown
from core.questionnaires.logic import Condition, conditions_of
from core.questionnaires.piping import piped
from core.questionnaires.splits import resolved
from core.stats import ssr
from core.surveys import repository
from core.surveys.anchors import sets_of
from core.surveys.elicitation import (
    Batch,
    Given,
    Voice,
    batches,
    by_method,
    draw_one,
    in_a_text,
    in_words,
    is_shown,
    parts_of,
    rated_items,
    section_input,
    statements_of,
    together_again,
)
from core.surveys.methods import Requested
from core.surveys.models import Simulation
from core.surveys.prompts import SURVEY_DIRECT, SURVEY_STATEMENTS, EarlierAnswer
from core.surveys.sharding import step_seed
from worker.context import Asked, Derived, JobContext

WRITTEN_AT_ONCE: Final = 1000
LAST_RATING_S: Final = 5.0
LEFT_OUT: Final = "left_out"
LONGEST_PIPED: Final = 300
"""Letters of an answer that the text of a later question takes up."""
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")
Result = TypeVar("Result")
RATING: Final = ("ssr_rating", 1)
"""What is remembered of a statement; a change to `core.stats.ssr` that changes probabilities needs a new version."""


@dataclass(slots=True)
class Run:
    """A simulation under way in this shard; `stopped` is why nothing more is paid for, `again` who is asked again."""

    ctx: JobContext
    simulation: Simulation
    content: Content
    requested: Requested
    anchors: dict[str, ssr.Anchors] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(init=False)
    by_arms: dict[tuple[tuple[str, str], ...], Content] = field(default_factory=dict)
    stopped: SpendingRefused | None = None
    again: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.conditions = conditions_of(self.content)

    def content_for(self, arms: Mapping[str, str]) -> Content:
        """Return the questionnaire as it reads in these arms."""
        key = tuple(sorted(arms.items()))
        if key not in self.by_arms:
            self.by_arms[key] = resolved(self.content, arms)
        return self.by_arms[key]

    @property
    def seed(self) -> int:
        """Seed of the whole simulation."""
        return self.simulation.seed

    async def while_paid(self, work: Awaitable[Result]) -> Result | None:
        """Return what comes of work; None where the budget ended it, as it ends all other work before long.

        Everybody ends by themselves: what has been answered, and what costs nothing, is still written.
        """
        try:
            return await work
        except SpendingRefused as refused:
            self.stopped = self.stopped or refused
            return None


async def ask_chunk(run: Run, voices: Sequence[Voice]) -> None:
    """Ask a few respondents and write their answers; whatever ends it, what has been answered so far."""
    answers: list[Given] = []
    try:
        await together([run.while_paid(_ask_respondent(run, voice, answers)) for voice in voices])
        await run.while_paid(rate_statements(run, voices[0].number, answers))
    except asyncio.CancelledError:
        if run.ctx.cancelled:
            await _rate_the_last(run, voices[0].number, answers)
        raise
    finally:
        await write(run, ended(together_again(run.content, answers)))


async def _rate_the_last(run: Run, first: int, answers: Sequence[Given]) -> None:
    """Rate what was said, and paid for, before the simulation was cancelled; without it, it would be no answer."""
    with suppress(ModelError, TimeoutError):
        async with asyncio.timeout(LAST_RATING_S):
            await run.while_paid(rate_statements(run, first, answers))


def ended(answers: Sequence[Given]) -> list[Given]:
    """Return the answers that are there, or final; a statement that was not rated is neither."""
    return [a for a in answers if a.value is not None or a.missing_reason is not None]


async def _ask_respondent(run: Run, voice: Voice, answers: list[Given]) -> None:
    """Take one respondent through the questionnaire, section by section, remembering what they said."""
    claim = run.ctx.claim
    told = Told(values=dict(voice.arms))
    async with run.ctx.lanes.subject(claim.job_id, claim.workspace_id, claim.concurrency):
        for place, section in enumerate(run.content_for(voice.arms).sections):
            for batch in batches(section, run.requested, run.conditions):
                shown = [one for one in batch.questions if is_shown(one, run.conditions, told.values)]
                answers.extend(
                    Given(voice.number, one.key, batch.method, missing_reason="not_shown")
                    for one in batch.questions
                    if one not in shown
                )
                if batch.method == "ssr":
                    shown = statements_of(shown, run.seed, voice.number)
                given = await ask_section(run, voice, place, section, batch, shown, told)
                answers.extend(given)
                told.hear(shown, given)


@dataclass(slots=True)
class Told:
    """What a respondent has said: in words for their memory, values and words by key for logic and piping."""

    memory: list[EarlierAnswer] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def hear(self, questions: Sequence[Question], given: Sequence[Given]) -> None:
        """Take answers in, those that are there."""
        for question, answer in zip(questions, given, strict=True):
            if answer.missing_reason is not None:
                continue
            words = answer.text or in_words(question, answer.value)
            self.memory.append(EarlierAnswer(question=piped(question.text, self.words), answer=words))
            self.values |= parts_of(question, answer.value)
            self.words[question.key] = (answer.text or in_a_text(question, answer.value))[:LONGEST_PIPED]


async def ask_section(
    run: Run,
    voice: Voice,
    place: int,
    section: Section,
    batch: Batch,
    questions: Sequence[Question],
    told: Told,
    *turn: str,
) -> list[Given]:
    """Ask the questions of a batch that are shown to a respondent, in one call; none where there are none.

    `turn` names another time than the first, with a seed of its own.
    """
    method, stage = batch.method, (*((str(batch.stage),) if batch.stage else ()), *turn)
    key = ".".join((f"r{voice.number}", f"s{place}", method, *stage))
    if not questions:
        await run.ctx.pass_over(key)
        return []
    data = section_input(voice, section, questions, told.memory, run.simulation.language, run.seed, told.words)
    seed = step_seed(run.seed, "respondent", voice.number, place, method, *stage)
    origin = {
        "persona_id": str(voice.persona_id),
        "persona_version": voice.persona_version,
        "respondent_number": voice.number,
        "questions": [question.key for question in questions],
    } | ({"arms": dict(voice.arms)} if voice.arms else {})
    values: dict[str, Any] = {}
    try:
        if method == "ssr":
            said = await _ask_twice(run.ctx, SURVEY_STATEMENTS, data, key, seed, origin)
            values, model, lineage_id = dict(said.output), said.model, said.lineage_id
        else:
            reply = await _ask_twice(run.ctx, SURVEY_DIRECT, data, key, seed, origin)
            values, model, lineage_id = reply.output, reply.model, reply.lineage_id
    except ModelReplyUnusable as error:
        reason = "refused" if isinstance(error, ModelRefused) else "invalid"
        asked = error.calls[-1].model if error.calls else None
        return [
            Given(
                voice.number,
                question.key,
                method,
                option_order=order_shown(question, run.seed, voice.number),
                missing_reason=reason,
                model=asked,
            )
            for question in questions
        ]
    return [
        Given(
            voice.number,
            question.key,
            method,
            option_order=order_shown(question, run.seed, voice.number),
            value=None if method == "ssr" else values[question.key],
            text=values[question.key] if method == "ssr" else None,
            # Who is asked and need not answer may leave a question out, as people do.
            flags=[LEFT_OUT] if values[question.key] is None else [],
            missing_reason="refused" if values[question.key] is None else None,
            model=model,
            lineage_id=lineage_id,
        )
        for question in questions
    ]


async def _ask_twice(
    ctx: JobContext, prompt: Prompt[In, Out], data: In, key: str, seed: int, origin: dict[str, Any]
) -> Asked[Out]:
    """Ask for a section; where even the repair of a reply was invalid, ask once more, as another draw."""
    try:
        return await ctx.ask(prompt, data, key=key, seed=seed, made_from=origin)
    except ModelInvalidOutput:
        return await ctx.ask(prompt, data, key=f"{key}.again", seed=seed, draw=1, made_from=origin)


async def rate_statements(run: Run, first: int, answers: Sequence[Given], *turn: str) -> None:
    """Turn what respondents said into probabilities of scale points (SSR), and draw their answers.

    `turn` names another time than the first: its answers are drawn anew.
    """
    said = [answer for answer in answers if answer.method == "ssr" and answer.missing_reason is None]
    said.sort(key=lambda answer: (answer.number, answer.key))
    if not said:
        return
    parameters = run.simulation.parameters
    temperature, epsilon = parameters["ssr_temperature"], parameters["ssr_epsilon"]
    questions = {question.key: question for question in rated_items(run.content.questions())}
    sets = {key: sets_of(run.simulation.anchors, questions[key]) for key in {answer.key for answer in said}}
    data = [
        {"statement": answer.text or "", "anchors": sets[answer.key], "temperature": temperature, "epsilon": epsilon}
        for answer in said
    ]

    async def rate(places: list[int]) -> Derived:
        embedded = await run.ctx.model.embed(
            [said[place].text or "" for place in places], model=run.ctx.embedding_model
        )
        pairs = zip(places, embedded.vectors, strict=True)
        rated = [_rating(vector, run.anchors[said[place].key], temperature, epsilon) for place, vector in pairs]
        return Derived(rated, embedded.model, embedded.calls)

    seed = step_seed(run.seed, *turn) if turn else run.seed
    rated = await run.ctx.derive(".".join(("ssr", str(first), *turn)), RATING, data, rate)
    for answer, rating in zip(said, rated, strict=True):
        answer.flags = list(rating["flags"])
        if rating["p"] is None:
            answer.missing_reason = "invalid"
            continue
        question = questions[answer.key]
        answer.probabilities = dict(zip(question.codes, rating["p"], strict=True))
        answer.value = draw_one(seed, answer.number, question, answer.probabilities)


def _rating(vector: Sequence[float], anchors: ssr.Anchors, temperature: float, epsilon: float) -> dict[str, Any]:
    """Return the probabilities of a statement's scale points, null where its vector has no direction, and flags."""
    try:
        found = ssr.pmf(vector, anchors, temperature, epsilon)
    except ssr.NoDirection:
        return {"p": None, "flags": ["no_direction"]}
    except ValueError as error:
        raise _no_use(error) from error
    return {"p": list(found.probabilities), "flags": list(found.flags)}


async def embed_anchors(
    ctx: JobContext, simulation: Simulation, content: Content, requested: Requested
) -> dict[str, ssr.Anchors]:
    """Return the anchors of every ordinal question; the first to embed them pays, the workspace remembers."""
    questions = rated_items(q for section in content.sections for q in by_method(section, requested, "ssr"))
    if not questions:
        return {}
    sets = {question.key: sets_of(simulation.anchors, question) for question in questions}
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


async def write(run: Run, answers: Sequence[Given]) -> None:
    """Write answers in pieces: none holds the job's row for so long that the heartbeat cannot renew the lease."""
    simulation = run.simulation
    for start in range(0, len(answers), WRITTEN_AT_ONCE):
        piece = answers[start : start + WRITTEN_AT_ONCE]
        await run.ctx.save(
            functools.partial(
                repository.insert_answers,
                workspace_id=simulation.workspace_id,
                simulation_id=simulation.id,
                answers=piece,
            )
        )


async def together(coroutines: Sequence[Any]) -> list[Any]:
    """Run together; the first error ends the others."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
    return [task.result() for task in tasks]
