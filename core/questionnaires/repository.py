"""Queries of questionnaires; used by the service only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.questionnaires.errors import QuestionnaireNotFound
from core.questionnaires.models import Questionnaire, QuestionnaireVersion
from core.questionnaires.schemas import QuestionnaireSummary


async def get_by_id(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    questionnaire_id: UUID,
    *,
    lock: bool = False,
) -> Questionnaire:
    """Return a questionnaire of an exploration that is not deleted; raises QuestionnaireNotFound."""
    query = select(Questionnaire).where(
        col(Questionnaire.id) == questionnaire_id,
        col(Questionnaire.workspace_id) == workspace_id,
        col(Questionnaire.exploration_id) == exploration_id,
        col(Questionnaire.deleted_at).is_(None),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise QuestionnaireNotFound
    return found


async def list_for_exploration(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[QuestionnaireSummary]:
    """Return an exploration's questionnaires without their content, newest first."""
    columns: list[Any] = [getattr(Questionnaire, name) for name in QuestionnaireSummary.model_fields]
    query = select(*columns).where(
        col(Questionnaire.workspace_id) == workspace_id,
        col(Questionnaire.exploration_id) == exploration_id,
        col(Questionnaire.deleted_at).is_(None),
    )
    query = newest_first(query, Questionnaire, limit=limit, before=before)
    return [QuestionnaireSummary.model_validate(row) for row in await session.execute(query)]


async def get_version(
    session: AsyncSession, workspace_id: UUID, questionnaire_id: UUID, version: int
) -> tuple[QuestionnaireVersion, UUID]:
    """Return a version, of a deleted questionnaire too, and its exploration; raises QuestionnaireNotFound."""
    query = (
        select(QuestionnaireVersion, col(Questionnaire.exploration_id))
        .join(Questionnaire, col(Questionnaire.id) == col(QuestionnaireVersion.questionnaire_id))
        .where(
            col(QuestionnaireVersion.workspace_id) == workspace_id,
            col(QuestionnaireVersion.questionnaire_id) == questionnaire_id,
            col(QuestionnaireVersion.version) == version,
        )
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise QuestionnaireNotFound
    return row[0], row[1]


async def list_versions(
    session: AsyncSession, questionnaire_id: UUID, *, limit: int, below: int | None
) -> list[QuestionnaireVersion]:
    """Return a questionnaire's versions, newest first."""
    query = select(QuestionnaireVersion).where(col(QuestionnaireVersion.questionnaire_id) == questionnaire_id)
    if below is not None:
        query = query.where(col(QuestionnaireVersion.version) < below)
    query = query.order_by(col(QuestionnaireVersion.version).desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def count_for_exploration(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many questionnaires an exploration has."""
    query = select(func.count()).where(
        col(Questionnaire.workspace_id) == workspace_id,
        col(Questionnaire.exploration_id) == exploration_id,
        col(Questionnaire.deleted_at).is_(None),
    )
    return int((await session.execute(query)).scalar_one())
