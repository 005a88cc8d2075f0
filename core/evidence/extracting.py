"""What the extraction job does to a document: begin, complete, fail; each in a transaction of the job's own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.evidence import keeping as files
from core.evidence import repository
from core.evidence.errors import EvidenceHasLaterJob
from core.evidence.extraction import Extracted, NotExtracted
from core.evidence.models import Evidence
from core.evidence.service import tell


async def begin(session: AsyncSession, workspace_id: UUID, evidence_id: UUID, job_id: UUID) -> None:
    """Note that a document is being extracted; raises EvidenceNotFound, EvidenceHasLaterJob.

    A job that was failed and is retried must not make other passages of what a later one has made passages of.
    """
    row = await repository.get(session, workspace_id, evidence_id, hold=True)
    if row.job_id != job_id:
        raise EvidenceHasLaterJob
    row.status, row.reason, row.updated_at = "extracting", None, clock.now()
    await session.flush()


async def load(session: AsyncSession, workspace_id: UUID, evidence_id: UUID) -> tuple[Evidence, bytes]:
    """Return a document and its file as it is stored; raises EvidenceNotFound, FileNotStored."""
    row = await repository.get(session, workspace_id, evidence_id)
    return row, await files.load(session, row)


async def complete(session: AsyncSession, workspace_id: UUID, evidence_id: UUID, extracted: Extracted) -> None:
    """Store the passages of a document in place of any it had, and tell that it is ready; raises EvidenceNotFound."""
    row = await repository.get(session, workspace_id, evidence_id, hold=True)
    await repository.replace_passages(session, row, extracted.pieces)
    await files.drop_sealed(session, row)
    row.status, row.reason = "ready", " ".join(extracted.left_out) or None
    row.n_passages, row.extractor = len(extracted.pieces), extracted.extractor
    row.redactions = dict(extracted.redactions) if row.redacted else None
    row.updated_at = clock.now()
    await session.flush()
    await tell(session, row, "evidence.ready")


async def fail(session: AsyncSession, workspace_id: UUID, evidence_id: UUID, error: NotExtracted) -> None:
    """Note why a document cannot be extracted, and tell so; raises EvidenceNotFound."""
    row = await repository.get(session, workspace_id, evidence_id, hold=True)
    await files.drop_sealed(session, row)
    row.status, row.reason, row.updated_at = "failed", error.reason, clock.now()
    await session.flush()
    await tell(session, row, "evidence.failed")
