"""People with accounts, and the headers of who they are."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx

from core.auth import passwords
from core.auth.models import User
from core.db import session as db
from core.workspaces.models import WorkspaceMember

PASSWORD = "a password nobody would guess"
NOBODY = {"Authorization": ""}


async def make_user(
    *, active: bool = True, verified: bool = True, superadmin: bool = False, password_hash: str | None = None
) -> User:
    """Store a user with the password `PASSWORD` unless a hash is given."""
    user = User(
        email=f"{uuid4().hex}@example.org",
        full_name="Some One",
        password_hash=password_hash or await passwords.hash_password(PASSWORD),
        is_active=active,
        is_verified=verified,
        is_superadmin=superadmin,
    )
    async with db.scope(db.SYSTEM) as session:
        session.add(user)
    return user


async def log_in(client: httpx.AsyncClient, user: User) -> dict[str, str]:
    """Return the headers that say one is this user."""
    answer = await client.post("/auth/login", json={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def join(workspace_id: str, user: User, role: str = "member") -> None:
    """Make a user a member of a workspace."""
    async with db.scope(db.SYSTEM) as session:
        session.add(WorkspaceMember(workspace_id=UUID(workspace_id), user_id=user.id, role=role))
