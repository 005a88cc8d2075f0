"""Body of the extraction job: read the file, extract it in a bounded process, store its passages with the job's end.

A worker that dies in between leaves nothing: the next one extracts anew, which costs a few seconds and no model call.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.crypto.service import NotOpened
from core.evidence import extracting
from core.evidence.extraction import Extracted, ExtractionHeldUp, NotExtracted, extract
from core.evidence.files import kind_of
from core.evidence.jobs import EXTRACT_EVIDENCE, ExtractEvidence
from core.evidence.keeping import opened
from core.jobs.errors import PermanentError, TransientError
from core.settings import get_settings
from core.storage.service import FileNotStored
from worker.context import JobContext
from worker.registry import Done, body

GONE = "The file of this document is no longer kept; upload it again."


@body(EXTRACT_EVIDENCE)
async def extract_evidence(ctx: JobContext, args: ExtractEvidence) -> Done:
    """Make passages of a document's file."""
    workspace_id = ctx.claim.workspace_id
    if workspace_id is None:
        raise PermanentError("Evidence belongs to a workspace.")
    evidence_id = args.evidence_id
    await ctx.save(lambda session: extracting.begin(session, workspace_id, evidence_id, ctx.claim.job_id))
    await ctx.progress(total=1, message="Extracting passages")
    try:
        extracted = await _extract(ctx, workspace_id, evidence_id)
    except NotExtracted as error:
        refused = error
        await ctx.save(lambda session: extracting.fail(session, workspace_id, evidence_id, refused))
        raise PermanentError(error.reason, code=error.code) from None
    except ExtractionHeldUp as error:
        raise TransientError(str(error), code="extraction_held_up") from None

    async def write(session: AsyncSession) -> None:
        await extracting.complete(session, workspace_id, evidence_id, extracted)

    return Done({"evidence_id": str(evidence_id), "n_passages": len(extracted.pieces)}, write)


async def _extract(ctx: JobContext, workspace_id: UUID, evidence_id: UUID) -> Extracted:
    try:
        async with ctx.scope() as session:
            row, stored = await extracting.load(session, workspace_id, evidence_id)
        data = await asyncio.to_thread(opened, get_settings(), row, stored)
    except (FileNotStored, NotOpened):
        raise NotExtracted("file_not_kept", GONE) from None
    return await extract(kind_of(row.media_type), data, redact=row.redacted)
