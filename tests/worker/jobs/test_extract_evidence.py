"""A worker that is killed (kill -9) as it extracts a file: another one does it anew, nothing is lost or there twice."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from core.db import session as db
from core.db.session import asyncpg_url
from core.evidence import service as evidence
from core.evidence.intake import take_file
from core.evidence.schemas import EvidenceFile, EvidenceRead
from core.settings import get_settings
from tests.factories.evidence import Place, new_place
from tests.factories.files import pdf
from tests.fixtures.system import WorkerHandle

pytestmark = pytest.mark.usefixtures("job_database")
PAGES = 60
LINES = 40


@contextlib.contextmanager
def workers(count: int) -> Iterator[list[WorkerHandle]]:
    """Worker processes of nothing but extractions and their like."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(contextlib.closing(WorkerHandle.start({"WORKER_POOLS": "batch"}))) for _ in range(count)
        ]


async def upload(place: Place, data: bytes, name: str = "a.pdf", **details: Any) -> UUID:
    """Store a file and its job, and return the document's id."""
    taken = take_file(get_settings(), name, data, EvidenceFile(**details))
    async with db.scope([place.member.workspace_id]) as session:
        job = await evidence.create_file(session, place.member, place.exploration_id, taken)
    assert job.subject_id is not None
    return job.subject_id


async def read(place: Place, evidence_id: UUID) -> EvidenceRead:
    async with db.scope([place.member.workspace_id]) as session:
        return await evidence.get(session, *place.ids, evidence_id)


async def reaches(place: Place, evidence_id: UUID, *statuses: str, within_s: float = 60) -> EvidenceRead:
    """Wait for a document's status."""
    deadline = time.monotonic() + within_s
    while (found := await read(place, evidence_id)).status not in statuses:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)
    return found


def extractors(worker: WorkerHandle) -> set[int]:
    """Return the ids of the processes in which a worker extracts."""
    found: set[int] = set()
    for children in Path(f"/proc/{worker.process.pid}/task").glob("*/children"):
        for child in children.read_text().split():
            with contextlib.suppress(OSError):
                if b"core.evidence.extract" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.add(int(child))
    return found


def alive(processes: set[int]) -> bool:
    return any(Path(f"/proc/{one}").exists() for one in processes)


async def holder(candidates: list[WorkerHandle]) -> WorkerHandle:
    """Wait until one of the workers extracts, and return it."""
    async with asyncio.timeout(40):
        while True:
            for worker in candidates:
                if extractors(worker):
                    return worker
            await asyncio.sleep(0.01)


async def kept(place: Place, evidence_id: UUID) -> tuple[list[int], list[int], int]:
    """Return a document's ordinals and pages, and how often it was told to be ready."""
    async with db.scope([place.member.workspace_id]) as session:
        found = await evidence.list_passages(session, *place.ids, evidence_id, limit=1000)
        told = text("SELECT count(*) FROM event WHERE subject_id = :id AND type = 'evidence.ready'")
        ready = int((await session.execute(told, {"id": evidence_id})).scalar_one())
    return [one.ordinal for one in found], sorted({int(one.position["page"]) for one in found}), ready


async def job_row(evidence_id: UUID) -> Any:
    async with db.scope(db.SYSTEM) as session:
        query = text("SELECT status, attempt, rescues, claim_epoch FROM job WHERE subject_id = :id")
        return (await session.execute(query, {"id": evidence_id})).one()


def pages(count: int) -> bytes:
    return pdf(
        *("\n".join(f"Page {page}, line {line}: fees matter." for line in range(LINES)) for page in range(count))
    )


async def test_killed_in_the_middle_of_a_file_another_worker_extracts_it_once() -> None:
    place = await new_place()
    evidence_id = await upload(place, pages(PAGES))
    with workers(2) as both:
        killed = await holder(both)
        extracting = extractors(killed)
        killed.send(signal.SIGKILL)
        async with asyncio.timeout(5):  # it goes with the worker that started it
            while alive(extracting):  # noqa: ASYNC110 - nothing tells of the end of a process of others
                await asyncio.sleep(0.02)
        done = await reaches(place, evidence_id, "ready", "failed")
    assert (done.status, done.reason) == ("ready", None)
    ordinals, found, told = await kept(place, evidence_id)
    assert (ordinals, found, told) == (list(range(1, done.n_passages + 1)), list(range(1, PAGES + 1)), 1)
    row = await job_row(evidence_id)
    assert (row.status, row.attempt, row.claim_epoch) == ("succeeded", 1, 2)


@pytest.mark.slow
async def test_killed_between_the_extraction_and_its_end_nothing_is_there_twice() -> None:
    place = await new_place()
    evidence_id = await upload(place, pages(3), redact=True)
    with workers(1) as (worker,):
        await reaches(place, evidence_id, "extracting")
        async with held("SELECT 1 FROM evidence WHERE id = $1 FOR UPDATE", evidence_id):
            await asyncio.sleep(2.5)  # it is extracted, its end waits for the row
            worker.kill()
    assert (await read(place, evidence_id)).status == "extracting"
    with workers(1):
        done = await reaches(place, evidence_id, "ready", "failed")
    ordinals, found, told = await kept(place, evidence_id)
    assert (ordinals, found, told) == (list(range(1, done.n_passages + 1)), [1, 2, 3], 1)


@asynccontextmanager
async def held(query: str, row_id: UUID) -> AsyncIterator[None]:
    """Hold the rows of a query, so that whoever wants to write them waits."""
    connection = await asyncpg.connect(asyncpg_url(get_settings().database_url or ""))
    try:
        async with connection.transaction():
            assert await connection.fetch(query, row_id)
            yield
    finally:
        await connection.close()
