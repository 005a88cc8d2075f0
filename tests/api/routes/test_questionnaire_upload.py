"""Questionnaires sent as files."""

from __future__ import annotations

from typing import Any

import httpx

from tests.factories.explorations import exploration


async def test_a_file_becomes_a_questionnaire_or_nothing(client: httpx.AsyncClient, workspace: dict[str, Any]) -> None:
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    base = f"/workspaces/{workspace['id']}/explorations/{made.json()['id']}/questionnaires"
    refused = await client.post(f"{base}/upload", files={"file": ("a.csv", b"type,text\nfoo,One?\n")})
    assert refused.status_code == 422
    assert "row 2, column 1" in refused.text
    sent = await client.post(f"{base}/upload", files={"file": ("a.txt", b"1. Why?\n")}, data={"title": "Reasons"})
    assert sent.status_code == 201, sent.text
    assert sent.json()["notes"][0]["place"] == "line 1"
    assert (await client.get(sent.headers["Location"])).json()["title"] == "Reasons"
    assert len((await client.get(base)).json()["items"]) == 1
