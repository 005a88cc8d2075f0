"""Keep and give back files."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import NotFound
from core.storage.models import StoredFile


class FileNotStored(NotFound):
    """There is no such file."""

    code = "file_not_found"


async def put(
    session: AsyncSession,
    *,
    workspace_id: UUID,
    subject_type: str,
    subject_id: UUID,
    name: str,
    content_type: str,
    data: bytes,
) -> StoredFile:
    """Store a file under a subject and a name, in place of an earlier one."""
    await session.execute(
        delete(StoredFile).where(col(StoredFile.subject_id) == subject_id, col(StoredFile.name) == name)
    )
    stored = StoredFile(
        workspace_id=workspace_id,
        subject_type=subject_type,
        subject_id=subject_id,
        name=name,
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
    )
    session.add(stored)
    await session.flush()
    return stored


async def get(session: AsyncSession, workspace_id: UUID, subject_id: UUID, name: str) -> StoredFile:
    """Return a file; raises FileNotStored."""
    query = select(StoredFile).where(
        col(StoredFile.workspace_id) == workspace_id,
        col(StoredFile.subject_id) == subject_id,
        col(StoredFile.name) == name,
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise FileNotStored
    return found


async def delete_for(session: AsyncSession, workspace_id: UUID, subject_id: UUID) -> None:
    """Delete all files of a subject."""
    await session.execute(
        delete(StoredFile).where(col(StoredFile.workspace_id) == workspace_id, col(StoredFile.subject_id) == subject_id)
    )
