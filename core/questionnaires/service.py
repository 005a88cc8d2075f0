"""What can be done with questionnaires.

create, get, list_for, update, delete    a caller's questionnaires
open_to_change, save                     a change in two halves, for `editing.py`; tag_of tells one state from another
versions, duplicate, lint_of             what one was, a copy of it, what is to be said against it
snapshot                                 the present version, typed and immutable, to start a simulation
snapshot_version                         the same of a named version, to go on with one
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db.base import uuid7
from core.errors import FieldError, Invalid
from core.events import service as events
from core.explorations import service as explorations
from core.questionnaires import repository
from core.questionnaires.anchor_sets import require_fitting
from core.questionnaires.building import build_content, copied_title, sections_input, splits_input, with_new_ids
from core.questionnaires.content import Content
from core.questionnaires.errors import QuestionnaireChanged, QuestionnaireNotFound
from core.questionnaires.lint import Finding, lint
from core.questionnaires.models import Questionnaire, QuestionnaireVersion
from core.questionnaires.schemas import (
    QuestionnaireCreate,
    QuestionnaireSnapshot,
    QuestionnaireSummary,
    QuestionnaireUpdate,
)
from core.questionnaires.splits import one_by_one, resolved
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

Loc = tuple[str | int, ...]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def create(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    body: QuestionnaireCreate,
    *,
    questionnaire_id: UUID | None = None,
) -> Questionnaire:
    """Store a questionnaire as version 1, under a new id or `questionnaire_id`.

    Raises Invalid naming each wrong field, ExplorationNotFound, ExplorationEnded.
    """
    await explorations.require_open(session, workspace_id, exploration_id)
    content = build_content(body.sections, body.splits)
    await require_fitting(session, workspace_id, content, body.language)
    made_id = questionnaire_id or uuid7()
    return await _store(session, workspace_id, exploration_id, body.title, body.language, content, made_id)


async def _store(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    title: str,
    language: str,
    content: Content,
    questionnaire_id: UUID,
) -> Questionnaire:
    """Write a questionnaire as version 1."""
    row = Questionnaire(
        id=questionnaire_id,
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        title=title,
        language=language,
        content=content.model_dump(mode="json"),
        question_count=content.question_count,
    )
    session.add(row)
    await session.flush()
    session.add(_version_of(row))
    await _tell(session, row, "questionnaire.created")
    await session.flush()
    await session.refresh(row)
    return row


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, questionnaire_id: UUID) -> Questionnaire:
    """Return a questionnaire of an exploration; raises QuestionnaireNotFound."""
    return await _of_exploration(session, workspace_id, exploration_id, questionnaire_id)


async def count_for(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many questionnaires an exploration has."""
    return await repository.count_for_exploration(session, workspace_id, exploration_id)


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[QuestionnaireSummary]:
    """Return an exploration's questionnaires, newest first; raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    return await repository.list_for_exploration(session, workspace_id, exploration_id, limit=limit, before=before)


async def update(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    questionnaire_id: UUID,
    body: QuestionnaireUpdate,
    *,
    expected: frozenset[str] | None = None,
) -> Questionnaire:
    """Change a questionnaire; a changed content or language makes a new version, the same one none.

    `expected` are the tags (`tag_of`) the caller would change. Raises QuestionnaireNotFound, QuestionnaireChanged
    for another, Invalid.
    """
    row = await open_to_change(session, workspace_id, exploration_id, questionnaire_id, expected)
    given = body.model_fields_set
    old, language = Content.model_validate(row.content), row.language
    content = old
    if given & {"sections", "splits"}:
        sections = body.sections if "sections" in given else sections_input(old)
        splits = body.splits if "splits" in given else splits_input(old)
        content = build_content(sections, splits, kept=old.ids)
        content = old if _without_ids(content) == _without_ids(old) else content
    if "language" in given:
        language = body.language
    same = language == row.language
    await require_fitting(session, workspace_id, content, language, before=old if same else None)
    if "title" in given:
        row.title = body.title
    return await save(session, row, content, language)


async def open_to_change(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    questionnaire_id: UUID,
    expected: frozenset[str] | None,
) -> Questionnaire:
    """Return a questionnaire, locked until the transaction ends; raises QuestionnaireNotFound, QuestionnaireChanged
    when `expected` holds not its tag.
    """
    row = await _of_exploration(session, workspace_id, exploration_id, questionnaire_id, lock=True)
    if expected is not None and tag_of(row) not in expected:
        raise QuestionnaireChanged
    return row


async def save(session: AsyncSession, row: Questionnaire, content: Content, language: str) -> Questionnaire:
    """Store what a questionnaire is changed to: a new version where content or language are others."""
    if content != Content.model_validate(row.content) or language != row.language:
        row.version += 1
        row.language = language
        row.content = content.model_dump(mode="json")
        row.question_count = content.question_count
        session.add(_version_of(row))
    row.updated_at = clock.now()
    await _tell(session, row, "questionnaire.updated")
    await session.flush()
    await session.refresh(row)
    return row


def tag_of(row: Questionnaire) -> str:
    """Return what tells this state of a questionnaire from every other: version and moment of change."""
    return f"{row.version}-{(row.updated_at - EPOCH) // timedelta(microseconds=1):x}"


async def versions(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    questionnaire_id: UUID,
    *,
    limit: int,
    below: int | None = None,
) -> list[QuestionnaireVersion]:
    """Return a questionnaire's versions, newest first; raises QuestionnaireNotFound."""
    await _of_exploration(session, workspace_id, exploration_id, questionnaire_id)
    return await repository.list_versions(session, questionnaire_id, limit=limit, below=below)


async def duplicate(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, questionnaire_id: UUID, title: str | None
) -> Questionnaire:
    """Store a copy of a questionnaire's present version as version 1 of another; keys stay, ids are new.

    Raises QuestionnaireNotFound, ExplorationEnded.
    """
    await explorations.require_open(session, workspace_id, exploration_id)
    row = await _of_exploration(session, workspace_id, exploration_id, questionnaire_id)
    content = with_new_ids(Content.model_validate(row.content))
    called = title or copied_title(row.title)
    return await _store(session, workspace_id, exploration_id, called, row.language, content, uuid7())


async def lint_of(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, questionnaire_id: UUID
) -> list[Finding]:
    """Return what a methodologist would object to in a questionnaire; raises QuestionnaireNotFound."""
    row = await _of_exploration(session, workspace_id, exploration_id, questionnaire_id)
    content = Content.model_validate(row.content)
    found = (one for arms in one_by_one(content) for one in lint(resolved(content, arms), row.language))
    return sorted(dict.fromkeys(found), key=lambda one: (one.section, one.question))


async def delete(session: AsyncSession, member: Member, exploration_id: UUID, questionnaire_id: UUID) -> None:
    """Take a questionnaire out of sight; its versions stay for what rests on them."""
    row = await _of_exploration(session, member.workspace_id, exploration_id, questionnaire_id, lock=True)
    row.deleted_at = clock.now()
    await _tell(session, row, "questionnaire.deleted")
    data = {"exploration_id": str(exploration_id), "title": row.title}
    await record_deleted(session, member, "questionnaire", row.id, data)
    await session.flush()


async def snapshot(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    questionnaire_id: UUID,
    loc: Loc = ("body", "questionnaire_id"),
) -> QuestionnaireSnapshot:
    """Return the present version of a questionnaire, typed; raises Invalid at `loc` when it is not there."""
    try:
        row = await repository.get_by_id(session, workspace_id, exploration_id, questionnaire_id)
    except QuestionnaireNotFound as error:
        raise Invalid([FieldError(loc, "is no questionnaire of this exploration")]) from error
    return await snapshot_version(session, workspace_id, questionnaire_id, row.version)


async def snapshot_version(
    session: AsyncSession, workspace_id: UUID, questionnaire_id: UUID, version: int
) -> QuestionnaireSnapshot:
    """Return a version of a questionnaire, even of a deleted one, typed; raises QuestionnaireNotFound."""
    found, exploration_id = await repository.get_version(session, workspace_id, questionnaire_id, version)
    return QuestionnaireSnapshot(
        questionnaire_id=questionnaire_id,
        exploration_id=exploration_id,
        version=found.version,
        title=found.title,
        language=found.language,
        content=Content.model_validate(found.content).without_empty_sections(),
    )


async def _of_exploration(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    questionnaire_id: UUID,
    *,
    lock: bool = False,
) -> Questionnaire:
    await explorations.get(session, workspace_id, exploration_id)
    return await repository.get_by_id(session, workspace_id, exploration_id, questionnaire_id, lock=lock)


def _version_of(row: Questionnaire) -> QuestionnaireVersion:
    return QuestionnaireVersion(
        workspace_id=row.workspace_id,
        questionnaire_id=row.id,
        version=row.version,
        title=row.title,
        language=row.language,
        content=row.content,
    )


def _without_ids(content: Content) -> object:
    dumped = content.model_dump(mode="json", exclude={"sections": {"__all__": {"id": True}}})
    for section in dumped["sections"]:
        for question in section["questions"]:
            question.pop("id")
    return dumped


async def _tell(session: AsyncSession, row: Questionnaire, what: str) -> None:
    await events.record(
        session,
        type=what,
        workspace_id=row.workspace_id,
        exploration_id=row.exploration_id,
        subject_type="questionnaire",
        subject_id=row.id,
        data={"version": row.version},
    )
