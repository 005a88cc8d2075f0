"""Who wants to be told by mail of the end of their jobs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.auth.models import User


async def list_wanting_job_ends(session: AsyncSession, user_ids: Sequence[UUID]) -> list[User]:
    """Return those of the users who asked for it, and whose account is in use; opened in the system scope."""
    query = select(User).where(
        col(User.id).in_(user_ids), col(User.notify_on_job_end), col(User.is_active), col(User.is_verified)
    )
    return list((await session.execute(query)).scalars())
