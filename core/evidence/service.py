"""What can be done with evidence.

create_text                 store a pasted text, searchable at once
create_file                 store a file and the job that extracts its passages
get, list_for, count_for    the documents of an exploration
list_passages               a document's passages in order
get_file                    a document's file as it was sent
search, find                passages that fit a query, ranked, with excerpts; `find` for a caller
relevant                    passages that have most of what some texts are about, for prompts and confidence
get_passages                passages by id, those of this exploration only
delete                      a document with all that was made of it
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.events import service as events
from core.evidence import keeping as files
from core.evidence import ranking, repository
from core.evidence.errors import EvidenceOfAnotherObjective
from core.evidence.intake import Taken, TakenFile, TakenText
from core.evidence.jobs import EXTRACT_EVIDENCE, ExtractEvidence
from core.evidence.models import Evidence, Passage
from core.evidence.schemas import EvidenceRead, EvidenceStatus, FoundPassage
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.models import Job
from core.jobs.schemas import JobOptions, JobRead
from core.storage import service as storage
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

SUBJECT: Final = "evidence"
UNSUCCESSFUL: Final = ("failed", "cancelled")


async def create_text(
    session: AsyncSession,
    member: Member,
    exploration_id: UUID,
    taken: TakenText,
    *,
    research_objective_id: UUID | None = None,
) -> tuple[EvidenceRead, bool]:
    """Store a pasted text with its passages; return it, and whether it is new: the same text is stored once.

    Raises ExplorationNotFound, ExplorationEnded, EvidenceOfAnotherObjective.
    """
    row, new = await _store(session, member, exploration_id, taken, research_objective_id, status="ready")
    if new:
        row.n_passages, row.redactions = len(taken.pieces), taken.redactions
        await repository.replace_passages(session, row, taken.pieces)
        await session.flush()
        await tell(session, row, "evidence.ready")
    return EvidenceRead.model_validate(row), new


async def create_file(
    session: AsyncSession,
    member: Member,
    exploration_id: UUID,
    taken: TakenFile,
    *,
    research_objective_id: UUID | None = None,
    options: JobOptions | None = None,
) -> JobRead:
    """Store a file and the job that extracts it; the same file again answers the job it has.

    A file whose extraction failed is extracted anew. Raises ExplorationNotFound, ExplorationEnded,
    EvidenceOfAnotherObjective.
    """
    row, new = await _store(session, member, exploration_id, taken, research_objective_id, status="queued")
    if not new and row.job_id is not None and (await _read_all(session, [row]))[0].status != "failed":
        return await jobs.read(session, await jobs.get(session, row.job_id))
    await files.keep(session, row, taken)
    job = await jobs.submit(
        session,
        EXTRACT_EVIDENCE,
        ExtractEvidence(evidence_id=row.id),
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        options=options,
    )
    row.job_id, row.status, row.reason, row.updated_at = job.id, "queued", None, clock.now()
    await session.flush()
    return job


async def _store(
    session: AsyncSession,
    member: Member,
    exploration_id: UUID,
    taken: Taken,
    research_objective_id: UUID | None,
    *,
    status: EvidenceStatus,
) -> tuple[Evidence, bool]:
    """Write a document's row, or find the one that its content has; it is locked then."""
    await explorations.require_open(session, member.workspace_id, exploration_id)
    row = Evidence(
        workspace_id=member.workspace_id,
        exploration_id=exploration_id,
        research_objective_id=research_objective_id,
        title=taken.title,
        source=taken.source,
        published_at=taken.published_at,
        filename=taken.filename,
        media_type=taken.media_type,
        sha256=taken.sha256,
        size=taken.size,
        redacted=taken.redacted,
        status=status,
        created_by_id=member.author.id,
    )
    earlier = await repository.insert_once(session, row)
    if earlier is not None:
        await _attach(session, earlier, research_objective_id)
        return earlier, False
    stored = await repository.get(session, member.workspace_id, row.id)
    await tell(session, stored, "evidence.created")
    return stored, True


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, evidence_id: UUID) -> EvidenceRead:
    """Return a document; raises ExplorationNotFound, EvidenceNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    row = await repository.get(session, workspace_id, evidence_id, exploration_id)
    return (await _read_all(session, [row]))[0]


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    research_objective_id: UUID | None = None,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[EvidenceRead]:
    """Return an exploration's documents, newest first, or those of one objective; raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    found = await repository.list_for_exploration(
        session,
        workspace_id,
        exploration_id,
        research_objective_id=research_objective_id,
        limit=limit,
        before=before,
    )
    return await _read_all(session, found)


async def count_for(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many documents an exploration has."""
    return await repository.count_for_exploration(session, workspace_id, exploration_id)


async def list_passages(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, evidence_id: UUID, *, limit: int, after: int = 0
) -> list[Passage]:
    """Return a document's passages in order, those after ordinal `after`; raises EvidenceNotFound."""
    await get(session, workspace_id, exploration_id, evidence_id)
    return await repository.list_passages(session, evidence_id, limit=limit, after=after)


async def get_file(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, evidence_id: UUID
) -> tuple[EvidenceRead, bytes]:
    """Return a document with its file as it was sent; raises EvidenceNotFound, and FileNotStored where none is kept.

    None is kept of a pasted text and of what is redacted.
    """
    document = await get(session, workspace_id, exploration_id, evidence_id)
    return document, await files.original(session, workspace_id, evidence_id)


async def search(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, q: str, *, limit: int, offset: int = 0
) -> list[FoundPassage]:
    """Return an exploration's passages that fit a query, best first.

    A query is what people type: words, "phrases", or, -not; whatever it is, it is no error.
    """
    rows = await repository.search(session, (workspace_id, exploration_id), ranking.tamed(q), limit, offset)
    return [_found(row, row.rank) for row in rows]


async def find(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, q: str, *, limit: int, offset: int = 0
) -> list[FoundPassage]:
    """Search for a caller: raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    return await search(session, workspace_id, exploration_id, q, limit=limit, offset=offset)


async def relevant(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, texts: Sequence[str], *, limit: int
) -> list[FoundPassage]:
    """Return an exploration's passages that share words with `texts`, best first; `rank` (0–1) says how much of them.

    Words are compared by their English stems, stop words left out; rare words count more (`ranking.best_first`).
    """
    words = ranking.words_of(texts)
    place = (workspace_id, exploration_id)
    candidates = await repository.list_candidates(session, place, words) if words else []
    if not candidates:
        return []
    ranks = dict(ranking.best_first({row.id: row.matched for row in candidates}, candidates[0].asked)[:limit])
    rows = {row.id: row for row in await repository.list_excerpted(session, place, words, list(ranks))}
    return [_found(rows[passage_id], rank) for passage_id, rank in ranks.items()]


async def get_passages(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, ids: Collection[UUID]
) -> dict[UUID, FoundPassage]:
    """Return those of the passages named that are of this exploration, by id, with rank 0 and no highlight."""
    rows = await repository.list_named(session, (workspace_id, exploration_id), ids) if ids else []
    return {row.id: _found(row, 0.0) for row in rows}


async def delete(session: AsyncSession, member: Member, exploration_id: UUID, evidence_id: UUID) -> None:
    """Delete a document, its file and its passages; raises ExplorationNotFound, EvidenceNotFound."""
    await explorations.get(session, member.workspace_id, exploration_id)
    row = await repository.get(session, member.workspace_id, evidence_id, exploration_id, hold=True)
    if row.job_id is not None:
        await jobs.request_cancel(session, row.job_id)
    await storage.delete_for(session, member.workspace_id, evidence_id)
    await repository.remove(session, row)
    await tell(session, row, "evidence.deleted")
    data = {"exploration_id": str(exploration_id), "sha256": row.sha256}
    await record_deleted(session, member, SUBJECT, row.id, data)


async def settle(session: AsyncSession, limit: int = 100) -> None:
    """Note of documents whose job ended without them that they failed; opened in the system scope.

    That is a job that was cancelled, or whose last attempt was lost.
    """
    rows = await repository.list_waiting(session, limit)
    found = await repository.jobs_of(session, rows)
    for row in rows:
        row.status, row.reason, row.updated_at = "failed", _reason(found[row.id]), clock.now()
        await files.drop_sealed(session, row)
    await session.flush()


async def tell(session: AsyncSession, row: Evidence, what: str) -> None:
    """Record an event of a document in the caller's transaction."""
    await events.record(
        session,
        type=what,
        workspace_id=row.workspace_id,
        exploration_id=row.exploration_id,
        subject_type=SUBJECT,
        subject_id=row.id,
        job_id=row.job_id,
    )


async def _read_all(session: AsyncSession, rows: Sequence[Evidence]) -> list[EvidenceRead]:
    """Return the shapes of documents; one whose job ended without it has failed, noted already or not."""
    ended = {key: job for key, job in (await repository.jobs_of(session, rows)).items() if job.status in UNSUCCESSFUL}
    return [
        EvidenceRead.model_validate(row).model_copy(
            update={"status": "failed", "reason": _reason(ended[row.id])} if row.id in ended else {}
        )
        for row in rows
    ]


def _reason(job: Job) -> str:
    if job.status == "cancelled":
        return "The extraction was cancelled."
    return str((job.error or {}).get("detail") or "The extraction failed.")


async def _attach(session: AsyncSession, row: Evidence, research_objective_id: UUID | None) -> None:
    """Attach a document that is there already to an objective, unless it is another's."""
    if research_objective_id is None or row.research_objective_id == research_objective_id:
        return
    if row.research_objective_id is not None:
        raise EvidenceOfAnotherObjective
    row.research_objective_id = research_objective_id
    row.updated_at = clock.now()
    await session.flush()


def _found(row: Any, rank: float) -> FoundPassage:
    return FoundPassage(
        passage_id=row.id,
        evidence_id=row.evidence_id,
        title=row.title,
        source=row.source,
        published_at=row.published_at,
        text=row.text,
        highlight=ranking.marked(row.excerpt),
        rank=float(rank),
        position=row.position,
    )
