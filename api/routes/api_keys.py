"""API keys of a workspace: create, list, read, revoke (admins)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentAdmin
from api.pagination import Limit, Page, decode_cursor, page
from core.api_keys import service as api_keys
from core.api_keys.schemas import ApiKeyCreate, ApiKeyMade, ApiKeyRead
from core.db import session as db

router = APIRouter(prefix="/workspaces/{ws}/api-keys", tags=["api keys"], route_class=AuthenticatedRoute)


@router.post("", status_code=201, operation_id="create_api_key")
async def create_api_key(member: CurrentAdmin, body: ApiKeyCreate, response: Response) -> ApiKeyMade:
    """Make a key (admins). Its `secret` is in this answer and in no other; it acts as a member, never as an admin."""
    async with db.scope([member.workspace_id]) as session:
        key, secret = await api_keys.create(session, member, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/api-keys/{key.id}"
    return ApiKeyMade.with_secret(key, secret)


@router.get("", operation_id="list_api_keys")
async def list_api_keys(member: CurrentAdmin, limit: Limit = 50, cursor: str | None = None) -> Page[ApiKeyRead]:
    """List a workspace's keys, revoked and expired ones too, newest first (admins)."""
    async with db.scope([member.workspace_id]) as session:
        found = await api_keys.list_for(session, member, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [ApiKeyRead.of(key) for key in found])


@router.get("/{key_id}", operation_id="get_api_key")
async def get_api_key(member: CurrentAdmin, key_id: UUID) -> ApiKeyRead:
    """Read a key (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return ApiKeyRead.of(await api_keys.get(session, member, key_id))


@router.delete("/{key_id}", status_code=204, operation_id="revoke_api_key")
async def revoke_api_key(member: CurrentAdmin, key_id: UUID) -> None:
    """Revoke a key, from its next request on (admins); it stays in the list."""
    async with db.scope([member.workspace_id]) as session:
        await api_keys.revoke(session, member, key_id)
