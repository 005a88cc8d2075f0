"""Files of an objective: attached as evidence, extracted, cited, deleted; of no other objective."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.fixtures.api import finished

Json = dict[str, Any]
ASKED = "We do not know how households in Ohio cope with rising rents."
TEXT = b"Households in Ohio cope with rising rents by moving to smaller flats, a survey says."


@pytest.fixture
async def places(client: httpx.AsyncClient, workspace: Json) -> list[str]:
    """The addresses of two objectives of one exploration."""
    base = f"/workspaces/{workspace['id']}"
    exp = (await client.post(f"{base}/explorations", json=exploration())).json()["id"]
    body = {"exploration_id": exp, "text": ASKED}
    made = [await client.post(f"{base}/research-objectives", json=body) for _ in range(2)]
    return [one.headers["Location"] for one in made]


async def send(client: httpx.AsyncClient, where: str, data: bytes = TEXT) -> httpx.Response:
    return await client.post(f"{where}/files", files={"file": ("survey.txt", data, "text/plain")})


@pytest.mark.usefixtures("worker")
async def test_a_file_is_attached_extracted_cited_and_deleted(client: httpx.AsyncClient, places: list[str]) -> None:
    where, other = places
    sent = await send(client, where)
    assert (sent.status_code, sent.json()["kind"]) == (202, "evidence.extract")
    job = await finished(client, sent.json())
    assert job["status"] == "succeeded", job["error"]
    [file] = (await client.get(f"{where}/files")).json()["items"]
    objective_id = where.rpartition("/")[2]
    assert (file["research_objective_id"], file["status"], file["filename"]) == (objective_id, "ready", "survey.txt")
    assert (await client.get(f"{other}/files")).json()["items"] == []
    await finished(client, (await client.post(f"{where}/analyze")).json())
    cited = [one["passage_ids"] for one in (await client.get(where)).json()["components"].values()]
    assert any(cited)
    for address in (f"{other}/files/{file['id']}", f"{where}/files/{uuid4()}"):
        refused = await client.delete(address)
        assert (refused.status_code, refused.json()["code"]) == (404, "evidence_not_found")
    assert (await client.delete(f"{where}/files/{file['id']}")).status_code == 204
    assert (await client.get(f"{where}/files")).json()["items"] == []


async def test_a_file_of_another_objective_is_refused(client: httpx.AsyncClient, places: list[str]) -> None:
    where, other = places
    assert (await send(client, where)).status_code == 202
    again = await send(client, other)
    assert (again.status_code, again.json()["code"]) == (409, "evidence_of_another_objective")


async def test_what_is_no_form_with_a_file_is_refused(client: httpx.AsyncClient, places: list[str]) -> None:
    assert (await client.post(f"{places[0]}/files", json={"text": "x"})).status_code == 422
    assert (await client.post(f"{places[0]}/files", files={"other": ("a.txt", b"x")})).status_code == 422
    assert (await send(client, places[0][:-36] + str(uuid4()))).json()["code"] == "research_objective_not_found"
