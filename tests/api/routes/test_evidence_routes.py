"""Evidence over HTTP: texts at once, files by job, the same one once, found, read and deleted."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from api.middleware import LARGEST_BODY
from core.db import session as db
from core.evidence import service as evidence
from tests.factories.explorations import exploration
from tests.factories.files import encrypted_pdf, pdf, sheets, word
from tests.fixtures.api import finished

TEXT = "Annual fees drive older customers away.\n\nYounger ones compare apps."
Json = dict[str, Any]


@pytest.fixture
async def base(client: httpx.AsyncClient, workspace: Json) -> str:
    """The address of the evidence of a new exploration."""
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    return f"/workspaces/{workspace['id']}/explorations/{made.json()['id']}/evidence"


async def upload(
    client: httpx.AsyncClient, base: str, name: str, data: bytes, headers: Json | None = None, **fields: str
) -> httpx.Response:
    """Send a file."""
    return await client.post(base, files={"file": (name, data)}, data=fields, headers=headers)


async def extracted(client: httpx.AsyncClient, base: str, name: str, data: bytes, **fields: str) -> Json:
    """Send a file, wait for its job and return the document."""
    answer = await upload(client, base, name, data, None, **fields)
    assert answer.status_code == 202, answer.text
    job = await finished(client, answer.json())
    document: Json = (await client.get(f"{base}/{job['subject_id']}")).json()
    return document


async def passages(client: httpx.AsyncClient, base: str, document: Json) -> list[Json]:
    answer = await client.get(f"{base}/{document['id']}/passages")
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def test_a_text_is_found_at_once(client: httpx.AsyncClient, base: str) -> None:
    body = {"text": TEXT, "title": "Survey", "source": "Institute", "published_at": "2025-03-01"}
    answer = await client.post(base, json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"{base}/{made['id']}"
    assert (made["status"], made["published_at"], made["n_passages"]) == ("ready", "2025-03-01T00:00:00Z", 1)
    assert (await client.get(answer.headers["location"])).json() == made
    found = (await client.get(f"{base}/search", params={"q": '"annual fees"'})).json()
    (hit,) = found["items"]
    assert (hit["evidence_id"], hit["title"], hit["source"]) == (made["id"], "Survey", "Institute")
    assert "<mark>Annual</mark> <mark>fees</mark>" in hit["highlight"]
    again = await client.post(base, json=body)
    assert (again.status_code, again.json()) == (200, made)


@pytest.mark.usefixtures("worker")
async def test_a_file_is_extracted_by_a_job_with_the_places_of_its_passages(
    client: httpx.AsyncClient, base: str
) -> None:
    data, moment = pdf("Fees matter.", "Apps too."), "2024-12-31T23:00:00-02:00"
    document = await extracted(client, base, "../تقرير 😀.pdf", data, source="Bank", published_at=moment)
    assert (document["filename"], document["title"]) == ("تقرير 😀.pdf", "تقرير 😀")
    assert (document["status"], document["reason"], document["n_passages"]) == ("ready", None, 2)
    assert (document["source"], document["published_at"]) == ("Bank", "2025-01-01T01:00:00Z")
    found = await passages(client, base, document)
    assert [(one["ordinal"], one["position"]["page"], one["text"]) for one in found] == [
        (1, 1, "Fees matter."),
        (2, 2, "Apps too."),
    ]
    file = await client.get(f"{base}/{document['id']}/file")
    assert (file.content, file.headers["content-type"]) == (data, "application/pdf")
    said = file.headers["content-disposition"]
    assert said.startswith("attachment; filename*=UTF-8''%D8%AA")
    tag = {"If-None-Match": file.headers["etag"]}
    assert (await client.get(f"{base}/{document['id']}/file", headers=tag)).status_code == 304
    job = (await client.get(f"/jobs/{document['job_id']}")).json()
    assert (job["kind"], job["subject_type"]) == ("evidence.extract", "evidence")
    assert job["result"] == {"evidence_id": document["id"], "n_passages": 2}


@pytest.mark.usefixtures("worker")
async def test_the_same_file_again_is_the_job_it_has(client: httpx.AsyncClient, base: str) -> None:
    document = await extracted(client, base, "a.docx", word("Fees matter."))
    again = await upload(client, base, "b.docx", b"")
    assert again.status_code == 422
    again = await upload(client, base, "b.docx", word("Other fees."))
    assert again.json()["id"] != document["job_id"]
    data = sheets(A=[["Fee"], ["2"]])
    first = (await upload(client, base, "c.xlsx", data)).json()
    second = await upload(client, base, "d.xlsx", data)
    assert (second.status_code, second.json()["id"]) == (202, first["id"])
    await finished(client, first)
    third = await upload(client, base, "e.xlsx", data, {"Prefer": "wait=5"})
    assert (third.status_code, third.json()["id"], third.json()["status"]) == (200, first["id"], "succeeded")
    assert len((await client.get(base)).json()["items"]) == 3


@pytest.mark.usefixtures("worker")
async def test_a_key_makes_one_job_though_a_form_is_never_the_same_twice(client: httpx.AsyncClient, base: str) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = await upload(client, base, "a.txt", b"Fees matter.", headers, title="One")
    again = await upload(client, base, "a.txt", b"Fees matter.", headers, title="One")
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (first.json()["id"], "true")
    other = await upload(client, base, "a.txt", b"Fees matter.", headers, title="Two")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.usefixtures("worker")
async def test_a_file_that_cannot_be_read_fails_with_its_reason_and_may_be_sent_again(
    client: httpx.AsyncClient, base: str
) -> None:
    data = encrypted_pdf("secret")
    document = await extracted(client, base, "a.pdf", data)
    assert (document["status"], document["reason"][:30]) == ("failed", "It is protected by a password;")
    job = (await client.get(f"/jobs/{document['job_id']}")).json()
    assert (job["status"], job["attempt"], job["error"]["code"]) == ("failed", 1, "file_encrypted")
    again = await extracted(client, base, "a.pdf", data)
    assert again["id"] == document["id"]
    assert again["job_id"] != document["job_id"]
    retried = (await client.post(f"/jobs/{document['job_id']}/retry")).json()
    assert (await finished(client, retried))["error"]["code"] == "evidence_has_later_job"


@pytest.mark.usefixtures("worker")
async def test_what_is_redacted_is_stored_nowhere(client: httpx.AsyncClient, base: str, workspace: Json) -> None:
    mail, phone = "ada@example.org", "+44 20 7946 0958"
    said = f"Write to {mail}, or call {phone}."
    document = await extracted(
        client, base, "ada@example.org.txt", said.encode(), redact="true", source=f"from {mail}"
    )  # fmt: skip
    assert document["redactions"] == {"e-mail address": 1, "phone number": 1}
    assert (document["filename"], document["source"]) == ("redacted.txt", "from [e-mail address removed]")
    pasted = (await client.post(base, json={"text": said, "redact": True})).json()
    assert pasted["title"] == "Write to [e-mail address removed], or call [phone number removed]."
    for one in (document, pasted):
        (kept,) = await passages(client, base, one)
        assert (await client.get(f"{base}/{one['id']}/file")).json()["code"] == "file_not_found"
        assert kept["text"] == "Write to [e-mail address removed], or call [phone number removed]."
    assert [hit for secret in (mail, phone) for hit in await tables_with(secret)] == []
    assert await stored_files(workspace["id"]) == []


@pytest.mark.usefixtures("worker")
async def test_a_deleted_document_leaves_nothing_but_its_record(
    client: httpx.AsyncClient, base: str, workspace: Json
) -> None:
    document = await extracted(client, base, "a.txt", b"Fees matter.")
    assert await stored_files(workspace["id"]) == ["original"]
    assert (await client.delete(f"{base}/{document['id']}")).status_code == 204
    for path in ("", "/passages"):
        assert (await client.get(f"{base}/{document['id']}{path}")).status_code == 404
    assert (await client.delete(f"{base}/{document['id']}")).status_code == 404
    assert (await client.get(f"{base}/search", params={"q": "fees"})).json()["items"] == []
    assert await stored_files(workspace["id"]) == []
    log = (await client.get(f"/workspaces/{workspace['id']}/audit-log")).json()["items"]
    assert ("evidence.deleted", document["id"]) in [(row["action"], row["subject_id"]) for row in log]


async def test_a_job_that_was_cancelled_leaves_a_failed_document_and_no_sealed_file(
    client: httpx.AsyncClient, base: str, workspace: Json
) -> None:
    job = (await upload(client, base, "a.txt", b"Call +44 20 7946 0958", redact="true")).json()
    async with db.scope(db.SYSTEM) as session:  # as if somebody cancelled it before any worker came
        ended = text("UPDATE job SET status = 'cancelled', finished_at = now() WHERE id = :id")
        await session.execute(ended, {"id": UUID(job["id"])})
    place = f"{base}/{job['subject_id']}"
    shown = (await client.get(place)).json()
    assert (shown["status"], shown["reason"]) == ("failed", "The extraction was cancelled.")
    assert await stored_files(workspace["id"]) == ["sealed"]
    async with db.scope(db.SYSTEM) as session:
        await evidence.settle(session)
    assert await stored_files(workspace["id"]) == []
    assert (await client.get(place)).json() == shown


async def test_lists_go_on_where_they_ended(client: httpx.AsyncClient, base: str) -> None:
    made = [(await client.post(base, json={"text": f"Fees, part {n}. " * 300})).json()["id"] for n in range(3)]
    first = (await client.get(base, params={"limit": 2})).json()
    rest = (await client.get(base, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    for path, key in ((f"{base}/{made[0]}/passages", "id"), (f"{base}/search", "passage_id")):
        whole = (await client.get(path, params={"q": "fees"})).json()["items"]
        seen: list[str] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            params = {"q": "fees", "limit": "1"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(path, params=params)).json()
            seen += [one[key] for one in page["items"]]
            cursor = page["next_cursor"]
        assert seen == [one[key] for one in whole]
        assert len(set(seen)) == len(seen) > 1


async def test_many_at_once_are_stored_once(client: httpx.AsyncClient, base: str) -> None:
    answers = await asyncio.gather(*(client.post(base, json={"text": TEXT}) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [200] * 7 + [201]
    assert len({one.json()["id"] for one in answers}) == 1


async def test_nothing_is_added_to_an_exploration_that_ended(client: httpx.AsyncClient, base: str) -> None:
    await client.post(base.removesuffix("/evidence") + "/method", json={"is_ended": True})
    for answer in (await client.post(base, json={"text": TEXT}), await upload(client, base, "a.txt", b"x")):
        assert (answer.status_code, answer.json()["code"]) == (409, "exploration_ended")
    elsewhere = base.replace(base.split("/")[4], str(uuid4()))
    for answer in (
        await client.post(elsewhere, json={"text": TEXT}),
        await client.get(elsewhere),
        await client.get(f"{elsewhere}/search", params={"q": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "exploration_not_found")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \u200b\u200d "}, "text"),
        ({"text": "a\u0000b"}, "text"),
        ({"text": "x" * 1_000_001}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x", "title": "t" * 201}, "title"),
        ({"text": "x", "published_at": "yesterday"}, "published_at"),
        ({"text": "x", "published_at": "2025-02-30"}, "published_at"),
        ({"text": "x", "published_at": "2025-03-01T00:00:00"}, "published_at"),
        ({"text": "x", "redact": "perhaps"}, "redact"),
        ({"text": "x", "file": "y"}, "file"),
    ],
)
async def test_a_wrong_text_is_named(client: httpx.AsyncClient, base: str, body: Json, place: str) -> None:
    answer = await client.post(base, json=body)
    assert answer.status_code == 422, answer.text
    assert ["body", place] in [one["loc"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("name", "data", "fields", "place"),
    [
        ("a.exe", b"MZ", {}, "file"),
        ("a.pdf", b"no PDF", {}, "file"),
        ("a.txt", b"a\x00b", {}, "file"),
        ("a.txt", b"x", {"surprise": "1"}, "surprise"),
        ("a.txt", b"x", {"published_at": "soon"}, "published_at"),
        ("a.txt", b"x", {"redact": "perhaps"}, "redact"),
        ("a.txt", b"x", {"job": "{"}, "job"),
        ("a.txt", b"x", {"job": '{"priority": "now"}'}, "job"),
        ("a.txt", b"x", {"title": "t" * 300}, "title"),
    ],
)
async def test_a_wrong_file_is_named(
    client: httpx.AsyncClient, base: str, name: str, data: bytes, fields: dict[str, str], place: str
) -> None:
    answer = await upload(client, base, name, data, None, **fields)
    assert answer.status_code == 422, answer.text
    assert ["body", place] in [one["loc"][:2] for one in answer.json()["errors"]]
    assert (await client.get(base)).json()["items"] == []


FORM = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\nx\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'"text"', "application/json"),
        (b"", "application/json"),
        (b"text", "text/plain"),
        (b"", ""),
        (b"", FORM),
        (b"--b--", FORM),
        (b"garbage", FORM),
        (b"garbage", "multipart/form-data"),
        (PART % b"file" + b"--b--", FORM),
        (FILE + FILE + b"--b--", FORM),
        (FILE + PART % b"title" + PART % b"title" + b"--b--", FORM),
        (FILE + PART % b"title" * 30 + b"--b--", FORM),
        (FILE + b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + b"x" * 200_000 + b"\r\n--b--", FORM),
    ],
)
async def test_a_body_that_cannot_be_read_is_the_clients_fault(
    client: httpx.AsyncClient, base: str, content: bytes, media_type: str
) -> None:
    answer = await client.post(base, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["loc"][0] == "body"


async def test_a_file_that_is_too_large_is_refused_as_it_comes_in(client: httpx.AsyncClient, base: str) -> None:
    sent = 0

    async def line() -> Any:
        nonlocal sent
        yield FILE.replace(b"a.txt", b"a.csv")[:-3]
        while sent < 100 * 1024 * 1024:
            sent += 65536
            yield b"a," * 32768

    answer = await client.post(base, content=line(), headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    whole = await upload(client, base, "a.csv", b"a," * (LARGEST_BODY // 2))
    assert whole.status_code == 413


@pytest.mark.parametrize(
    "params", [{}, {"q": ""}, {"q": " "}, {"q": "x" * 401}, {"q": "a\x00b"}, {"q": "a", "cursor": "!"}]
)
async def test_a_wrong_query_is_named(client: httpx.AsyncClient, base: str, params: Json) -> None:
    answer = await client.get(f"{base}/search", params=params)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["loc"][0] == "query"


async def tables_with(secret: str) -> list[str]:
    """Return the tables with a row that has a text in it, or its bytes."""
    found = []
    async with db.scope(db.SYSTEM) as session:
        query = text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        for table in (await session.execute(query)).scalars().all():
            has = f"SELECT EXISTS (SELECT FROM {table} t WHERE t::text LIKE :a OR t::text LIKE :b)"
            values = {"a": f"%{secret}%", "b": f"%{secret.encode().hex()}%"}
            if (await session.execute(text(has), values)).scalar_one():
                found.append(str(table))
    return found


async def stored_files(workspace_id: str) -> list[str]:
    async with db.scope([UUID(workspace_id)]) as session:
        query = text("SELECT name FROM stored_file WHERE workspace_id = :id")
        return [str(name) for name in (await session.execute(query, {"id": UUID(workspace_id)})).scalars()]


async def test_options_of_the_job_are_taken_from_the_form(client: httpx.AsyncClient, base: str) -> None:
    answer = await upload(client, base, "a.txt", b"Fees", None, job=json.dumps({"max_attempts": 1}), source="")
    assert answer.json()["max_attempts"] == 1
    assert (await client.get(f"{base}/{answer.json()['subject_id']}")).json()["source"] is None
