"""What the jobs on objectives do: submit one, gather what is read, save what came of it.

start_analysis, start_clarification       submit the jobs; answers join the source at once
gather                                    what an analysis reads, as it is now
judge_reply                               what is believed of the model's reply, scored
save_analysis                             the end of both jobs
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db.base import uuid7
from core.errors import FieldError, Invalid
from core.evidence import service as evidence
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.schemas import JobOptions, JobRead
from core.objectives import repository
from core.objectives.components import Component, ComponentName, stored_components
from core.objectives.errors import ClarificationsUsedUp, NothingToClarify
from core.objectives.jobs import ANALYZE_OBJECTIVE, CLARIFY_OBJECTIVE, AnalyzeObjective, ClarifyObjective
from core.objectives.judging import judge, moved, with_user_values
from core.objectives.models import ResearchObjective, ResearchObjectiveAnalysis
from core.objectives.prompts import Answered, ObjectiveInput, ObjectiveReply, PassageGiven
from core.objectives.questions import MOST_ROUNDS, open_questions
from core.objectives.schemas import LARGEST_SEED, AnalyzeRequest, AnswerGiven, ClarifyRequest
from core.objectives.scoring import Score, score_of
from core.objectives.service import SUBJECT, tell
from core.objectives.source import source_of
from core.objectives.spans import Source
from core.workspaces.access import Member

MOST_PASSAGES: Final = 8
LONGEST_PASSAGE: Final = 1500
"""Characters of a passage that the model is shown."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What an analysis reads: the model's input, the passages by ref, what the user has set, how often was asked."""

    data: ObjectiveInput
    passages: Mapping[str, UUID]
    set_by_user: Mapping[str, Any]
    round: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of an analysis before it is saved. Components and score are the model's reply as it is believed; the
    questions heed what the user has set.
    """

    source_text: str
    round: int
    components: dict[ComponentName, Component]
    score: Score
    questions: list[dict[str, Any]]
    dropped_quotes: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What made an analysis."""

    model: str
    demonstration: bool
    prompt_name: str
    prompt_version: int
    seed: int
    job_id: UUID
    lineage_id: UUID | None
    id: UUID = field(default_factory=uuid7)


async def start_analysis(session: AsyncSession, member: Member, objective_id: UUID, body: AnalyzeRequest) -> JobRead:
    """Submit the analysis of an objective as it is; raises ObjectiveNotFound, ExplorationEnded."""
    row = await _open_objective(session, member, objective_id)
    args = AnalyzeObjective(research_objective_id=row.id, seed=_seed(body.seed))
    return await _submit(session, member, row, args, body.job)


async def start_clarification(
    session: AsyncSession, member: Member, objective_id: UUID, body: ClarifyRequest
) -> JobRead:
    """Let answers join the source, which makes a draft of it, and submit its analysis.

    Raises ObjectiveNotFound, ExplorationEnded, ClarificationsUsedUp, NothingToClarify, Invalid naming each answer to no
    open question.
    """
    row = await _open_objective(session, member, objective_id)
    if row.rounds >= MOST_ROUNDS:
        raise ClarificationsUsedUp
    if not row.questions:
        raise NothingToClarify
    joined = _answered(row, body.answers)
    row.rounds += 1
    row.clarifications = [*row.clarifications, *joined]
    row.questions = []
    row.status = "draft"
    row.updated_at = clock.now()
    await session.flush()
    await tell(session, row, "updated")
    args = ClarifyObjective(research_objective_id=row.id, seed=_seed(body.seed), round=row.rounds)
    return await _submit(session, member, row, args, body.job)


async def gather(session: AsyncSession, workspace_id: UUID, objective_id: UUID) -> Gathered:
    """Return what an analysis reads of an objective, as it is now; raises ObjectiveNotFound."""
    row = await repository.get_by_id(session, workspace_id, objective_id)
    exploration = await explorations.get(session, workspace_id, row.exploration_id)
    source = source_of(row)
    found = await evidence.relevant(
        session, workspace_id, row.exploration_id, source.split("\n\n"), limit=MOST_PASSAGES
    )
    passages = {f"P{number}": one for number, one in enumerate(found, 1)}
    answers = [
        Answered(component=one["component"], question=one["question"], answer=one["answer"])
        for one in row.clarifications
    ]
    data = ObjectiveInput(
        source=source,
        country=exploration.country,
        answers=answers,
        passages=[
            PassageGiven(ref=ref, title=one.title, text=one.text[:LONGEST_PASSAGE]) for ref, one in passages.items()
        ],
    )
    ids = {ref: one.passage_id for ref, one in passages.items()}
    return Gathered(data, ids, dict(row.set_by_user), row.rounds)


def judge_reply(reply: ObjectiveReply, gathered: Gathered) -> Finding:
    """Return what is believed of a model's reply, its score, and what to ask where that is too low."""
    source = Source(gathered.data.source)
    judged = judge(reply, source, gathered.passages)
    components = with_user_values(judged.components, gathered.set_by_user, source)
    unclear = score_of(components, source.text).status == "needs_review"
    suggested: dict[ComponentName, str] = {}
    for one in reply.questions:
        suggested.setdefault(one.component, one.text)
    questions = open_questions(components, suggested) if unclear and gathered.round < MOST_ROUNDS else []
    score = score_of(judged.components, source.text)
    return Finding(source.text, gathered.round, judged.components, score, questions, judged.dropped)


async def save_analysis(
    session: AsyncSession, workspace_id: UUID, objective_id: UUID, finding: Finding, origin: Origin
) -> None:
    """Keep an analysis and let the objective name it, in the caller's transaction; raises ObjectiveNotFound.

    An objective whose source was changed meanwhile stays a draft, with the quotes that its new source has, too.
    """
    row = await repository.get_by_id(session, workspace_id, objective_id, lock=True)
    row.analyses += 1
    session.add(_analysis(row, finding, origin))
    source = Source(source_of(row))
    components = with_user_values(moved(finding.components, source), row.set_by_user, source)
    score = score_of(components, source.text)
    current = source.text == finding.source_text
    row.analysis_id = origin.id
    row.components = stored_components(components)
    row.score, row.score_parts = score.score, dict(score.parts())
    row.status = score.status if current else "draft"
    row.questions = _still_open(finding.questions, row) if current and score.status == "needs_review" else []
    row.updated_at = clock.now()
    await session.flush()
    await tell(session, row, "analyzed", job_id=origin.job_id)


def _still_open(questions: Sequence[dict[str, Any]], row: ResearchObjective) -> list[dict[str, Any]]:
    return [one for one in questions if one["component"] not in row.set_by_user]


def _analysis(row: ResearchObjective, finding: Finding, origin: Origin) -> ResearchObjectiveAnalysis:
    return ResearchObjectiveAnalysis(
        id=origin.id,
        workspace_id=row.workspace_id,
        research_objective_id=row.id,
        number=row.analyses,
        round=finding.round,
        source_text=finding.source_text,
        status=finding.score.status,
        score=finding.score.score,
        score_parts=dict(finding.score.parts()),
        components=stored_components(finding.components),
        questions=finding.questions,
        dropped_quotes=finding.dropped_quotes,
        model=origin.model,
        demonstration=origin.demonstration,
        prompt_name=origin.prompt_name,
        prompt_version=origin.prompt_version,
        seed=origin.seed,
        job_id=origin.job_id,
        lineage_id=origin.lineage_id,
    )


async def _open_objective(session: AsyncSession, member: Member, objective_id: UUID) -> ResearchObjective:
    """Hold an objective whose exploration takes new work."""
    row = await repository.get_by_id(session, member.workspace_id, objective_id)
    await explorations.require_open(session, member.workspace_id, row.exploration_id)
    return await repository.get_by_id(session, member.workspace_id, objective_id, lock=True)


def _answered(row: ResearchObjective, answers: Sequence[AnswerGiven]) -> list[dict[str, Any]]:
    asked = {UUID(one["id"]): one for one in row.questions}
    errors: list[FieldError] = []
    joined: list[dict[str, Any]] = []
    for index, given in enumerate(answers):
        place = ("body", "answers", index, "question_id")
        if given.question_id not in asked:
            errors.append(FieldError(place, "is no open question of this objective"))
        elif given.question_id in [other.question_id for other in answers[:index]]:
            errors.append(FieldError(place, "is answered twice"))
        else:
            question = asked[given.question_id]
            joined.append(
                {
                    "round": row.rounds + 1,
                    "question_id": str(given.question_id),
                    "component": question["component"],
                    "question": question["text"],
                    "answer": given.answer,
                }
            )
    if errors:
        raise Invalid(errors)
    return joined


def _seed(given: int | None) -> int:
    return secrets.randbelow(LARGEST_SEED + 1) if given is None else given


async def _submit(
    session: AsyncSession, member: Member, row: ResearchObjective, args: AnalyzeObjective, options: JobOptions | None
) -> JobRead:
    return await jobs.submit(
        session,
        CLARIFY_OBJECTIVE if isinstance(args, ClarifyObjective) else ANALYZE_OBJECTIVE,
        args,
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=row.exploration_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        options=options,
    )
