"""What can be done with the sections and questions of a questionnaire, one at a time.

Each change is one of the whole: it locks the questionnaire, checks all of it, and makes a version, or changes nothing.

sections_of, get_section, get_question      what there is
add_section, update_section, delete_section
add_question, update_question, delete_question, copy_question
reorder                                     all sections and questions in one body
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.explorations import service as explorations
from core.questionnaires import service
from core.questionnaires.anchor_sets import require_fitting
from core.questionnaires.content import Content, Question, Section
from core.questionnaires.errors import QuestionNotFound, SectionNotFound
from core.questionnaires.models import Questionnaire
from core.questionnaires.pieces import Draft, Place, merged, moved
from core.questionnaires.schemas import (
    QuestionCreate,
    QuestionUpdate,
    Reorder,
    SectionCreate,
    SectionUpdate,
)
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted


@dataclass(frozen=True, slots=True)
class Target:
    """The questionnaire that is edited, by whom, and the tags it may have, None for any."""

    member: Member
    exploration_id: UUID
    questionnaire_id: UUID
    expected: frozenset[str] | None = None


async def sections_of(session: AsyncSession, target: Target) -> tuple[Questionnaire, tuple[Section, ...]]:
    """Return a questionnaire and its sections; raises QuestionnaireNotFound."""
    row = await service.get(session, target.member.workspace_id, target.exploration_id, target.questionnaire_id)
    return row, Content.model_validate(row.content).sections


async def get_section(session: AsyncSession, target: Target, section_id: UUID) -> tuple[Questionnaire, Section]:
    """Return a questionnaire and one of its sections; raises QuestionnaireNotFound, SectionNotFound."""
    row, sections = await sections_of(session, target)
    for section in sections:
        if section.id == section_id:
            return row, section
    raise SectionNotFound


async def get_question(
    session: AsyncSession, target: Target, section_id: UUID, question_id: UUID
) -> tuple[Questionnaire, Question]:
    """Return a questionnaire and a question of it; raises what `get_section` raises, QuestionNotFound."""
    row, section = await get_section(session, target, section_id)
    for question in section.questions:
        if question.id == question_id:
            return row, question
    raise QuestionNotFound


async def add_section(session: AsyncSession, target: Target, body: SectionCreate) -> tuple[Questionnaire, Section]:
    """Put a section in, with or without questions.

    Raises QuestionnaireNotFound, QuestionnaireChanged, ExplorationEnded, Invalid.
    """
    row, draft = await _opened(session, target, adds=True)
    place = draft.add_section(body)
    content = await _saved(session, row, draft, place)
    return row, content.sections[place[0]]


async def update_section(
    session: AsyncSession, target: Target, section_id: UUID, body: SectionUpdate
) -> tuple[Questionnaire, Section]:
    """Change a section's title, all its questions, or its position.

    Raises QuestionnaireNotFound, SectionNotFound, QuestionnaireChanged, Invalid.
    """
    row, draft = await _opened(session, target)
    place = draft.section_at(section_id)
    _same_id(body.id, section_id)
    given = {name: getattr(body, name) for name in body.model_fields_set & {"title", "questions"}}
    draft.sections[place] = draft.sections[place].model_copy(update=given)
    place = moved(draft.sections, place, body.position)
    content = await _saved(session, row, draft, (place,))
    return row, content.sections[place]


async def delete_section(session: AsyncSession, target: Target, section_id: UUID) -> Questionnaire:
    """Take a section out with its questions; raises what `update_section` raises."""
    row, draft = await _opened(session, target)
    del draft.sections[draft.section_at(section_id)]
    await _saved(session, row, draft)
    await record_deleted(session, target.member, "questionnaire_section", section_id, {"questionnaire_id": str(row.id)})
    return row


async def add_question(
    session: AsyncSession, target: Target, section_id: UUID, body: QuestionCreate
) -> tuple[Questionnaire, Question]:
    """Put a question into a section.

    Raises QuestionnaireNotFound, SectionNotFound, QuestionnaireChanged, ExplorationEnded, Invalid.
    """
    row, draft = await _opened(session, target, adds=True)
    place = draft.add_question(draft.section_at(section_id), body)
    return row, _question(await _saved(session, row, draft, place), place)


async def copy_question(
    session: AsyncSession, target: Target, section_id: UUID, question_id: UUID
) -> tuple[Questionnaire, Question]:
    """Put a copy of a question after it, with a key of its own; raises what `add_question` raises, QuestionNotFound."""
    row, draft = await _opened(session, target, adds=True)
    section, number = draft.question_at(section_id, question_id)
    questions = draft.sections[section].questions
    key = draft.free_key(questions[number].key)
    questions.insert(number + 1, questions[number].model_copy(update={"id": None, "key": key}))
    place = section, number + 1
    return row, _question(await _saved(session, row, draft, place), place)


async def update_question(
    session: AsyncSession, target: Target, section_id: UUID, question_id: UUID, body: QuestionUpdate
) -> tuple[Questionnaire, Question]:
    """Change what is given of a question, or its position in the section.

    Raises QuestionnaireNotFound, SectionNotFound, QuestionNotFound, QuestionnaireChanged, Invalid.
    """
    row, draft = await _opened(session, target)
    section, number = draft.question_at(section_id, question_id)
    _same_id(body.id, question_id)
    questions = draft.sections[section].questions
    questions[number] = merged(questions[number], body)
    place = section, moved(questions, number, body.position)
    return row, _question(await _saved(session, row, draft, place), place)


async def delete_question(session: AsyncSession, target: Target, section_id: UUID, question_id: UUID) -> Questionnaire:
    """Take a question out; raises what `update_question` raises, Invalid where another one reads its answer."""
    row, draft = await _opened(session, target)
    section, number = draft.question_at(section_id, question_id)
    del draft.sections[section].questions[number]
    await _saved(session, row, draft)
    await record_deleted(
        session, target.member, "questionnaire_question", question_id, {"questionnaire_id": str(row.id)}
    )
    return row


async def reorder(session: AsyncSession, target: Target, body: Reorder) -> Questionnaire:
    """Put all sections and questions in another order; raises QuestionnaireNotFound, QuestionnaireChanged, Invalid."""
    row, draft = await _opened(session, target)
    draft.reordered(body)
    content = draft.built(whole=("body", "sections"))
    return await service.save(session, row, content, row.language)


async def _opened(session: AsyncSession, target: Target, *, adds: bool = False) -> tuple[Questionnaire, Draft]:
    workspace_id = target.member.workspace_id
    if adds:
        await explorations.require_open(session, workspace_id, target.exploration_id)
    row = await service.open_to_change(
        session, workspace_id, target.exploration_id, target.questionnaire_id, target.expected
    )
    return row, Draft(Content.model_validate(row.content))


async def _saved(session: AsyncSession, row: Questionnaire, draft: Draft, piece: Place | None = None) -> Content:
    content = draft.built(piece)
    try:
        await require_fitting(session, row.workspace_id, content, row.language, before=draft.before)
    except Invalid as error:
        raise draft.told(error, piece) from None
    await service.save(session, row, content, row.language)
    return content


def _question(content: Content, place: tuple[int, int]) -> Question:
    return content.sections[place[0]].questions[place[1]]


def _same_id(given: UUID | None, id_: UUID) -> None:
    if given not in (None, id_):
        raise Invalid([FieldError(("body", "id"), "is not the id in the path")])
