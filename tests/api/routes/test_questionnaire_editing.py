"""Questionnaires edited one section and one question at a time."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.factories.questionnaires import question, questionnaire

Made = dict[str, Any]
STARTING = questionnaire(question(key="a"), question(key="b", show_if='a == "1"'), title="Start")


@pytest.fixture
async def where(client: httpx.AsyncClient, workspace: Made) -> str:
    """The address of a new questionnaire with two questions, of which the second reads the first."""
    base = f"/workspaces/{workspace['id']}/explorations"
    base = f"{base}/{(await client.post(base, json=exploration())).json()['id']}/questionnaires"
    return f"{base}/{(await client.post(base, json=STARTING)).json()['id']}"


async def whole(client: httpx.AsyncClient, where: str) -> Made:
    found: Made = (await client.get(where)).json()
    return found


async def test_a_questionnaire_is_built_piece_by_piece(client: httpx.AsyncClient, where: str) -> None:
    section = await client.post(f"{where}/sections", json={"title": "Before", "position": 0})
    assert (section.status_code, section.json()["questions"]) == (201, [])
    asked = await client.post(f"{section.headers['Location']}/questions", json=question("nps", key="n"))
    assert (await client.get(asked.headers["Location"])).json() == asked.json()
    renamed = await client.patch(asked.headers["Location"], json={"text": "And now?", "required": False})
    assert (renamed.json()["text"], renamed.json()["id"]) == ("And now?", asked.json()["id"])
    copied = await client.post(f"{asked.headers['Location']}/duplicate")
    assert (copied.status_code, copied.json()["key"], copied.json()["position"]) == (201, "n_2", 1)
    found = await whole(client, where)
    assert [[one["key"] for one in section["questions"]] for section in found["sections"]] == [["n", "n_2"], ["a", "b"]]
    assert (found["version"], found["question_count"]) == (5, 4)
    assert (await client.delete(section.headers["Location"])).status_code == 204
    assert [one["title"] for one in (await whole(client, where))["sections"]] == ["Main"]


async def test_parts_are_listed_in_order_by_pages(client: httpx.AsyncClient, where: str) -> None:
    [section] = (await client.get(f"{where}/sections")).json()["items"]
    address = f"{where}/sections/{section['id']}/questions"
    first = (await client.get(address, params={"limit": 1})).json()
    rest = (await client.get(address, params={"cursor": first["next_cursor"]})).json()
    assert first["items"] + rest["items"] == section["questions"]
    assert rest["next_cursor"] is None


async def test_what_another_question_reads_is_not_taken_out_or_moved_behind_it(
    client: httpx.AsyncClient, where: str
) -> None:
    before = await whole(client, where)
    [section] = before["sections"]
    first, second = (f"{where}/sections/{section['id']}/questions/{one['id']}" for one in section["questions"])
    swapped = {"sections": [{"id": section["id"], "questions": [one["id"] for one in section["questions"]][::-1]}]}
    for answer in (
        await client.delete(first),
        await client.patch(first, json={"position": 1}),
        await client.patch(second, json={"position": 0}),
        await client.post(f"{where}/reorder", json=swapped),
    ):
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["loc"][-1] == "show_if"
        assert "a " in error["msg"]
    assert await whole(client, where) == before


async def test_all_is_reordered_in_one_body_and_ids_are_kept(client: httpx.AsyncClient, where: str) -> None:
    new = (await client.post(f"{where}/sections", json={"title": "New"})).json()
    [old, _] = (await whole(client, where))["sections"]
    a, b = (one["id"] for one in old["questions"])
    body = {"sections": [{"id": new["id"], "questions": [a]}, {"id": old["id"], "questions": [b]}]}
    answer = await client.post(f"{where}/reorder", json=body)
    assert answer.status_code == 200
    found = [(one["id"], [q["id"] for q in one["questions"]]) for one in answer.json()["sections"]]
    assert found == [(new["id"], [a]), (old["id"], [b])]


async def test_an_outdated_tag_changes_nothing(client: httpx.AsyncClient, where: str) -> None:
    read = await client.get(where)
    section = f"{where}/sections/{read.json()['sections'][0]['id']}"
    tag = {"If-Match": read.headers["ETag"]}
    renamed = await client.patch(section, json={"title": "Renamed"}, headers=tag)
    assert (renamed.status_code, renamed.headers["ETag"] != read.headers["ETag"]) == (200, True)
    for refused in (
        await client.patch(section, json={"title": "Late"}, headers=tag),
        await client.delete(section, headers=tag),
        await client.patch(where, json={"title": "Late"}, headers=tag),
        await client.post(f"{section}/questions", json=question(), headers=tag),
    ):
        assert (refused.status_code, refused.json()["code"]) == (412, "questionnaire_changed")
    fresh = {"If-Match": renamed.headers["ETag"]}
    assert (await client.patch(where, json={"title": "In time"}, headers=fresh)).status_code == 200


async def test_edits_at_the_same_time_lose_nothing(client: httpx.AsyncClient, where: str) -> None:
    section = f"{where}/sections/{(await whole(client, where))['sections'][0]['id']}/questions"
    added = await asyncio.gather(*(client.post(section, json=question("nps", key=f"n{n}")) for n in range(5)))
    assert [one.status_code for one in added] == [201] * 5
    found = await whole(client, where)
    assert {one["key"] for one in found["sections"][0]["questions"]} == {"a", "b", *(f"n{n}" for n in range(5))}
    assert found["version"] == 6


async def test_bad_pieces_are_named_and_nothing_is_stored(client: httpx.AsyncClient, where: str) -> None:
    before = await whole(client, where)
    section = f"{where}/sections/{before['sections'][0]['id']}"
    many = [question("open_ended", text=f"Why {n}?") for n in range(499)]
    for body, loc in (
        (question(key="a"), ["body", "key"]),
        (question("slider"), ["body", "type"]),
        (question(options=["One"]), ["body", "options"]),
        (question(position=7), ["body", "position"]),
        (question(id=before["sections"][0]["questions"][0]["id"]), ["body", "id"]),
    ):
        answer = await client.post(f"{section}/questions", json=body)
        assert (answer.status_code, loc in [one["loc"] for one in answer.json()["errors"]]) == (422, True), body
    too_many = await client.post(f"{where}/sections", json={"title": "Many", "questions": many})
    assert too_many.json()["errors"][0]["msg"] == "501 questions are more than the 500 allowed"
    assert (await client.delete(section)).status_code == 422  # no question would be left
    assert await whole(client, where) == before


async def test_what_is_not_there_is_404(client: httpx.AsyncClient, where: str) -> None:
    section = f"{where}/sections/{(await whole(client, where))['sections'][0]['id']}"
    for path in (f"{where}/sections/{uuid4()}", f"{section}/questions/{uuid4()}"):
        for method in ("GET", "DELETE"):
            assert (await client.request(method, path)).status_code == 404
        assert (await client.patch(path, json={})).status_code == 404


async def test_an_exploration_that_has_ended_takes_no_new_parts(client: httpx.AsyncClient, where: str) -> None:
    section = f"{where}/sections/{(await whole(client, where))['sections'][0]['id']}"
    await client.post(f"{where.partition('/questionnaires')[0]}/method", json={"is_ended": True})
    for path, body in ((f"{where}/sections", {"title": "New"}), (f"{section}/questions", question())):
        refused = await client.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "exploration_ended")
    assert (await client.patch(section, json={"title": "Corrected"})).status_code == 200


async def test_a_questionnaire_is_downloaded_and_created_anew(client: httpx.AsyncClient, where: str) -> None:
    for format_, beginning in (("json", b"{"), ("docx", b"PK"), ("qsf", b'{"SurveyEntry"')):
        got = await client.get(f"{where}/export", params={"format": format_})
        assert (got.status_code, got.content.startswith(beginning)) == (200, True)
        assert got.headers["Content-Disposition"] == f'attachment; filename="start-v1.{format_}"'
    exported = (await client.get(f"{where}/export")).json()
    again = await client.post(where.rpartition("/")[0], json=exported)
    assert again.status_code == 201
    assert (await client.get(f"{again.headers['Location']}/export")).json() == exported
    assert (await client.get(f"{where}/export", params={"format": "pdf"})).status_code == 422
