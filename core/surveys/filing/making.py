"""Makes a file of all responses in a bounded process, fed a page at a time: the caller's process only reads pages."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.bounded import running
from core.bounded.running import Bounds, ProcessFailed, ProcessTimeout, TooMuchOutput
from core.errors import FieldError, Invalid
from core.surveys.errors import ExportFailed
from core.surveys.exporting import Scope, frame_of, pages
from core.surveys.fields import fields_of
from core.surveys.filing.request import FileFormat, FileRequest
from core.surveys.models import Simulation
from core.surveys.service import content_of

ROOT: Final = Path(__file__).resolve().parents[3]
MODULE: Final = "core.surveys.filing"
AT_ONCE: Final = 2
BOUNDS: Final = Bounds(timeout_s=180.0, memory_mb=512, max_bytes=512 * 1024 * 1024)
MOST_COLUMNS: Final[dict[FileFormat, int]] = {"xlsx": 16_384, "sav": 30_000}
MOST_CELLS: Final[dict[FileFormat, int]] = {"xlsx": 1_500_000, "sav": 3_000_000}
"""Columns times respondents that one process writes well within its time, also on a slow machine."""
PIECE_BYTES: Final = 256 * 1024
Weights = Mapping[int, float] | None
"""By respondent number, in place of their own; None for their own."""
_places: Final = asyncio.Semaphore(AT_ONCE)


async def made_file(scope: Scope, simulation: Simulation, format_: FileFormat, weights: Weights = None) -> IO[bytes]:
    """Return a file of all responses, at its start; it has no name, and is gone once closed.

    Raises Invalid naming `format` where it would hold more than the format or the time allows, and ExportFailed.
    """
    request = await _request(scope, simulation, format_)
    _check_size(request, simulation)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - who sends it closes it
    try:
        async with _places:
            with tempfile.TemporaryDirectory(prefix="export-") as folder:
                await _write(scope, simulation, request, target, folder, weights)
        target.seek(0)
    except BaseException:
        target.close()
        raise
    return target


def read_pieces(source: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's bytes, a piece at a time, and close it."""
    with source:
        while piece := source.read(PIECE_BYTES):
            yield piece


async def _write(
    scope: Scope, simulation: Simulation, request: FileRequest, target: IO[bytes], folder: str, weights: Weights
) -> None:
    try:
        lines = _lines(scope, simulation, request, weights)
        await running.feed(MODULE, lines, target, BOUNDS, root=ROOT, environment={"TMPDIR": folder})
    except (ProcessTimeout, TooMuchOutput):
        raise ExportFailed(
            f"The file is too large for {request.format}; csv and csv-long have no such limit."
        ) from None
    except ProcessFailed as error:
        raise ExportFailed(f"The writer of the file {error}") from None


async def _lines(scope: Scope, simulation: Simulation, request: FileRequest, weights: Weights) -> AsyncIterator[bytes]:
    yield request.model_dump_json().encode() + b"\n"
    async for page in pages(scope, simulation, weights):
        for response in page:
            yield response.model_dump_json().encode() + b"\n"


async def _request(scope: Scope, simulation: Simulation, format_: FileFormat) -> FileRequest:
    frame = await frame_of(scope, simulation)
    async with scope() as session:
        longest = await _text_bytes(session, simulation) if format_ == "sav" else {}
    return FileRequest(
        format=format_,
        title=simulation.title,
        made_at=simulation.created_at,
        content=content_of(simulation),
        personas=dict(frame.personas),
        attributes=list(frame.attributes),
        model=frame.model,
        demonstration=frame.demonstration,
        text_bytes=longest | {"model": len(frame.model.encode())},
        notes=_notes(simulation, demonstration=frame.demonstration),
    )


def _notes(simulation: Simulation, *, demonstration: bool) -> list[str]:
    told = ["Respondents are simulated; nobody was asked."]
    if demonstration:
        told.append("The answers are a demonstration: the built-in offline model gave them.")
    if not simulation.complete:
        told.append("The simulation was not complete when this file was made.")
    return told


def _check_size(request: FileRequest, simulation: Simulation) -> None:
    columns, format_ = len(fields_of(request.content, request.frame())), request.format
    if columns > MOST_COLUMNS[format_] or columns * simulation.sample_size > MOST_CELLS[format_]:
        wrong = (
            f"{columns:,} columns of {simulation.sample_size:,} respondents are too many for {format_}: take csv-long"
        )
        raise Invalid([FieldError(("query", "format"), wrong)])


async def _text_bytes(session: AsyncSession, simulation: Simulation) -> dict[str, int]:
    """Return how many bytes the longest text of each attribute (`a:<name>`) and open-ended question has."""
    texts = [question.key for question in content_of(simulation).questions() if question.type == "open_ended"]
    rows = await session.execute(
        text("""
            SELECT 'a:' || name, max(octet_length(value))
            FROM respondent, jsonb_each_text(attributes) AS own(name, value)
            WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id GROUP BY 1
            UNION ALL
            SELECT question_key, max(octet_length(value #>> '{}')) FROM answer
            WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND question_key = ANY(:texts)
            GROUP BY 1
        """),
        {"workspace_id": simulation.workspace_id, "simulation_id": simulation.id, "texts": texts},
    )
    return {str(name): int(longest or 0) for name, longest in rows}
