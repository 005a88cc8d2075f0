"""Drafting a questionnaire by job, from an exploration's research objective and personas.

start      submit the job
gather     what it reads
save       keep what it made
"""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.objectives import service as objectives
from core.personas import service as personas
from core.questionnaires import service as questionnaires
from core.questionnaires.drafting import Drafted, draft_input
from core.questionnaires.errors import ObjectiveNotAnalyzed
from core.questionnaires.generation_schemas import LARGEST_SEED, QuestionnaireGenerate
from core.questionnaires.jobs import GENERATE_QUESTIONNAIRE, GenerateQuestionnaire
from core.questionnaires.prompts import DraftInput
from core.questionnaires.schemas import QuestionnaireCreate
from core.workspaces.access import Member


async def start(session: AsyncSession, member: Member, exploration_id: UUID, body: QuestionnaireGenerate) -> JobRead:
    """Submit the job that drafts a questionnaire.

    Raises ExplorationNotFound, ExplorationEnded, ObjectiveNotAnalyzed.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    objective = await objectives.current(session, member.workspace_id, exploration_id)
    if objective is None or not objective.known():
        raise ObjectiveNotAnalyzed
    args = GenerateQuestionnaire(
        exploration_id=exploration_id,
        questions=body.questions,
        language=body.language,
        seed=secrets.randbelow(LARGEST_SEED + 1) if body.seed is None else body.seed,
        title=body.title,
    )
    return await jobs.submit(
        session,
        GENERATE_QUESTIONNAIRE,
        args,
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_id=exploration_id,
        options=body.job,
    )


async def gather(session: AsyncSession, workspace_id: UUID, args: GenerateQuestionnaire) -> DraftInput:
    """Return what a questionnaire is drafted from; raises ExplorationNotFound, ObjectiveNotAnalyzed."""
    exploration = await explorations.get(session, workspace_id, args.exploration_id)
    objective = await objectives.current(session, workspace_id, args.exploration_id)
    if objective is None or not objective.known():
        raise ObjectiveNotAnalyzed
    people = await personas.list_profiles(session, workspace_id, args.exploration_id)
    return draft_input(
        args.title or exploration.title,
        exploration.country,
        args.language,
        objective.components,
        people,
        args.questions,
    )


async def save(
    session: AsyncSession, workspace_id: UUID, args: GenerateQuestionnaire, drafted: Drafted, questionnaire_id: UUID
) -> None:
    """Store a draft as a questionnaire; raises ExplorationEnded."""
    title = args.title or (await explorations.get(session, workspace_id, args.exploration_id)).title
    body = QuestionnaireCreate(title=title, language=args.language, sections=drafted.sections)
    await questionnaires.create(session, workspace_id, args.exploration_id, body, questionnaire_id=questionnaire_id)
