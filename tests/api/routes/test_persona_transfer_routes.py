"""Lists, differences, copies and files of personas over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.factories.personas import persona

PEOPLE = (
    persona("Ada 100% Moreno", attributes={"race": "Asian"}, location_country="India"),
    persona("Ben_Carter", gender="Male", age_range={"min": 60, "max": 66}, attributes={"race": "Black", "kids": 2}),
    {"name": "Cy"},
)


async def new_base(client: httpx.AsyncClient, workspace: dict[str, Any]) -> str:
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    return f"/workspaces/{workspace['id']}/explorations/{made.json()['id']}/personas"


@pytest.fixture
async def base(client: httpx.AsyncClient, workspace: dict[str, Any]) -> str:
    base = await new_base(client, workspace)
    made = await client.post(f"{base}/import", json={"personas": PEOPLE})
    assert made.status_code == 201, made.text
    assert made.json()["count"] == len(PEOPLE)
    return base


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("origin=manual", "Cy Ben Ada"),
        ("origin=auto", ""),
        ("q=moreno", "Ada"),
        ("q=100%25", "Ada"),
        ("q=Ben_C", "Ben"),
        ("q=a_1", ""),
        ("gender=female", "Ada"),
        ("country=INDIA", "Ada"),
        ("age=32", "Ada"),
        ("age=66", "Ben"),
        ("attribute=a:race=asian", "Ada"),
        ("attribute=kids=2&attribute=a:race=Black", "Ben"),
        ("attribute=kids=2&gender=Female", ""),
        ("min_confidence=low", ""),
    ],
)
async def test_a_list_shows_those_that_fit_all_filters(
    client: httpx.AsyncClient, base: str, query: str, names: str
) -> None:
    answer = await client.get(f"{base}?{query}")
    assert answer.status_code == 200, answer.text
    assert [item["name"][:3].strip() for item in answer.json()["items"]] == names.split()


@pytest.mark.parametrize(
    "query", ["origin=x", "age=-1", "attribute=race", "attribute=a:=x", "min_confidence=x", "q=%00"]
)
async def test_a_wrong_filter_is_named(client: httpx.AsyncClient, base: str, query: str) -> None:
    answer = await client.get(f"{base}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][:2] == ["query", query.partition("=")[0]]


async def test_two_versions_are_told_apart(client: httpx.AsyncClient, base: str) -> None:
    ada = (await client.get(f"{base}?q=ada")).json()["items"][0]
    changed = {"occupation": "Nurse", "attributes": {"race": "Asian", "car": True}}
    await client.patch(f"{base}/{ada['id']}", json=changed)
    answer = (await client.get(f"{base}/{ada['id']}/diff?from=1&to=2")).json()
    assert answer == (await client.get(f"{base}/{ada['id']}/diff")).json()
    assert (answer["from"], answer["to"]) == (1, 2)
    assert answer["changes"] == [
        {"trait": "occupation", "before": None, "after": "Nurse"},
        {"trait": "attributes.car", "before": None, "after": True},
    ]
    missing = await client.get(f"{base}/{ada['id']}/diff?from=1&to=9")
    assert (missing.status_code, missing.json()["errors"][0]["loc"]) == (422, ["query", "to"])


async def test_a_copy_says_what_it_is_a_copy_of(
    client: httpx.AsyncClient, base: str, workspace: dict[str, Any]
) -> None:
    ada = (await client.get(f"{base}?q=ada")).json()["items"][0]
    other = await new_base(client, workspace)
    body = {"exploration_id": other.split("/")[-2]}
    made = await client.post(f"{base}/{ada['id']}/copy", json=body)
    assert (made.status_code, made.headers["Location"]) == (201, f"{other}/{made.json()['id']}")
    read = (await client.get(made.headers["Location"])).json()
    assert read["copied_from"] == {"persona_id": ada["id"], "version": 1}
    own = ("id", "exploration_id", "created_at", "updated_at", "copied_from")
    assert {name: read[name] for name in read if name not in own} == {
        name: ada[name] for name in ada if name not in own
    }


async def test_a_copy_into_another_workspace_is_refused(client: httpx.AsyncClient, base: str) -> None:
    ada = (await client.get(f"{base}?q=ada")).json()["items"][0]
    stranger = (await client.post("/workspaces", json={"name": "Other"})).json()
    elsewhere = (await new_base(client, stranger)).split("/")[-2]
    answer = await client.post(f"{base}/{ada['id']}/copy", json={"exploration_id": elsewhere})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "exploration_id"])


@pytest.mark.parametrize("format_", ["json", "csv"])
async def test_an_export_is_imported_elsewhere(
    client: httpx.AsyncClient, base: str, workspace: dict[str, Any], format_: str
) -> None:
    file = await client.get(f"{base}/export?format={format_}")
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].endswith(f'.{format_}"')
    other = await new_base(client, workspace)
    sent = {"file": (f"people.{format_}", file.content, "application/octet-stream")}
    made = await client.post(f"{other}/import", files=sent)
    assert made.status_code == 201, made.text
    there = (await client.get(other)).json()["items"]
    assert [item["id"] for item in reversed(there)] == made.json()["persona_ids"]
    kept = ("name", "gender", "age_range", "attributes", "location_country")
    assert [[item[name] for name in kept] for item in there] == [
        [item[name] for name in kept] for item in (await client.get(base)).json()["items"]
    ]


async def test_an_import_with_one_wrong_row_makes_nobody(client: httpx.AsyncClient, workspace: dict[str, Any]) -> None:
    base = await new_base(client, workspace)
    text = "name,family_size\nAda,2\nBen,many\n"
    answer = await client.post(f"{base}/import", content=text, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "rows", 3, "family_size"])
    assert (await client.get(base)).json()["items"] == []


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"name\nAda", "text/plain", 422),
        (b"", "multipart/form-data; boundary=x", 422),
        (b"garbage", "multipart/form-data", 422),
        (b"name\n" + b"x" * 5_000_001, "text/csv", 413),
    ],
)
async def test_what_is_no_file_of_personas_is_refused(
    client: httpx.AsyncClient, base: str, content: bytes, media_type: str, status: int
) -> None:
    answer = await client.post(f"{base}/import", content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
