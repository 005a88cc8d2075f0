"""After a rotation the first of ENCRYPTION_KEYS opens all there is; it can be broken off at any point."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.admin import keys
from core.admin.keys import Rotated
from core.crypto import service as crypto
from core.db import session as db
from core.mail import content
from core.settings import Settings, get_settings
from tests.factories import mails
from tests.factories.mails import TOKEN, new_address
from tests.fixtures.mail_settings import SetMail

OLD, NEW = "an old key of more than thirty-two characters", "a new key of more than thirty-two characters"
pytestmark = pytest.mark.usefixtures("job_database")


@pytest.fixture
async def sealed(set_mail: SetMail) -> list[UUID]:
    """Five mails sealed with the old key, in settings that have the new one since."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("DELETE FROM mail"))
    set_mail(ENCRYPTION_KEYS=OLD)
    written = [await mails.write(new_address()) for _ in range(5)]
    set_mail(ENCRYPTION_KEYS=f"{NEW},{OLD}")
    return written


def only_new() -> Settings:
    """Settings from which the old key was taken away."""
    return get_settings().model_copy(update={"encryption_keys": [NEW], "environment": "production"})


async def opened(mail_id: UUID) -> object:
    """Open a mail with the new key alone."""
    row = await mails.row(mail_id)
    return content.load(row["kind"], crypto.decrypt(only_new(), row["content"]))[0]


async def test_afterwards_the_new_key_alone_opens_everything(sealed: list[UUID]) -> None:
    assert await keys.rotate(get_settings()) == Rotated(resealed=5)
    assert [one.token for one in [await opened(mail_id) for mail_id in sealed]] == [TOKEN] * 5  # type: ignore[attr-defined]


async def test_a_second_rotation_finds_nothing_to_do(sealed: list[UUID]) -> None:
    await keys.rotate(get_settings())
    assert await keys.rotate(get_settings()) == Rotated()


async def test_one_that_was_broken_off_goes_on_where_it_was(
    sealed: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt, room = crypto.encrypt, [1, 2, 3]

    def broken(settings: Settings, plain: bytes) -> bytes:
        if not room:
            raise KeyboardInterrupt
        room.pop()
        return encrypt(settings, plain)

    monkeypatch.setattr(keys, "BATCH", 2)
    with monkeypatch.context() as patch:
        patch.setattr(crypto, "encrypt", broken)
        with pytest.raises(KeyboardInterrupt):
            await keys.rotate(get_settings())
    assert await keys.rotate(get_settings()) == Rotated(resealed=3)
    assert [await opened(mail_id) for mail_id in sealed]


async def test_what_no_key_opens_is_counted_and_left(sealed: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    before = (await mails.row(sealed[0]))["content"]
    monkeypatch.setattr(keys, "BATCH", 2)
    assert await keys.rotate(only_new()) == Rotated(unopened=5)
    assert (await mails.row(sealed[0]))["content"] == before


async def test_it_is_on_record(sealed: list[UUID]) -> None:
    await keys.rotate(get_settings())
    async with db.scope(db.SYSTEM) as session:
        found = await session.execute(text("SELECT data FROM audit_entry WHERE action = 'keys.rotated'"))
        data: list[Any] = list(found.scalars())
    assert {"resealed": 5, "unopened": 0} in data


def test_the_rotation_knows_what_is_sealed() -> None:
    assert "mail.content" in {str(column) for column in keys.sealed_columns()}
