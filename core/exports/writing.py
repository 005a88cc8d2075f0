"""Write a workspace to a ZIP: rows as JSON, responses as CSV, files as they are. Memory stays bounded: a page of rows
or one file at a time.

The tables are read one after the other while work goes on; what is written meanwhile may be in one and not in another.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db.session import driver_of
from core.exports.content import HELD, LEFT_OUT
from core.storage import service as storage
from core.surveys import service as surveys
from core.surveys.exporting import export_lines
from core.workspaces import service as workspaces

Scope = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Told = Callable[[str], Any]
ROWS_AT_ONCE: Final = 500
SUBJECT: Final = "workspace_export"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_COLUMNS: Final = """
    SELECT a.attname, coalesce(a.attnum = ANY (i.indkey::int[]), false) AS is_key
    FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_FILES: Final = text("""
    SELECT subject_type, subject_id, name, content_type FROM stored_file WHERE workspace_id = :workspace_id
        AND subject_type <> :own ORDER BY id
""")


async def write_zip(target: IO[bytes], scope: Scope, workspace_id: UUID, told: Told) -> dict[str, int]:
    """Write the archive to a file that can be sought in; return how many rows or files each of its parts has.

    `told` is awaited with the name of each part before it is written.
    """
    counts: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, omitted in HELD.items():
            await told(table)
            counts[table] = await _write_table(archive, scope, workspace_id, table, omitted)
        await told("responses")
        counts["responses"] = await _write_responses(archive, scope, workspace_id)
        await told("files")
        counts["files"] = await _write_files(archive, scope, workspace_id)
        async with scope() as session:
            workspace = await workspaces.get(session, workspace_id)
        manifest = {
            "workspace": workspace.model_dump(mode="json"),
            "made_at": clock.now().isoformat(),
            "format": 1,
            "counts": counts,
            "left_out": LEFT_OUT,
        }
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
    return counts


@asynccontextmanager
async def _entry(archive: zipfile.ZipFile, name: str) -> AsyncIterator[Callable[[bytes], Any]]:
    """Open one file of the archive; what it is given is compressed off the event loop."""
    with archive.open(name, "w", force_zip64=True) as entry:

        async def write(data: bytes) -> None:
            await asyncio.to_thread(entry.write, data)

        yield write


async def _write_table(
    archive: zipfile.ZipFile, scope: Scope, workspace_id: UUID, table: str, omitted: tuple[str, ...]
) -> int:
    count = 0
    async with _entry(archive, f"data/{table}.json") as write, scope() as session:
        await write(b"[")
        columns = await driver_of(session).fetch(_COLUMNS, table)
        query = _rows_of(table, [(row["attname"], row["is_key"]) for row in columns if row["attname"] not in omitted])
        cursor = await driver_of(session).cursor(query, workspace_id)
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            lines = ",\n".join(row[0] for row in rows)
            await write(((",\n" if count else "\n") + lines).encode())
            count += len(rows)
        await write(b"\n]\n")
    return count


def _rows_of(table: str, columns: Sequence[tuple[str, bool]]) -> str:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    order = ", ".join(f'"{name}"' for name, is_key in columns if is_key)
    own = f"AND subject_type <> '{SUBJECT}'" if table == "stored_file" else ""
    return (
        f"SELECT row_to_json(r)::text FROM (SELECT {names} FROM {table}"  # noqa: S608 - names of our own tables
        f" WHERE workspace_id = $1 {own} ORDER BY {order}) AS r"
    )


async def _write_responses(archive: zipfile.ZipFile, scope: Scope, workspace_id: UUID) -> int:
    async with scope() as session:
        ids = await surveys.list_ids(session, workspace_id)
    for simulation_id in ids:
        async with scope() as session:
            simulation = await surveys.get_by_id(session, workspace_id, simulation_id)
        async with _entry(archive, f"responses/{simulation_id}.csv") as write:
            async for lines in export_lines(scope, simulation, "csv"):
                await write(lines.encode())
    return len(ids)


async def _write_files(archive: zipfile.ZipFile, scope: Scope, workspace_id: UUID) -> int:
    async with scope() as session:
        rows = (await session.execute(_FILES, {"workspace_id": workspace_id, "own": SUBJECT})).all()
    for row in rows:
        async with scope() as session:
            stored = await storage.get(session, workspace_id, row.subject_id, row.name)
        name = _file_name(row.name, row.content_type)
        async with _entry(archive, f"files/{_UNSAFE.sub('_', row.subject_type)}/{row.subject_id}/{name}") as write:
            await write(stored.data)
    return len(rows)


def _file_name(name: str, content_type: str) -> str:
    """Return a name that any system takes, and that tells programs what is in the file: `pdf` is `file.pdf`."""
    safe = _UNSAFE.sub("_", name).lstrip(".") or "file"
    suffix = mimetypes.guess_extension(content_type.partition(";")[0].strip()) or ""
    if "." in safe or not suffix:
        return safe
    return f"file{suffix}" if f".{safe}" == suffix else safe + suffix
