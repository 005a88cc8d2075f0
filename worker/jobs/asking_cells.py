"""Asking about cells: the distribution of each question, and the answers drawn from it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from core.llm.errors import ModelRefused, ModelReplyUnusable
from core.questionnaires.content import Question, order_shown
from core.surveys.elicitation import Given, by_method, distribution_input, draw_one, is_shown, mean_probabilities
from core.surveys.prompts import SURVEY_DISTRIBUTION
from core.surveys.sharding import Cell, Part, parts_of, step_seed
from worker.context import Asked
from worker.jobs.asking import Run, together, write


async def ask_cell(run: Run, cell: Cell) -> None:
    """Ask for the distributions of one cell and draw the answer of each respondent in it."""
    for section in run.content.sections:
        questions = by_method(section, run.requested, "distribution")
        asked = [
            run.while_paid(_ask_distribution(run, cell, question, part))
            for question in questions
            for part in parts_of(cell, question)
        ]
        for given in await together(asked):
            await write(run, given or [])


async def _ask_distribution(run: Run, cell: Cell, question: Question, part: Part) -> list[Given]:
    """Ask a question for those of a cell who read it alike; nothing of those whose arm is not shown it."""
    if not is_shown(question, run.conditions, part.arms):
        return [Given(number, question.key, "distribution", missing_reason="not_shown") for number in part.numbers]
    shown_to = (run.seed, cell.key)
    order = order_shown(question, *shown_to)
    question = next(one for one in run.content_for(part.arms).questions() if one.key == question.key)
    data = distribution_input(cell.voice, question, run.simulation.language, *shown_to)
    origin = {
        "persona_id": str(cell.voice.persona_id),
        "persona_version": cell.voice.persona_version,
        "cell": dict(cell.voice.attributes),
        "questions": [question.key],
    } | ({"arms": dict(part.arms)} if part.arms else {})
    arms = tuple(part.arms.values())
    seed = step_seed(run.seed, "cell", cell.key, question.key, *arms)
    name = ".".join((f"c{cell.voice.number}", question.key, *arms))
    asked = [
        run.ctx.ask(SURVEY_DISTRIBUTION, data, key=f"{name}.d{draw}", seed=seed, draw=draw, made_from=origin)
        for draw in range(run.simulation.parameters["distribution_draws"])
    ]
    draws, unusable = await _usable(asked)
    if not draws:
        reason = "refused" if all(isinstance(error, ModelRefused) for error in unusable) else "invalid"
        return _none_given(part, question, order, reason)
    probabilities = mean_probabilities([draw.output for draw in draws], question.codes)
    if sum(probabilities.values()) <= 0:
        return _none_given(part, question, order, "invalid")
    flags = [f"draws_unusable:{len(unusable)}"] if unusable else []
    return [
        Given(
            number,
            question.key,
            "distribution",
            value=draw_one(run.seed, number, question, probabilities),
            probabilities=probabilities,
            flags=flags,
            option_order=order,
            model=draws[0].model,
            lineage_id=draws[0].lineage_id,
        )
        for number in part.numbers
    ]


def _none_given(part: Part, question: Question, order: list[str] | None, reason: str) -> list[Given]:
    return [
        Given(number, question.key, "distribution", option_order=order, missing_reason=reason)
        for number in part.numbers
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
