"""What can be done with a workspace's own anchor sets.

create, get, list_for, update, delete    a caller's sets
require_fitting                          the sets that a questionnaire names are there, and fit
named_by                                 the sets that a questionnaire names, by question key
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db.text import look_of
from core.errors import FieldError, Invalid
from core.questionnaires import anchor_repository as repository
from core.questionnaires.anchor_schemas import AnchorSetCreate, AnchorSetUpdate
from core.questionnaires.content import Content, Question
from core.questionnaires.errors import AnchorSetNameTaken
from core.questionnaires.models import AnchorSet
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

Loc = tuple[str | int, ...]


async def create(session: AsyncSession, workspace_id: UUID, body: AnchorSetCreate) -> AnchorSet:
    """Store an anchor set; raises Invalid naming each wrong field, AnchorSetNameTaken."""
    _require_whole(body.sets, body.points)
    row = AnchorSet(
        workspace_id=workspace_id, name=body.name, language=body.language, points=body.points, sets=body.sets
    )
    session.add(row)
    return await _written(session, row)


async def get(session: AsyncSession, workspace_id: UUID, anchor_set_id: UUID) -> AnchorSet:
    """Return an anchor set; raises AnchorSetNotFound."""
    return await repository.get_by_id(session, workspace_id, anchor_set_id)


async def list_for(
    session: AsyncSession, workspace_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[AnchorSet]:
    """Return a workspace's anchor sets, newest first."""
    return await repository.list_for_workspace(session, workspace_id, limit, before)


async def update(session: AsyncSession, workspace_id: UUID, anchor_set_id: UUID, body: AnchorSetUpdate) -> AnchorSet:
    """Change an anchor set; other sentences make a new version. Simulations keep those they ran on.

    Raises AnchorSetNotFound, Invalid, AnchorSetNameTaken.
    """
    row = await repository.get_by_id(session, workspace_id, anchor_set_id, lock=True)
    given = body.model_fields_set
    if "sets" in given:
        _require_whole(body.sets, row.points)
        row.version += row.sets != body.sets
        row.sets = body.sets
    if "name" in given:
        row.name = body.name
    if "language" in given:
        row.language = body.language
    row.updated_at = clock.now()
    return await _written(session, row)


async def delete(session: AsyncSession, member: Member, anchor_set_id: UUID) -> None:
    """Take an anchor set out of sight; questionnaires that name it must name another before they run again."""
    row = await repository.get_by_id(session, member.workspace_id, anchor_set_id, lock=True)
    row.deleted_at = clock.now()
    await record_deleted(session, member, "anchor_set", row.id, {"name": row.name})
    await session.flush()


async def require_fitting(
    session: AsyncSession,
    workspace_id: UUID,
    content: Content,
    language: str,
    loc: Loc = ("body", "sections"),
    *,
    before: Content | None = None,
) -> None:
    """Check the anchor sets that questions name: there, of as many points, in the language; raises Invalid.

    What a question named `before`, with as many points, is not checked again: its set may have been deleted since.
    """
    found = await _found(session, workspace_id, content)
    stayed = {_rated(question) for question in before.questions()} if before else set()
    errors = [
        FieldError((*loc, place, "questions", number, "anchor_set_id"), wrong)
        for place, section in enumerate(content.sections)
        for number, question in enumerate(section.questions)
        if question.anchor_set_id is not None and _rated(question) not in stayed
        for wrong in [_misfit(question, language, found.get(question.anchor_set_id))]
        if wrong is not None
    ]
    if errors:
        raise Invalid(errors)


async def named_by(
    session: AsyncSession, workspace_id: UUID, content: Content, language: str, loc: Loc = ("body", "questionnaire_id")
) -> dict[str, AnchorSet]:
    """Return the anchor set of each question that names one, by key; raises Invalid at `loc` where one does not fit."""
    found = await _found(session, workspace_id, content)
    named = [question for question in content.questions() if question.anchor_set_id is not None]
    wrong = {
        question.key: _misfit(question, language, found.get(question.anchor_set_id))  # type: ignore[arg-type]
        for question in named
    }
    errors = [FieldError(loc, f"the anchor set of {key} {misfit}") for key, misfit in wrong.items() if misfit]
    if errors:
        raise Invalid(errors)
    return {question.key: found[question.anchor_set_id] for question in named}  # type: ignore[index]


async def _found(session: AsyncSession, workspace_id: UUID, content: Content) -> dict[UUID, AnchorSet]:
    ids = {question.anchor_set_id for question in content.questions()} - {None}
    rows = await repository.list_by_ids(session, workspace_id, ids) if ids else []  # type: ignore[arg-type]
    return {row.id: row for row in rows}


def _misfit(question: Question, language: str, row: AnchorSet | None) -> str | None:
    """Return what is wrong with the set a question names, None where it fits."""
    if row is None:
        return "is no anchor set of this workspace"
    if row.points != len(question.options):
        return f"has {row.points} points, the question {len(question.options)}"
    if _spoken(row.language) != _spoken(language):
        return f"is in {row.language}, the questionnaire in {language}"
    return None


def _rated(question: Question) -> tuple[UUID, UUID | None, int]:
    return question.id, question.anchor_set_id, len(question.options)


def _spoken(language: str) -> str:
    return language.partition("-")[0].lower()


def _require_whole(sets: Sequence[Sequence[str]], points: int) -> None:
    """Check that each set has one sentence per point, none twice; raises Invalid."""
    errors: list[FieldError] = []
    for place, sentences in enumerate(sets):
        if len(sentences) != points:
            errors.append(FieldError(("body", "sets", place), f"must be {points} sentences, one per point"))
        seen: dict[str, int] = {}
        for number, sentence in enumerate(sentences):
            first = seen.setdefault(look_of(sentence), number)
            if first != number:
                errors.append(FieldError(("body", "sets", place, number), f"is the same as sentence {first}"))
    if errors:
        raise Invalid(errors)


async def _written(session: AsyncSession, row: AnchorSet) -> AnchorSet:
    try:
        await session.flush()
    except IntegrityError as error:
        raise AnchorSetNameTaken from error
    await session.refresh(row)
    return row
