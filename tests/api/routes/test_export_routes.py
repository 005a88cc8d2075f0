"""A workspace's export over HTTP: a job, then a file with a tag and a name, for admins."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import UUID, uuid4

import httpx

from core.db import session as db
from core.exports.models import WorkspaceExport
from tests.factories.organizations import actions
from tests.factories.studies import new_study
from tests.factories.users import join, log_in, make_user
from tests.fixtures.api import finished
from tests.fixtures.system import WorkerHandle


async def test_a_workspace_is_exported_and_downloaded(client: httpx.AsyncClient, worker: WorkerHandle) -> None:
    study = await new_study(client)
    submitted = await client.post(f"{study.workspace}/export")
    assert submitted.status_code == 202, submitted.text
    job = await finished(client, submitted.json())
    assert (job["status"], job["subject_type"], job["subject_id"]) == ("succeeded", "workspace", study.workspace_id)
    shown = (await client.get(f"{study.workspace}/export/{job['result']['export_id']}")).json()
    assert shown["link"] == job["result"]["link"]
    answer = await client.get(shown["link"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["etag"] == f'"{shown["sha256"]}"'
    assert f"workspace-{study.workspace_id}.zip" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == shown["size"] == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        personas = json.loads(archive.read("data/persona.json"))
    assert sorted(row["id"] for row in personas) == sorted(study.persona_ids)
    again = await client.get(shown["link"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    told = await actions(workspace_id=study.workspace_id)
    assert ("workspace.exported", UUID(study.workspace_id)) in told


async def test_an_export_that_is_not_made_yet_says_so(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    made = WorkspaceExport(workspace_id=UUID(study.workspace_id))
    async with db.scope(db.SYSTEM) as session:
        session.add(made)
    path = f"{study.workspace}/export/{made.id}"
    shown = (await client.get(path)).json()
    assert (shown["link"], shown["size"], shown["expires_at"]) == (None, None, None)
    early = await client.get(f"{path}/file")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    other = await new_study(client)
    for gone in (f"{other.workspace}/export/{made.id}", f"{study.workspace}/export/{uuid4()}"):
        for tail in ("", "/file"):
            answer = await client.get(gone + tail)
            assert (answer.status_code, answer.json()["code"]) == (404, "export_not_found")


async def test_members_do_not_export(client: httpx.AsyncClient) -> None:
    study, member = await new_study(client), await make_user()
    await join(study.workspace_id, member)
    refused = await client.post(f"{study.workspace}/export", headers=await log_in(client, member))
    assert (refused.status_code, refused.json()["code"]) == (403, "workspace_role_too_low")
