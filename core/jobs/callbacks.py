"""URLs that jobs are to call back when they end, and what is told of a job there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import receivers
from core.settings import get_settings


def _acceptable(url: str) -> str:
    receivers.parse(url, private=get_settings().webhook_allow_private)
    return url


CallbackUrl = Annotated[
    str,
    Field(
        min_length=1,
        max_length=receivers.LONGEST_URL,
        description=(
            "is told of the job's end as a webhook is, signed with the workspace's webhook secret: https, port 443 or"
            " 8443, a public address"
        ),
    ),
    AfterValidator(_acceptable),
]


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is told of a job beside an event, and whom it is to call back."""

    kind: str
    status: str
    callback_url: str | None


_FACTS = text("SELECT id, kind, status, callback_url FROM job WHERE id = ANY(:ids)")


async def facts_of(session: AsyncSession, job_ids: Sequence[UUID]) -> dict[UUID, JobFacts]:
    """Return what is told of jobs, by id."""
    if not job_ids:
        return {}
    rows = await session.execute(_FACTS, {"ids": list(job_ids)})
    return {row.id: JobFacts(row.kind, row.status, row.callback_url) for row in rows}
