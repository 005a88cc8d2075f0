"""Statements on documents and their passages; used by the service only."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.base import uuid7
from core.db.paging import newest_first
from core.db.session import driver_of
from core.evidence.errors import EvidenceNotFound
from core.evidence.models import Evidence, Passage
from core.evidence.passages import Piece
from core.evidence.ranking import CLOSE, OPEN
from core.jobs.models import DONE, Job

WAITING: Final = ("queued", "extracting")
CANDIDATES: Final = 200
ROWS_AT_ONCE: Final = 500
_EXCERPTS: Final = f'StartSel={OPEN}, StopSel={CLOSE}, MaxFragments=3, MinWords=6, MaxWords=24, FragmentDelimiter=" … "'
_ABOUT: Final = "p.id, p.evidence_id, e.title, e.source, e.published_at, p.text, p.position"
_OF: Final = "p.workspace_id = :workspace_id AND p.exploration_id = :exploration_id"
# A query of stop words only ("not at all") is asked word by word, as it has nothing else.
_SEARCH: Final = text(f"""
    WITH asked AS (
        SELECT CASE WHEN numnode(e) > 0 THEN e ELSE s END AS query,
            CASE WHEN numnode(e) > 0 THEN 'english'::regconfig ELSE 'simple'::regconfig END AS config
        FROM (SELECT websearch_to_tsquery('english', :q) AS e, websearch_to_tsquery('simple', :q) AS s) AS read
    ), found AS (
        SELECT p.id, ts_rank_cd(p.search, asked.query) AS rank FROM passage p, asked
        WHERE {_OF} AND p.search @@ asked.query ORDER BY rank DESC, p.id LIMIT :limit OFFSET :offset
    )
    SELECT {_ABOUT}, found.rank, ts_headline(asked.config, p.text, asked.query, :excerpts) AS excerpt
    FROM found JOIN passage p ON p.id = found.id JOIN evidence e ON e.id = p.evidence_id, asked
    ORDER BY found.rank DESC, p.id
""")  # noqa: S608 - pieces of our own
_ANY: Final = "replace(plainto_tsquery('english', :words)::text, '&', '|')::tsquery"
_CANDIDATES: Final = text(f"""
    WITH asked AS (SELECT {_ANY} AS query, tsvector_to_array(to_tsvector('english', :words)) AS lexemes)
    SELECT p.id, asked.lexemes AS asked,
        ARRAY(SELECT unnest(asked.lexemes) INTERSECT SELECT unnest(tsvector_to_array(p.search))) AS matched
    FROM passage p, asked WHERE {_OF} AND p.search @@ asked.query
    ORDER BY ts_rank(p.search, asked.query) DESC, p.id LIMIT :limit
""")  # noqa: S608 - pieces of our own
_EXCERPTED: Final = text(f"""
    SELECT {_ABOUT}, 0.0 AS rank, ts_headline('english', p.text, {_ANY}, :excerpts) AS excerpt
    FROM passage p JOIN evidence e ON e.id = p.evidence_id WHERE {_OF} AND p.id = ANY (:ids)
""")  # noqa: S608 - pieces of our own
_NAMED: Final = text(f"""
    SELECT {_ABOUT}, 0.0 AS rank, '' AS excerpt
    FROM passage p JOIN evidence e ON e.id = p.evidence_id WHERE {_OF} AND p.id = ANY (:ids)
""")  # noqa: S608 - pieces of our own
_INSERT_PASSAGES: Final = """
    INSERT INTO passage (id, workspace_id, exploration_id, evidence_id, ordinal, text, position)
    SELECT id, $1, $2, $3, ordinal, text, position
    FROM jsonb_to_recordset($4::jsonb) AS made(id uuid, ordinal int, text text, position jsonb)
"""


async def find(
    session: AsyncSession,
    workspace_id: UUID,
    evidence_id: UUID,
    exploration_id: UUID | None = None,
    *,
    hold: bool = False,
) -> Evidence | None:
    """Return a document, of the exploration where one is given; `hold` locks it until the transaction ends."""
    query = select(Evidence).where(col(Evidence.id) == evidence_id, col(Evidence.workspace_id) == workspace_id)
    if exploration_id is not None:
        query = query.where(col(Evidence.exploration_id) == exploration_id)
    query = query.execution_options(populate_existing=True)
    return (await session.execute(query.with_for_update() if hold else query)).scalar_one_or_none()


async def get(
    session: AsyncSession,
    workspace_id: UUID,
    evidence_id: UUID,
    exploration_id: UUID | None = None,
    *,
    hold: bool = False,
) -> Evidence:
    """Return the same; raises EvidenceNotFound."""
    found = await find(session, workspace_id, evidence_id, exploration_id, hold=hold)
    if found is None:
        raise EvidenceNotFound
    return found


async def insert_once(session: AsyncSession, evidence: Evidence) -> Evidence | None:
    """Store a document unless its content is in the exploration already; return that one then, locked, else None."""
    values = evidence.model_dump(exclude={"created_at", "updated_at"})
    made = insert(Evidence).values(values).on_conflict_do_nothing().returning(col(Evidence.id))
    if (await session.execute(made)).scalar_one_or_none() is not None:
        return None
    query = select(Evidence).where(
        col(Evidence.workspace_id) == evidence.workspace_id,
        col(Evidence.exploration_id) == evidence.exploration_id,
        col(Evidence.sha256) == evidence.sha256,
        col(Evidence.redacted) == evidence.redacted,
        col(Evidence.filename).is_(None) if evidence.filename is None else col(Evidence.filename).is_not(None),
    )
    return (await session.execute(query.with_for_update())).scalar_one()


async def jobs_of(session: AsyncSession, rows: Sequence[Evidence]) -> dict[UUID, Job]:
    """Return the jobs of those documents that are not extracted yet, by the document's id."""
    waiting = {row.job_id: row.id for row in rows if row.status in WAITING and row.job_id is not None}
    if not waiting:
        return {}
    query = select(Job).where(col(Job.id).in_(list(waiting))).execution_options(populate_existing=True)
    return {waiting[job.id]: job for job in (await session.execute(query)).scalars()}


async def list_waiting(session: AsyncSession, limit: int) -> list[Evidence]:
    """Return documents of all workspaces whose job has ended while they still wait, locked, a few at a time."""
    query = (
        select(Evidence)
        .join(Job, col(Job.id) == col(Evidence.job_id))
        .where(col(Evidence.status).in_(WAITING), col(Job.status).in_(DONE))
        .limit(limit)
        .with_for_update(of=Evidence, skip_locked=True)
    )
    return list((await session.execute(query)).scalars())


async def list_for_exploration(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    research_objective_id: UUID | None,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[Evidence]:
    """Return an exploration's documents, newest first; those of one objective where it is given."""
    query = select(Evidence).where(
        col(Evidence.workspace_id) == workspace_id, col(Evidence.exploration_id) == exploration_id
    )
    if research_objective_id is not None:
        query = query.where(col(Evidence.research_objective_id) == research_objective_id)
    query = newest_first(query, Evidence, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def count_for_exploration(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many documents an exploration has."""
    query = select(func.count()).where(
        col(Evidence.workspace_id) == workspace_id, col(Evidence.exploration_id) == exploration_id
    )
    return int((await session.execute(query)).scalar_one())


async def remove(session: AsyncSession, evidence: Evidence) -> None:
    """Delete a document with its passages."""
    await session.execute(delete(Evidence).where(col(Evidence.id) == evidence.id))


async def replace_passages(session: AsyncSession, evidence: Evidence, pieces: Sequence[Piece]) -> None:
    """Store the passages of a document in place of those it had."""
    await session.execute(delete(Passage).where(col(Passage.evidence_id) == evidence.id))
    rows = [
        {"id": str(uuid7()), "ordinal": ordinal, "text": piece.text, "position": piece.position}
        for ordinal, piece in enumerate(pieces, start=1)
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = json.dumps(rows[start : start + ROWS_AT_ONCE], ensure_ascii=False)
        await driver_of(session).execute(
            _INSERT_PASSAGES, evidence.workspace_id, evidence.exploration_id, evidence.id, part
        )


async def list_passages(session: AsyncSession, evidence_id: UUID, *, limit: int, after: int) -> list[Passage]:
    """Return a document's passages in their order, those after ordinal `after`."""
    query = (
        select(Passage)
        .where(col(Passage.evidence_id) == evidence_id, col(Passage.ordinal) > after)
        .order_by(col(Passage.ordinal))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def search(session: AsyncSession, place: tuple[UUID, UUID], q: str, limit: int, offset: int) -> list[Any]:
    """Return rows of passages that fit a query, best first; `place` is (workspace, exploration)."""
    values = _place(place) | {"q": q, "limit": limit, "offset": offset, "excerpts": _EXCERPTS}
    return list((await session.execute(_SEARCH, values)).all())


async def list_candidates(session: AsyncSession, place: tuple[UUID, UUID], words: Sequence[str]) -> list[Any]:
    """Return passages with any of the words: id, the words asked for and those it has, as the search reads them."""
    values = _place(place) | {"words": " ".join(words), "limit": CANDIDATES}
    return list((await session.execute(_CANDIDATES, values)).all())


async def list_excerpted(
    session: AsyncSession, place: tuple[UUID, UUID], words: Sequence[str], ids: Sequence[UUID]
) -> list[Any]:
    """Return rows of the passages named, with these words marked."""
    values = _place(place) | {"words": " ".join(words), "ids": list(ids), "excerpts": _EXCERPTS}
    return list((await session.execute(_EXCERPTED, values)).all())


async def list_named(session: AsyncSession, place: tuple[UUID, UUID], ids: Collection[UUID]) -> list[Any]:
    """Return rows of those of the passages named that are of this exploration."""
    return list((await session.execute(_NAMED, _place(place) | {"ids": list(ids)})).all())


def _place(place: tuple[UUID, UUID]) -> dict[str, Any]:
    return {"workspace_id": place[0], "exploration_id": place[1]}
