"""Asking a part of the respondents a part of the questions once more, for the alarm of test and retest."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

from core.surveys import retests
from core.surveys.elicitation import Given, Voice
from core.surveys.retest import Again, asked_again
from worker.jobs.asking import Run, Told, ask_section, ended, rate_statements, together

TURN: Final = "retest"
"""Part of the keys and seeds of everything that is asked again."""


async def ask_again(run: Run, voices: Sequence[Voice]) -> None:
    """Ask those of a few respondents again whose turn it is, and write what they say apart from the answers.

    They remember nothing of what they said. Where the budget has ended, nobody is asked.
    """
    people = [voice for voice in voices if voice.number in run.again]
    if not people or run.stopped is not None:
        return
    answers: list[Given] = []
    try:
        again = asked_again(run.content, run.requested, run.seed)
        await together([run.while_paid(_ask_respondent(run, voice, again, answers)) for voice in people])
        await run.while_paid(rate_statements(run, people[0].number, answers, TURN))
    finally:
        await _write(run, ended(answers))


async def _ask_respondent(run: Run, voice: Voice, again: Sequence[Again], answers: list[Given]) -> None:
    claim = run.ctx.claim
    async with run.ctx.lanes.subject(claim.job_id, claim.workspace_id, claim.concurrency):
        for one in again:
            answers += await ask_section(
                run, voice, one.place, one.section, one.batch, one.batch.questions, Told(), TURN
            )


async def _write(run: Run, answers: Sequence[Given]) -> None:
    simulation = run.simulation
    if answers:
        write = functools.partial(
            retests.insert, workspace_id=simulation.workspace_id, simulation_id=simulation.id, answers=answers
        )
        await run.ctx.save(write)
