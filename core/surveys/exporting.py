"""Exports of all responses, read a page at a time; no transaction is open between pages.

frame_of        what is known of the dataset besides its questions
pages           the responses
export_lines    a file of lines: csv, csv-long, jsonl
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from core.questionnaires.content import Content
from core.surveys import export, repository
from core.surveys.export_long import long_header, long_rows
from core.surveys.fields import Frame
from core.surveys.models import Simulation
from core.surveys.responses import ResponseRead
from core.surveys.service import content_of, list_responses, model_of, persona_names

EXPORTED_AT_ONCE: Final = 2500
"""Answers on a page of an export: however many questions there are, a page is as large and takes as long."""
Scope = Callable[[], AbstractAsyncContextManager[AsyncSession]]
LineFormat = Literal["csv", "csv-long", "jsonl"]


async def frame_of(scope: Scope, simulation: Simulation) -> Frame:
    """Return who took part, which attributes there are, and which model answered."""
    async with scope() as session:
        model, demonstration = await model_of(session, simulation)
        attributes = await repository.attribute_names(session, simulation.workspace_id, simulation.id)
    return Frame(persona_names(simulation), attributes, model or "", bool(demonstration))


async def pages(
    scope: Scope, simulation: Simulation, weights: Mapping[int, float] | None = None
) -> AsyncIterator[list[ResponseRead]]:
    """Yield all responses, by number; with `weights`, those of a weighting stand in place of their own, 0 for none."""
    after, limit = 0, max(1, EXPORTED_AT_ONCE // max(1, content_of(simulation).question_count))
    while True:
        async with scope() as session:
            page = await list_responses(session, simulation, after=after, limit=limit)
        if not page:
            return
        after = page[-1].respondent_number
        if weights is None:
            yield page
        else:
            yield [one.model_copy(update={"weight": weights.get(one.respondent_number, 0.0)}) for one in page]


async def export_lines(
    scope: Scope, simulation: Simulation, format_: LineFormat, weights: Mapping[int, float] | None = None
) -> AsyncIterator[str]:
    """Yield a file of lines, a page at a time."""
    content = content_of(simulation)
    frame = await frame_of(scope, simulation)
    if format_ == "csv":
        columns = export.csv_columns(content.questions())
        yield export.csv_header(frame.attributes, columns, [split.key for split in content.splits])
    elif format_ == "csv-long":
        yield long_header(frame.attributes, [split.key for split in content.splits])
    async for page in pages(scope, simulation, weights):
        yield "".join(_lines(page, content, frame, format_))


def _lines(page: Iterable[ResponseRead], content: Content, frame: Frame, format_: LineFormat) -> Iterable[str]:
    questions, splits = list(content.questions()), [split.key for split in content.splits]
    if format_ == "jsonl":
        return export.jsonl_rows(page, model=frame.model, demonstration=frame.demonstration)
    if format_ == "csv":
        keys = export.csv_columns(questions)
        return export.csv_rows(
            page, frame.attributes, keys, frame.personas, splits, model=frame.model, demonstration=frame.demonstration
        )
    return long_rows(
        page, frame.attributes, questions, frame.personas, splits, model=frame.model, demonstration=frame.demonstration
    )
