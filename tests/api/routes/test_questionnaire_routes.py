"""Questionnaires over HTTP: whole in one body, versions, and nothing stored from a bad one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.factories.questionnaires import question, questionnaire


@pytest.fixture
async def base(client: httpx.AsyncClient, workspace: dict[str, Any]) -> str:
    """The questionnaires' address of a new exploration."""
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    return f"/workspaces/{workspace['id']}/explorations/{made.json()['id']}/questionnaires"


async def test_a_questionnaire_is_created_whole_and_read_again(client: httpx.AsyncClient, base: str) -> None:
    body = questionnaire(*(question(kind) for kind in ("likert", "nps", "numeric", "open_ended", "multiple_choice")))
    made = await client.post(base, json=body)
    assert made.status_code == 201
    assert made.headers["Location"] == f"{base}/{made.json()['id']}"
    assert made.json()["version"] == 1
    assert made.json()["language"] == "en"
    assert (await client.get(made.headers["Location"])).json() == made.json()


async def test_a_question_has_all_members_of_its_shape(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=questionnaire(question()))).json()
    assert set(made["sections"][0]["questions"][0]) == {
        "id", "key", "type", "text", "required", "position", "options", "scale", "rows", "sets", "rank_top",
        "randomise", "show_if", "feeds", "splits", "anchor_set_id", "serves",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "loc"),
    [
        (question("slider"), ["type"]),
        (question(options=[]), ["options"]),
        (question(options=["A", "A"]), ["options", 1, "label"]),
        (question(key="same"), ["key"]),
        (question(show_if={"x": 1}), ["show_if"]),
        (question(show_if="same == 9"), ["show_if"]),
        (question(text="And {{other}}?"), ["text"]),
    ],
)
async def test_a_bad_one_names_the_field_and_stores_nothing(
    client: httpx.AsyncClient, base: str, wrong: dict[str, Any], loc: list[str | int]
) -> None:
    answer = await client.post(base, json=questionnaire(question(key="same"), wrong))
    assert answer.status_code == 422
    assert ["body", "sections", 0, "questions", 1, *loc] in [error["loc"] for error in answer.json()["errors"]]
    assert (await client.get(base)).json() == {"items": [], "next_cursor": None}


async def test_changed_content_makes_a_version_and_a_changed_title_none(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=questionnaire(question(key="a")))).json()
    where = f"{base}/{made['id']}"
    renamed = (await client.patch(where, json={"title": "Other"})).json()
    assert (renamed["title"], renamed["version"]) == ("Other", 1)
    same = (await client.patch(where, json={"sections": made["sections"]})).json()
    assert (same["version"], same["sections"]) == (1, made["sections"])
    sections = [*made["sections"], {"title": "More", "questions": [question("nps")]}]
    changed = (await client.patch(where, json={"sections": sections})).json()
    assert changed["version"] == 2
    assert changed["sections"][0] == made["sections"][0]
    assert changed["question_count"] == 2


async def test_a_deleted_one_is_gone(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=questionnaire())).json()
    assert (await client.delete(f"{base}/{made['id']}")).status_code == 204
    assert (await client.get(f"{base}/{made['id']}")).status_code == 404
    assert (await client.patch(f"{base}/{made['id']}", json={"title": "x"})).status_code == 404
    assert (await client.get(base)).json()["items"] == []


async def test_lists_are_paged(client: httpx.AsyncClient, base: str) -> None:
    for number in range(3):
        await client.post(base, json=questionnaire(title=f"Number {number}"))
    first = (await client.get(base, params={"limit": 2})).json()
    rest = (await client.get(base, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["title"] for item in first["items"] + rest["items"]] == ["Number 2", "Number 1", "Number 0"]
    assert rest["next_cursor"] is None


async def test_an_exploration_that_is_not_there_is_404(client: httpx.AsyncClient, workspace: dict[str, Any]) -> None:
    base = f"/workspaces/{workspace['id']}/explorations/{uuid4()}/questionnaires"
    assert (await client.get(base)).status_code == 404
    assert (await client.post(base, json=questionnaire())).status_code == 404


async def test_each_version_can_be_read_newest_first(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=questionnaire(question(key="a")))).json()
    where = f"{base}/{made['id']}"
    await client.patch(where, json={"sections": [{"title": "Other", "questions": [question("nps")]}]})
    first = (await client.get(f"{where}/versions", params={"limit": 1})).json()
    rest = (await client.get(f"{where}/versions", params={"cursor": first["next_cursor"]})).json()
    assert [one["version"] for one in first["items"] + rest["items"]] == [2, 1]
    assert (rest["items"][0]["sections"], rest["next_cursor"]) == (made["sections"], None)


async def test_a_copy_has_the_keys_and_ids_of_its_own(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=questionnaire(question(key="a"), title="x" * 200))).json()
    copied = await client.post(f"{base}/{made['id']}/duplicate", json={})
    copy = copied.json()
    assert (copied.status_code, copied.headers["Location"]) == (201, f"{base}/{copy['id']}")
    assert (copy["title"], copy["version"]) == ("x" * 193 + " (copy)", 1)
    [old], [new] = ([one for section in each["sections"] for one in section["questions"]] for each in (made, copy))
    assert {key: value for key, value in old.items() if key != "id"} == {k: v for k, v in new.items() if k != "id"}
    assert old["id"] != new["id"]
    changed = await client.patch(f"{base}/{copy['id']}", json={"sections": copy["sections"], "title": "Wave 2"})
    assert (changed.status_code, (await client.get(f"{base}/{made['id']}")).json()) == (200, made)


async def test_what_is_to_be_said_against_a_questionnaire(client: httpx.AsyncClient, base: str) -> None:
    body = questionnaire(question(), question(key="b", text="Don't you agree?"))
    made = (await client.post(base, json=body)).json()
    [finding] = (await client.get(f"{base}/{made['id']}/lint")).json()["findings"]
    assert {name: finding[name] for name in ("code", "section", "question", "key", "field")} == {
        "code": "leading", "section": 0, "question": 1, "key": "b", "field": "text",
    }  # fmt: skip
