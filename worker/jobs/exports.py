"""Body of the export job: write the ZIP to a file of the worker's, then store it in pieces."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import tempfile
from typing import IO

from sqlalchemy.ext.asyncio import AsyncSession

from core.exports import service as exports
from core.exports.content import HELD
from core.exports.jobs import EXPORT_WORKSPACE, ExportWorkspace
from core.exports.service import PART_BYTES, Written
from core.exports.writing import write_zip
from core.jobs.errors import PermanentError
from worker.context import JobContext
from worker.registry import Done, body


@body(EXPORT_WORKSPACE)
async def export_workspace(ctx: JobContext, args: ExportWorkspace) -> Done:
    """Write all of a workspace as it is now."""
    workspace_id = ctx.claim.workspace_id
    if workspace_id is None:
        raise PermanentError("An export is of a workspace.")
    async with ctx.scope() as session:
        link = exports.link_of(await exports.get(session, workspace_id, args.export_id))

    async def told(part: str) -> None:
        await ctx.progress(total=len(HELD) + 2, message=f"Writing {part}")

    with tempfile.TemporaryFile() as file:
        await write_zip(file, ctx.scope, workspace_id, told)
        await ctx.progress(total=len(HELD) + 2, message="Storing the file")
        written = await _store(ctx, args, file)

    async def write(session: AsyncSession) -> None:
        await exports.complete(session, workspace_id, args.export_id, written)

    return Done({"export_id": str(args.export_id), "link": link}, write)


async def _store(ctx: JobContext, args: ExportWorkspace, file: IO[bytes]) -> Written:
    workspace_id = ctx.claim.workspace_id
    assert workspace_id is not None
    digest, size, parts = hashlib.sha256(), 0, 0
    file.seek(0)
    while data := await asyncio.to_thread(file.read, PART_BYTES):
        digest.update(data)
        await ctx.save(
            functools.partial(
                exports.keep_part, workspace_id=workspace_id, export_id=args.export_id, number=parts, data=data
            )
        )
        size, parts = size + len(data), parts + 1
    return Written(parts, size, digest.hexdigest())
