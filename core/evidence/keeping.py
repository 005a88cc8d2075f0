"""The files of documents in storage: as they were sent, or sealed until they are redacted."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.crypto import service as crypto
from core.evidence.intake import TakenFile
from core.evidence.models import Evidence
from core.settings import Settings
from core.storage import service as storage

SUBJECT: Final = "evidence"
ORIGINAL: Final = "original"
SEALED: Final = "sealed"
OPAQUE: Final = "application/octet-stream"


async def keep(session: AsyncSession, row: Evidence, taken: TakenFile) -> None:
    """Store a file under its document; one that is to be redacted comes sealed."""
    await storage.put(
        session,
        workspace_id=row.workspace_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        name=SEALED if row.redacted else ORIGINAL,
        content_type=OPAQUE if row.redacted else row.media_type,
        data=taken.data,
    )


async def load(session: AsyncSession, row: Evidence) -> bytes:
    """Return a file as it is stored; raises FileNotStored."""
    return (await storage.get(session, row.workspace_id, row.id, SEALED if row.redacted else ORIGINAL)).data


async def original(session: AsyncSession, workspace_id: UUID, evidence_id: UUID) -> bytes:
    """Return a file that is kept as it was sent; raises FileNotStored."""
    return (await storage.get(session, workspace_id, evidence_id, ORIGINAL)).data


def opened(settings: Settings, row: Evidence, data: bytes) -> bytes:
    """Return the bytes that were sent; raises NotOpened where the key that sealed them is gone."""
    return crypto.decrypt(settings, data) if row.redacted else data


async def drop_sealed(session: AsyncSession, row: Evidence) -> None:
    """Delete the file of a document that is redacted: nothing of the original is kept."""
    if row.redacted:
        await storage.delete_for(session, row.workspace_id, row.id)
