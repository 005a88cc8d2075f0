"""API keys of workspaces, and the headers of programs that have them."""

from __future__ import annotations

from typing import Any

import httpx

Json = dict[str, Any]


async def make_key(client: httpx.AsyncClient, workspace_id: str, *scopes: str, **more: Any) -> Json:
    """Make a key as `client`, who is an admin of the workspace; return it with its secret."""
    body = {"name": "a program", "scopes": list(scopes) or ["read", "write"]} | more
    answer = await client.post(f"/workspaces/{workspace_id}/api-keys", json=body)
    assert answer.status_code == 201, answer.text
    document: Json = answer.json()
    return document


def headers_of(key: Json) -> dict[str, str]:
    """Return the headers that say one is the program with this key."""
    return {"Authorization": f"Bearer {key['secret']}"}
