"""The export job: a ZIP of all rows, responses and files of one workspace and of no other, kept in pieces."""

from __future__ import annotations

import contextlib
import csv
import functools
import hashlib
import io
import json
import zipfile
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.db import session as db
from core.exports import service as exports
from core.exports.content import HELD, LEFT_OUT
from core.exports.errors import ExportNotFound
from core.exports.models import WorkspaceExport
from core.exports.schemas import ExportCreate
from core.jobs.models import Job
from core.jobs.service import Author
from core.llm.scripted import ScriptedModel
from core.storage import service as storage
from core.surveys.exporting import export_lines
from core.workspaces.access import Member
from tests.factories import jobs, simulations
from tests.factories.questionnaires import content as content_of
from tests.factories.questionnaires import question
from tests.fixtures.jobs import new_workspace
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import model, run
from worker.jobs import exports as body

Json = dict[str, Any]


async def export(workspace_id: UUID, make_runner: MakeRunner) -> tuple[Job, UUID]:
    """Run an export of a workspace; return its job as it ended, and its id."""
    async with db.scope([workspace_id]) as session:
        member = Member(workspace_id, Author("system"), "admin")
        job = await exports.start(session, member, ExportCreate())
    await make_runner(ScriptedModel({})).run(job.id)
    ended = await jobs.read(job.id)
    assert ended.status == "succeeded", ended.error
    assert ended.result is not None
    return ended, UUID(ended.result["export_id"])


async def stored(workspace_id: UUID, export_id: UUID) -> WorkspaceExport:
    async with db.scope([workspace_id]) as session:
        return await exports.get(session, workspace_id, export_id)


async def content(workspace_id: UUID, export_id: UUID) -> bytes:
    """The bytes of an export's file."""
    found = await stored(workspace_id, export_id)
    scope = functools.partial(db.scope, [workspace_id])
    return b"".join([piece async for piece in exports.pieces(scope, workspace_id, export_id, found.parts or 0)])


async def keep_file(workspace_id: UUID, data: bytes, name: str = "pdf") -> UUID:
    """Store a report's file."""
    subject_id = uuid4()
    async with db.scope([workspace_id]) as session:
        await storage.put(
            session,
            workspace_id=workspace_id,
            subject_type="report",
            subject_id=subject_id,
            name=name,
            content_type="application/pdf",
            data=data,
        )
    return subject_id


async def counted(workspace_id: UUID, table: str) -> int:
    async with db.scope(db.SYSTEM) as session:
        query = text(f"SELECT count(*) FROM {table} WHERE workspace_id = :id")
        return int((await session.execute(query, {"id": workspace_id})).scalar_one())


async def test_all_of_a_workspace_is_in_it_and_nothing_of_another(workspace_id: UUID, make_runner: MakeRunner) -> None:
    questions = content_of(question("single_choice", key="single", options=["Yes", "No"]))
    simulation = await simulations.submit(workspace_id, questions, sample_size=12)
    other = await simulations.submit(await new_workspace(), questions, sample_size=3)
    for one in (simulation, other):
        assert (await run(make_runner(model()), one)).status == "succeeded"
    report_id = await keep_file(workspace_id, b"%PDF-1.7 mine")
    await keep_file(other.workspace_id, b"%PDF-1.7 theirs")
    before = {table: await counted(workspace_id, table) for table in HELD}
    ended, export_id = await export(workspace_id, make_runner)
    assert ended.subject_id == workspace_id
    data = await content(workspace_id, export_id)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        rows = {table: json.loads(archive.read(f"data/{table}.json")) for table in HELD}
        manifest = json.loads(archive.read("manifest.json"))
        responses = archive.read(f"responses/{simulation.id}.csv").decode()
        assert archive.read(f"files/report/{report_id}/file.pdf") == b"%PDF-1.7 mine"
        names = set(archive.namelist())
    assert {table: len(found) for table, found in rows.items()} | {"job": 0, "audit_entry": 0} == {
        **{table: manifest["counts"][table] for table in HELD}, "job": 0, "audit_entry": 0
    }  # fmt: skip
    grown = {"job", "audit_entry", "job_attempt", "stored_file"}  # by the export itself
    assert {t: len(rows[t]) for t in rows if t not in grown} == {t: n for t, n in before.items() if t not in grown}
    assert (len(rows["respondent"]), len(rows["answer"])) == (12, 12)
    assert {row["workspace_id"] for found in rows.values() for row in found} == {str(workspace_id)}
    assert [row["name"] for row in rows["stored_file"]] == ["pdf"]
    assert "data" not in rows["stored_file"][0]
    scope = functools.partial(db.scope, [workspace_id])
    assert responses == "".join([part async for part in export_lines(scope, simulation, "csv")])
    assert len(list(csv.reader(io.StringIO(responses)))) == len(rows["respondent"]) + 1
    assert names == {f"data/{table}.json" for table in HELD} | {
        "manifest.json", f"responses/{simulation.id}.csv", f"files/report/{report_id}/file.pdf"
    }  # fmt: skip
    assert manifest["left_out"] == LEFT_OUT
    assert manifest["workspace"]["id"] == str(workspace_id)
    assert str(other.id) not in str(rows)


async def test_it_is_kept_in_pieces_that_are_one_file(
    workspace_id: UUID, make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "PART_BYTES", 1000)
    await keep_file(workspace_id, hashlib.shake_256(b"x").digest(5000))
    _, export_id = await export(workspace_id, make_runner)
    found, data = await stored(workspace_id, export_id), await content(workspace_id, export_id)
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert found.parts == -(-len(data) // 1000) > 5


async def test_the_next_one_takes_the_place_of_the_last(workspace_id: UUID, make_runner: MakeRunner) -> None:
    _, first = await export(workspace_id, make_runner)
    _, second = await export(workspace_id, make_runner)
    with pytest.raises(ExportNotFound):
        await stored(workspace_id, first)
    async with db.scope(db.SYSTEM) as session:
        query = text("SELECT DISTINCT subject_id FROM stored_file WHERE workspace_id = :id")
        assert list((await session.execute(query, {"id": workspace_id})).scalars()) == [second]
    assert zipfile.is_zipfile(io.BytesIO(await content(workspace_id, second)))


async def test_one_that_has_expired_is_not_found_and_its_pieces_go(workspace_id: UUID, make_runner: MakeRunner) -> None:
    _, export_id = await export(workspace_id, make_runner)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("UPDATE workspace_export SET expires_at = now() - interval '1 s' WHERE id = :id"), {"id": export_id}
        )
    with pytest.raises(ExportNotFound):
        await stored(workspace_id, export_id)
    async with db.scope(db.SYSTEM) as session:
        await exports.purge(session)
    assert await counted(workspace_id, "workspace_export") == 0
    assert await counted(workspace_id, "stored_file") == 0


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "..", "a/b", "ü\x01"])
async def test_the_name_of_a_file_leads_nowhere_else(workspace_id: UUID, make_runner: MakeRunner, name: str) -> None:
    subject_id = await keep_file(workspace_id, b"x", name)
    _, export_id = await export(workspace_id, make_runner)
    with contextlib.closing(zipfile.ZipFile(io.BytesIO(await content(workspace_id, export_id)))) as archive:
        [found] = [one for one in archive.namelist() if one.startswith("files/")]
    assert found.rpartition("/")[0] == f"files/report/{subject_id}"
    assert found.rpartition("/")[2].strip(".")
