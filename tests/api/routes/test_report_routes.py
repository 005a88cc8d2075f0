"""Reports over HTTP: of finished simulations, a PDF one can read, gone once deleted."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pypdf import PdfReader

from core.surveys.prompts import SURVEY_DIRECT
from tests.factories.studies import QUESTIONS, Study, new_study, stored
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture(scope="module")
async def simulation_id(client: httpx.AsyncClient, worker: object, study: Study) -> str:
    """A finished simulation."""
    job = (await client.post(f"{study.base}/simulations", json=study.simulation(sample_size=6))).json()
    return str((await finished(client, job))["subject_id"])


async def build(client: httpx.AsyncClient, study: Study, simulation_id: str) -> dict[str, Any]:
    """Build a report and return it."""
    body = {"kind": "survey", "formats": ["pdf"], "simulation_id": simulation_id}
    job = await finished(client, (await client.post(f"{study.base}/reports", json=body)).json())
    assert job["result"] == {"report_id": job["subject_id"], "formats": ["pdf"]}
    report: dict[str, Any] = (await client.get(f"{study.base}/reports/{job['subject_id']}")).json()
    return report


async def test_the_pdf_holds_the_questions_and_says_that_it_is_a_demonstration(
    client: httpx.AsyncClient, study: Study, simulation_id: str
) -> None:
    report = await build(client, study, simulation_id)
    assert (report["status"], report["demonstration"]) == ("succeeded", True)
    answer = await client.get(report["files"]["pdf"])
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.content.startswith(b"%PDF-")
    document = PdfReader(io.BytesIO(answer.content))
    pages = [" ".join(page.extract_text().split()) for page in document.pages]
    whole = " ".join(pages)
    assert [q["text"] for q in QUESTIONS if q["text"] not in whole] == []
    assert "demonstration" in pages[0].lower()
    assert "simulated" in whole.lower()
    for recorded in (
        "offline-demonstration-embedding-2",
        f"survey_direct {SURVEY_DIRECT.version}",
        "rating temperature 0.25",
        "draws 3",
    ):
        assert recorded in whole
    assert document.metadata is not None
    assert document.metadata.creation_date == datetime.fromisoformat(report["created_at"]).replace(microsecond=0)


async def test_an_unchanged_file_is_304(client: httpx.AsyncClient, study: Study, simulation_id: str) -> None:
    place = (await build(client, study, simulation_id))["files"]["pdf"]
    tag = (await client.get(place)).headers["etag"]
    again = await client.get(place, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get(place, headers={"If-None-Match": '"other"'})).status_code == 200
    assert (await client.get(place.replace("/pdf", "/docx"))).status_code == 404


async def test_a_deleted_report_is_gone_with_its_files(
    client: httpx.AsyncClient, study: Study, simulation_id: str
) -> None:
    report = await build(client, study, simulation_id)
    place = f"{study.base}/reports/{report['id']}"
    before = await stored(study.workspace_id)
    assert (await client.delete(place)).status_code == 204
    for path in (place, report["files"]["pdf"]):
        assert (await client.get(path)).status_code == 404
    assert (await client.delete(place)).status_code == 404
    listed = (await client.get(f"{study.base}/reports")).json()["items"]
    assert report["id"] not in [row["id"] for row in listed]
    assert (await stored(study.workspace_id))["stored_file"] == before["stored_file"] - 1


async def test_a_simulation_that_still_runs_has_no_report(client: httpx.AsyncClient, study: Study) -> None:
    job = (await client.post(f"{study.base}/simulations", json=study.simulation(sample_size=5000))).json()
    before = await stored(study.workspace_id)
    body = {"kind": "survey", "simulation_id": job["subject_id"]}
    answer = await client.post(f"{study.base}/reports", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "simulation_not_finished")
    assert (await stored(study.workspace_id))["report"] == before["report"]
    await client.post(f"/jobs/{job['id']}/cancel")
    await finished(client, job)


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"kind": "survey"}, "simulation_id"),
        ({"kind": "survey", "simulation_id": None}, "simulation_id"),
        ({"kind": "survey", "simulation_id": "x"}, "simulation_id"),
        ({"kind": "survey", "simulation_id": str(uuid4())}, "simulation_id"),
        ({"kind": "novel", "simulation_id": str(uuid4())}, "kind"),
        ({"simulation_id": str(uuid4())}, "kind"),
        ({"kind": "survey", "formats": [], "simulation_id": str(uuid4())}, "formats"),
        ({"kind": "survey", "formats": ["exe"], "simulation_id": str(uuid4())}, "formats"),
        ({"kind": "survey", "simulation_id": str(uuid4()), "surprise": 1}, "surprise"),
    ],
)
async def test_bad_input_is_named_and_stores_nothing(
    client: httpx.AsyncClient, study: Study, body: dict[str, Any], loc: str
) -> None:
    before = (await stored(study.workspace_id))["report"]
    answer = await client.post(f"{study.base}/reports", json=body)
    assert answer.status_code == 422, answer.text
    assert ["body", loc] in [error["loc"][:2] for error in answer.json()["errors"]]
    assert (await stored(study.workspace_id))["report"] == before
