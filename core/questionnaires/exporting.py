"""A questionnaire as a file: as it is created, as a document to read, for Qualtrics."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.questionnaires import service
from core.questionnaires.building import key_from
from core.questionnaires.content import Content
from core.questionnaires.models import Questionnaire
from core.questionnaires.paper import paper
from core.questionnaires.qsf import survey_file

QuestionnaireFormat = Literal["json", "docx", "qsf"]
MEDIA_TYPES: Final[dict[QuestionnaireFormat, str]] = {
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "qsf": "application/octet-stream",
}
GIVEN_BY_US: Final = frozenset({"id", "position", "feeds", "splits"})
"""Members of sections and questions that follow from the rest, or are given anew."""
AT_ONCE: Final = 2
_places: Final = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class File:
    """A file and a name for it, of ASCII letters, digits, _ - and a dot."""

    name: str
    data: bytes


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, questionnaire_id: UUID) -> Questionnaire:
    """Return the questionnaire to write; raises QuestionnaireNotFound."""
    return await service.get(session, workspace_id, exploration_id, questionnaire_id)


async def written(row: Questionnaire, format_: QuestionnaireFormat) -> File:
    """Return a questionnaire's present version as a file, made in a thread: no session may be held."""
    async with _places:
        data = await asyncio.to_thread(_bytes, row, format_)
    return File(f"{key_from(row.title)}-v{row.version}.{format_}", data)


def as_created(title: str, language: str, content: Content) -> dict[str, Any]:
    """Return the body that creates the same questionnaire again, with ids of its own."""
    return {
        "title": title,
        "language": language,
        "splits": [split.model_dump(mode="json") for split in content.splits],
        "sections": [
            {
                "title": section.title,
                "questions": [one.model_dump(mode="json", exclude=set(GIVEN_BY_US)) for one in section.questions],
            }
            for section in content.sections
        ],
    }


def _bytes(row: Questionnaire, format_: QuestionnaireFormat) -> bytes:
    content = Content.model_validate(row.content)
    if format_ == "docx":
        return paper(row.title, row.language, row.version, content)
    if format_ == "qsf":
        return survey_file(row.id, row.title, row.language, row.updated_at, content)
    return json.dumps(as_created(row.title, row.language, content), ensure_ascii=False, indent=2).encode()
