"""Ways into an account that is another's: a login that races a new password, a token used for what it is not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import bcrypt
import httpx
import pytest

from core.auth import accounts, onetime, passwords, sessions, tickets, tokens
from core.auth import service as auth
from core.auth.errors import PasswordChanged
from core.auth.models import User
from core.db import session as db
from core.invitations.models import Invitation
from core.orgs import service as orgs
from core.settings import Settings
from core.workspaces import service as workspaces
from core.workspaces.schemas import WorkspaceCreate
from tests.factories.mails import new_address
from tests.factories.users import PASSWORD, make_user
from tests.fixtures.smtp import Mails

NEW_PASSWORD = "another one nobody would guess"


async def stored(email: str) -> User:
    """Return an account as it is."""
    async with db.scope(db.SYSTEM) as session:
        found = await auth.find_user(session, email)
    assert found is not None
    return found


async def test_a_login_that_was_under_way_when_the_password_changed_opens_nothing(
    database: str, settings: Settings
) -> None:
    user = await make_user()
    upgraded = await auth.check_password(user, PASSWORD)
    changed = await passwords.hash_password(NEW_PASSWORD)
    async with db.scope(db.SYSTEM) as session:
        (await session.get_one(User, user.id)).password_hash = changed
    with pytest.raises(PasswordChanged):
        async with db.scope(db.SYSTEM) as session:
            await auth.open_session(session, settings, user, upgraded or "a better hash of the old password")
    assert (await stored(user.email)).password_hash == changed


async def test_of_two_logins_that_renew_a_hash_at_once_both_get_in(
    anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await make_user(password_hash=bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode())
    both_checked, check = asyncio.Barrier(2), auth.check_password

    async def check_together(found: User | None, password: str) -> str | None:
        better = await check(found, password)
        if better is not None:
            await both_checked.wait()
        return better

    monkeypatch.setattr(auth, "check_password", check_together)
    body = {"email": user.email, "password": PASSWORD}
    answers = await asyncio.gather(*(anonymous.post("/auth/login", json=body) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await stored(user.email)).password_hash.startswith("$argon2id$")


async def test_a_change_of_the_password_waits_for_a_login_and_ends_its_session(
    database: str, settings: Settings
) -> None:
    user = await make_user()
    token, _ = await _reset_token(user)

    async def reset() -> None:
        async with db.scope(db.SYSTEM) as session:
            await accounts.reset_password(session, token, "a new hash")

    async with db.scope(db.SYSTEM) as session:
        await auth.open_session(session, settings, user, None)
        resetting = asyncio.create_task(reset())
        await asyncio.sleep(0.2)
        assert not resetting.done()
    await resetting
    async with db.scope(db.SYSTEM) as session:
        assert await sessions.list_for(session, settings, user.id, limit=10, before=None) == []


async def _reset_token(user: User) -> tuple[str, object]:
    async with db.scope(db.SYSTEM) as session:
        return await onetime.issue(session, "reset_password", user.id)


async def test_signing_up_takes_over_no_account_whose_owner_has_to_verify_again(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    user = await make_user()
    async with db.scope(db.SYSTEM) as session:
        await orgs.ensure_personal(session, user)
        (await session.get_one(User, user.id)).is_verified = False
    body = {"email": user.email, "password": NEW_PASSWORD, "full_name": "Mallory"}
    assert (await anonymous.post("/auth/signup", json=body)).status_code == 201
    found = await stored(user.email)
    assert (found.password_hash, found.full_name, found.is_verified) == (user.password_hash, user.full_name, False)
    assert [mail.kind for mail in await mails.for_address(user.email)] == ["has_account"]


@dataclass(frozen=True)
class Tokens:
    """One good token of each sort, all of one user."""

    access: str
    refresh: str
    ticket: str
    verify_email: str
    reset_password: str
    invitation: str

    def others(self, *own: str) -> dict[str, str]:
        """Return all that are not of these sorts."""
        return {name: token for name, token in vars(self).items() if name not in own}


@pytest.fixture
async def of_every_sort(database: str, settings: Settings) -> Tokens:
    """Tokens of a user who has every sort of them."""
    user = await make_user(password_hash="none")
    invitation = tokens.new_refresh_token()
    async with db.scope(db.SYSTEM) as session:
        login = await auth.open_session(session, settings, user, None)
        place = await workspaces.create(session, user, WorkspaceCreate(name="Theirs"))
        verify, expires_at = await onetime.issue(session, "verify_email", user.id)
        reset, _ = await onetime.issue(session, "reset_password", user.id)
        session.add(
            Invitation(
                workspace_id=place.id, email=new_address(), role="member",
                token_hash=tokens.hashed(invitation), expires_at=expires_at,
            )
        )  # fmt: skip
    holder = tokens.read(settings, login.access_token)
    ticket, _ = tickets.issue(settings, holder, "/jobs")
    return Tokens(login.access_token, login.refresh_token, ticket, verify, reset, invitation)


async def test_no_token_opens_what_another_sort_opens(anonymous: httpx.AsyncClient, of_every_sort: Tokens) -> None:
    http, wrong = anonymous, []

    async def tried(place: str, sent: str, refused: int, answer: httpx.Response) -> None:
        if answer.status_code != refused:
            wrong.append((place, sent, answer.status_code, answer.text[:100]))

    for sent, token in of_every_sort.others("access").items():
        answer = await http.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        await tried("access", sent, 401, answer)
    for sent, token in of_every_sort.others("refresh").items():
        await tried("refresh", sent, 401, await http.post("/auth/refresh", json={"refresh_token": token}))
    for sent, token in of_every_sort.others("ticket").items():
        path = "/jobs/01a21392-ee73-78ea-b634-c8065524b761/events"
        await tried("ticket", sent, 401, await http.get(path, params={"ticket": token}))
    for sent, token in of_every_sort.others("verify_email").items():
        for method in ("GET", "POST"):
            await tried("verify_email", sent, 404, await http.request(method, f"/auth/verify-email/{token}"))
    for sent, token in of_every_sort.others("reset_password").items():
        body = {"new_password": NEW_PASSWORD}
        await tried("reset_password", sent, 404, await http.get(f"/auth/reset-password/{token}"))
        await tried("reset_password", sent, 404, await http.post(f"/auth/reset-password/{token}", json=body))
    for sent, token in of_every_sort.others("invitation").items():
        body = {"token": token, "full_name": "Mallory", "password": NEW_PASSWORD}
        await tried("invitation", sent, 404, await http.post("/invitations/accept", json=body))
        await tried("invitation", sent, 404, await http.get("/invitations/accept", params={"token": token}))
    assert wrong == []


async def test_each_token_opens_its_own(anonymous: httpx.AsyncClient, of_every_sort: Tokens) -> None:
    """Or the test above would show nothing."""
    http, good = anonymous, of_every_sort
    assert (await http.get("/auth/me", headers={"Authorization": f"Bearer {good.access}"})).status_code == 200
    assert (await http.get("/invitations/accept", params={"token": good.invitation})).status_code == 200
    assert (await http.get(f"/auth/reset-password/{good.reset_password}")).status_code == 200
    assert (await http.post(f"/auth/verify-email/{good.verify_email}")).status_code == 200
    assert (await http.post("/auth/refresh", json={"refresh_token": good.refresh})).status_code == 200
