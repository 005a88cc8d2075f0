"""What can be done with themes of open-ended answers.

start                     write a coding and submit its job
get, list_for, read       codings, one with its figures
gather, keep              what the job codes, and what it saves
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.events import service as events
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.jobs.shown import shown_status
from core.llm.contract import is_demonstration
from core.questionnaires.content import Question
from core.surveys import service as surveys
from core.surveys.errors import SimulationNotFinished
from core.surveys.models import Simulation
from core.themes import repository
from core.themes.coding import Coded, Said
from core.themes.counting import coded_question
from core.themes.errors import ThemeCodingNotFound
from core.themes.jobs import CODE_THEMES, CodeThemes
from core.themes.models import ThemeCoding
from core.themes.prompts import NamedTheme
from core.themes.schemas import MOST_QUESTIONS, CodingRead, CodingSummary, ThemesCreate
from core.workspaces.access import Member


async def start(
    session: AsyncSession, member: Member, exploration_id: UUID, simulation_id: UUID, body: ThemesCreate
) -> JobRead:
    """Write a coding of a simulation that has ended, and its job.

    Raises SimulationNotFound, SimulationNotFinished, ExplorationEnded, Invalid naming the question.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    simulation = await surveys.get(session, member.workspace_id, exploration_id, simulation_id)
    keys = _asked(simulation, body.question_keys)
    if await surveys.status_of(session, simulation) in ("queued", "running"):
        raise SimulationNotFinished
    coding = ThemeCoding(
        workspace_id=member.workspace_id,
        simulation_id=simulation.id,
        question_keys=keys,
        max_themes=body.max_themes,
        seed=simulation.seed if body.seed is None else body.seed,
    )
    session.add(coding)
    await session.flush()
    job = await jobs.submit(
        session,
        CODE_THEMES,
        CodeThemes(coding_id=coding.id),
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_id=coding.id,
        options=body.job,
    )
    coding.job_id = job.id
    await session.flush()
    return job


async def get(session: AsyncSession, simulation: Simulation, coding_id: UUID) -> ThemeCoding:
    """Return a coding of a simulation; raises ThemeCodingNotFound."""
    found = await repository.find(session, simulation.workspace_id, coding_id, simulation.id)
    if found is None:
        raise ThemeCodingNotFound
    return found


async def list_for(
    session: AsyncSession, simulation: Simulation, *, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[CodingSummary]:
    """Return a simulation's codings without their themes, newest first."""
    found = await repository.list_for_simulation(
        session, simulation.workspace_id, simulation.id, limit=limit, before=before
    )
    return await _summaries(session, found)


async def read(session: AsyncSession, simulation: Simulation, coding: ThemeCoding) -> CodingRead:
    """Return a coding with the figures of its themes."""
    names = surveys.persona_names(simulation)
    questions = _open_questions(simulation)
    coded = [
        coded_question(questions[key], frame, await repository.list_coded(session, coding, key), names)
        for key in coding.question_keys
        if (frame := (coding.frames or {}).get(key)) is not None
    ]
    [summary] = await _summaries(session, [coding])
    return CodingRead(**summary.model_dump(), questions=coded)


async def gather(
    session: AsyncSession, workspace_id: UUID, coding_id: UUID
) -> tuple[ThemeCoding, Simulation, dict[str, tuple[Question, list[Said]]]]:
    """Return a coding, its simulation, and the texts of each question; raises ThemeCodingNotFound when it is gone."""
    coding = await repository.find(session, workspace_id, coding_id)
    if coding is None:
        raise ThemeCodingNotFound
    simulation = await surveys.get_by_id(session, workspace_id, coding.simulation_id)
    questions = _open_questions(simulation)
    texts = {
        key: (questions[key], await repository.list_said(session, workspace_id, simulation.id, key))
        for key in coding.question_keys
    }
    return coding, simulation, texts


async def keep(
    session: AsyncSession,
    coding: ThemeCoding,
    exploration_id: UUID,
    texts: Mapping[str, Sequence[Said]],
    frames: Mapping[str, Sequence[NamedTheme]],
    coded: Mapping[str, Coded],
    models: Sequence[str],
) -> None:
    """Write codebooks and codes, all of a coding at once; raises ThemeCodingNotFound when it is gone."""
    found = await repository.find(session, coding.workspace_id, coding.id)
    if found is None:
        raise ThemeCodingNotFound
    found.frames = {
        key: {
            "themes": [one.model_dump() for one in themes],
            "dropped": coded[key].dropped,
            "unread": coded[key].unread,
        }
        for key, themes in frames.items()
    }
    found.model = ", ".join(sorted(set(models))) or None
    found.demonstration = any(map(is_demonstration, models)) if models else None
    rows = [
        {"workspace_id": coding.workspace_id, "coding_id": coding.id, "question_key": key}
        | {"respondent_number": one.number}
        | coded[key].stored(one)
        for key, said in texts.items()
        for one in said
    ]
    await repository.add_assignments(session, rows)
    await events.record(
        session,
        type="themes.coded",
        workspace_id=coding.workspace_id,
        exploration_id=exploration_id,
        subject_type="theme_coding",
        subject_id=coding.id,
        data={"simulation_id": str(coding.simulation_id)},
    )


def _open_questions(simulation: Simulation) -> dict[str, Question]:
    return {one.key: one for one in surveys.content_of(simulation).questions() if one.type == "open_ended"}


def _asked(simulation: Simulation, keys: Sequence[str] | None) -> list[str]:
    known = list(_open_questions(simulation))
    if keys is None:
        if not known:
            raise Invalid([FieldError(("body", "question_keys"), "the simulation has no open-ended question")])
        return known[:MOST_QUESTIONS]
    wrong = [
        FieldError(("body", "question_keys", at), "is no open-ended question of this simulation, or is named twice")
        for at, key in enumerate(keys)
        if key not in known or key in keys[:at]
    ]
    if wrong:
        raise Invalid(wrong)
    return list(keys)


async def _summaries(session: AsyncSession, found: Sequence[ThemeCoding]) -> list[CodingSummary]:
    own = await jobs.get_many(session, [one.job_id for one in found if one.job_id is not None])
    kept = set(CodingSummary.model_fields) - {"status"}
    return [
        CodingSummary(**one.model_dump(include=kept), status=shown_status(own[one.job_id]))
        for one in found
        if one.job_id is not None
    ]
