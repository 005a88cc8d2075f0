"""What is looked after once a second, and once in a while: whether progress is wanted, what is old."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

KEPT_DAYS: Final = 30
"""How long a delivery that came to an end can be read, and made anew."""

_ANY_WANTS_PROGRESS = text("""
    SELECT EXISTS (SELECT FROM webhook_endpoint
        WHERE kind = 'endpoint' AND status = 'enabled' AND 'job.progress' = ANY(event_types))
""")
_PURGE = text("""
    DELETE FROM webhook_message WHERE status <> 'pending'
        AND created_at < clock_timestamp() - make_interval(days => :days)
""")


async def any_wants_progress(session: AsyncSession) -> bool:
    """Tell whether an endpoint wants to know of progress; opened in the system scope."""
    return bool((await session.execute(_ANY_WANTS_PROGRESS)).scalar_one())


async def purge(session: AsyncSession) -> None:
    """Delete deliveries that came to an end long ago; opened in the system scope."""
    await session.execute(_PURGE, {"days": KEPT_DAYS})
