"""Sessions that ended long ago are forgotten, the others are not."""

from __future__ import annotations

from sqlalchemy import text

from core.auth import service as auth
from core.auth import sessions
from core.db import session as db
from core.settings import Settings
from tests.factories.users import make_user


async def test_sessions_that_ended_a_week_ago_are_deleted(database: str, settings: Settings) -> None:
    user = await make_user(password_hash="none")
    async with db.scope(db.SYSTEM) as session:
        for _ in range(3):
            await auth.open_session(session, settings, user, None)
        mine = text("SELECT id FROM auth_session WHERE user_id = :user_id")
        ids = list((await session.execute(mine, {"user_id": user.id})).scalars())
        for column, id_ in zip(("revoked_at", "expires_at"), ids, strict=False):
            await session.execute(
                text(f"UPDATE auth_session SET {column} = now() - interval '8 days' WHERE id = :id"), {"id": id_}
            )
        await sessions.purge(session)
        left = await session.execute(mine, {"user_id": user.id})
        assert list(left.scalars()) == ids[2:]
