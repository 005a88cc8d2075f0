"""Sign up, verify, forget and reset a password, change it, change one's name; nobody learns who has an account."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from core.auth import service as auth
from core.auth.models import User
from core.db import session as db
from tests.factories.mails import new_address
from tests.factories.users import PASSWORD, log_in, make_user
from tests.fixtures.smtp import Mails

NEW_PASSWORD = "another one nobody would guess"


async def sign_up(client: httpx.AsyncClient, email: str, **changes: Any) -> httpx.Response:
    body = {"email": email, "password": PASSWORD, "full_name": "Ada Lopez"} | changes
    return await client.post("/auth/signup", json=body)


async def login_status(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> tuple[int, str]:
    answer = await client.post("/auth/login", json={"email": email, "password": password})
    return answer.status_code, answer.json().get("code", "")


async def token_of(mails: Mails, email: str, kind: str) -> str:
    """Return the token of the last mail of a kind to an address."""
    found = [mail.token for mail in await mails.for_address(email) if mail.kind == kind]
    assert found[-1]
    return str(found[-1])


def told(answer: httpx.Response) -> tuple[int, Any]:
    body = answer.json()
    return answer.status_code, {k: v for k, v in body.items() if k not in ("request_id", "email")}


async def test_who_signs_up_verifies_the_address_and_logs_in(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    email = new_address()
    answer = await sign_up(anonymous, email.upper())
    assert (answer.status_code, set(answer.json())) == (201, {"email", "message"})
    assert await login_status(anonymous, email) == (403, "email_not_verified")
    token = await token_of(mails, email, "verify_email")
    verified = await anonymous.post(f"/auth/verify-email/{token}")
    assert (verified.status_code, verified.json()) == (200, {"email": email, "is_verified": True})
    assert (await login_status(anonymous, email))[0] == 200


async def test_a_verified_user_has_an_organization_of_their_own(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    email = new_address()
    await sign_up(anonymous, email)
    await anonymous.post(f"/auth/verify-email/{await token_of(mails, email, 'verify_email')}")
    login = await anonymous.post("/auth/login", json={"email": email, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    owned = (await anonymous.get("/orgs", headers=headers)).json()["items"]
    assert [(one["is_personal"], one["role"]) for one in owned] == [(True, "owner")]


async def test_a_verification_token_works_once(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    email = new_address()
    await sign_up(anonymous, email)
    token = await token_of(mails, email, "verify_email")
    tries = await asyncio.gather(*(anonymous.post(f"/auth/verify-email/{token}") for _ in range(10)))
    assert sorted(one.status_code for one in tries) == [200] + [404] * 9
    assert {one.json()["code"] for one in tries if one.status_code == 404} == {"link_not_usable"}


async def test_the_mailed_link_works_in_a_browser_even_if_a_scanner_opened_it_first(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    email = new_address()
    await sign_up(anonymous, email)
    link = f"/auth/verify-email/{await token_of(mails, email, 'verify_email')}"
    assert (await anonymous.get(link)).status_code == 200
    page = await anonymous.get(link, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<script" not in page.text
    assert (await login_status(anonymous, email))[0] == 200


async def test_a_browser_is_told_of_a_dead_link_on_a_page(anonymous: httpx.AsyncClient) -> None:
    page = await anonymous.get("/auth/verify-email/nothing", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_signing_up_with_a_taken_address_answers_alike_and_changes_nothing(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    user = await make_user()
    taken, free = await sign_up(anonymous, user.email, password=NEW_PASSWORD), await sign_up(anonymous, new_address())
    assert told(taken) == told(free)
    assert taken.headers["location"] == free.headers["location"]
    assert [mail.kind for mail in await mails.for_address(user.email)] == ["has_account"]
    assert (await login_status(anonymous, user.email))[0] == 200
    assert (await login_status(anonymous, user.email, NEW_PASSWORD))[0] == 401


async def test_an_address_nobody_has_verified_can_be_signed_up_again(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    email = new_address()
    await sign_up(anonymous, email, password=PASSWORD)
    first = await token_of(mails, email, "verify_email")
    await sign_up(anonymous, email, password=NEW_PASSWORD)
    assert (await anonymous.post(f"/auth/verify-email/{first}")).status_code == 404
    await anonymous.post(f"/auth/verify-email/{await token_of(mails, email, 'verify_email')}")
    assert (await login_status(anonymous, email, NEW_PASSWORD))[0] == 200
    assert (await login_status(anonymous, email, PASSWORD))[0] == 401


@pytest.mark.parametrize("state", ["inactive", "superadmin"])
async def test_signing_up_takes_over_no_account_that_is_locked_or_privileged(
    anonymous: httpx.AsyncClient, state: str
) -> None:
    user = await make_user(active=state != "inactive", superadmin=state == "superadmin", verified=False)
    assert (await sign_up(anonymous, user.email, password=NEW_PASSWORD)).status_code == 201
    async with db.scope(db.SYSTEM) as session:
        stored = await auth.find_user(session, user.email)
    assert stored is not None
    assert stored.password_hash == user.password_hash


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "password2026"}, "password"),
        ({"password": "Ada Lopez 1987"}, "password"),
        ({"password": "x" * 300}, "password"),
        ({"password": "with a \x00 in the middle"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b@example.org"}, "email"),
        ({"email": "a\x01b@example.org"}, "email"),
        ({"email": "a,b@example.org"}, "email"),
        ({"email": "<a@example.org>"}, "email"),
        ({"email": "a(victim@example.com)@example.org"}, "email"),
        ({"email": "a\u200b@example.org"}, "email"),
        ({"full_name": "  "}, "full_name"),
        ({"is_superadmin": True}, "is_superadmin"),
    ],
)
async def test_what_is_wrong_with_a_signup_is_named(
    anonymous: httpx.AsyncClient, changes: dict[str, Any], field: str
) -> None:
    answer = await sign_up(anonymous, **{"email": new_address()} | changes)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", field]


async def test_a_refused_password_is_not_in_the_answer(anonymous: httpx.AsyncClient) -> None:
    answer = await sign_up(anonymous, new_address(), password="iloveyou1234")
    assert answer.status_code == 422
    assert "iloveyou" not in answer.text


async def test_a_new_verification_mail_is_sent_to_who_needs_one_only(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    unverified = [await make_user(verified=False)]
    others = [await make_user(), await make_user(verified=False, active=False)]
    addresses = [user.email for user in (*unverified, *others)] + [new_address()]
    answers = [await anonymous.post("/auth/resend-verification", json={"email": one}) for one in addresses]
    assert [told(answer) for answer in answers] == [told(answers[0])] * 4
    assert answers[0].status_code == 202
    assert [len(await mails.for_address(one)) for one in addresses] == [1, 0, 0, 0]
    token = await token_of(mails, addresses[0], "verify_email")
    assert (await anonymous.post(f"/auth/verify-email/{token}")).status_code == 200


async def test_a_forgotten_password_is_reset_with_the_mailed_token(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    known = await anonymous.post("/auth/forgot-password", json={"email": user.email})
    unknown = await anonymous.post("/auth/forgot-password", json={"email": new_address()})
    assert told(known) == told(unknown)
    assert known.status_code == 202
    token = await token_of(mails, user.email, "reset_password")
    answer = await anonymous.post(f"/auth/reset-password/{token}", json={"new_password": NEW_PASSWORD})
    assert answer.status_code == 204
    assert (await login_status(anonymous, user.email))[0] == 401
    assert (await login_status(anonymous, user.email, NEW_PASSWORD))[0] == 200
    assert (await anonymous.get("/auth/me", headers=headers)).json()["code"] == "session_revoked"


async def reset_token(client: httpx.AsyncClient, mails: Mails, user: User) -> str:
    await client.post("/auth/forgot-password", json={"email": user.email})
    return await token_of(mails, user.email, "reset_password")


async def test_opening_the_link_of_a_reset_uses_nothing_up(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    link = f"/auth/reset-password/{await reset_token(anonymous, mails, await make_user())}"
    opened = [(await anonymous.get(link)).status_code for _ in range(3)]
    used = await anonymous.post(link, json={"new_password": NEW_PASSWORD})
    assert (opened, used.status_code) == ([200, 200, 200], 204)
    assert (await anonymous.get(link)).status_code == 404


async def test_a_refused_password_leaves_the_token_of_a_reset_as_it_is(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    link = f"/auth/reset-password/{await reset_token(anonymous, mails, await make_user())}"
    refused = await anonymous.post(link, json={"new_password": "qwertyuiop"})
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["body", "new_password"])
    assert (await anonymous.post(link, json={"new_password": NEW_PASSWORD})).status_code == 204


async def test_of_ten_resets_at_once_with_a_token_one_wins(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user()
    link = f"/auth/reset-password/{await reset_token(anonymous, mails, user)}"
    passwords = [f"{NEW_PASSWORD} {number}" for number in range(10)]
    answers = await asyncio.gather(*(anonymous.post(link, json={"new_password": one}) for one in passwords))
    won = [one for one, answer in zip(passwords, answers, strict=True) if answer.status_code == 204]
    assert len(won) == 1
    assert (await login_status(anonymous, user.email, won[0]))[0] == 200


async def test_an_expired_reset_token_is_refused(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user()
    link = f"/auth/reset-password/{await reset_token(anonymous, mails, user)}"
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("UPDATE auth_token SET expires_at = clock_timestamp() WHERE user_id = :id"), {"id": user.id}
        )
    assert (await anonymous.post(link, json={"new_password": NEW_PASSWORD})).status_code == 404


async def test_a_reset_verifies_the_address_it_was_mailed_to(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user(verified=False)
    token = await reset_token(anonymous, mails, user)
    await anonymous.post(f"/auth/reset-password/{token}", json={"new_password": NEW_PASSWORD})
    assert (await login_status(anonymous, user.email, NEW_PASSWORD))[0] == 200


async def test_a_reset_opens_no_account_that_was_deactivated(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user()
    token = await reset_token(anonymous, mails, user)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(update(User).where(col(User.id) == user.id).values(is_active=False))
    await anonymous.post(f"/auth/reset-password/{token}", json={"new_password": NEW_PASSWORD})
    assert await login_status(anonymous, user.email, NEW_PASSWORD) == (403, "user_inactive")


async def test_a_changed_password_ends_all_other_sessions_and_the_mailed_reset(
    anonymous: httpx.AsyncClient, mails: Mails
) -> None:
    user = await make_user()
    here, there = await log_in(anonymous, user), await log_in(anonymous, user)
    token = await reset_token(anonymous, mails, user)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await anonymous.post("/auth/change-password", json=body, headers=here)).status_code == 204
    assert (await anonymous.get("/auth/me", headers=here)).status_code == 200
    assert (await anonymous.get("/auth/me", headers=there)).json()["code"] == "session_revoked"
    assert (await login_status(anonymous, user.email))[0] == 401
    assert (await login_status(anonymous, user.email, NEW_PASSWORD))[0] == 200
    assert (await anonymous.get(f"/auth/reset-password/{token}")).status_code == 404


async def test_changing_the_password_needs_the_present_one(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    body = {"current_password": "not mine, I guess", "new_password": NEW_PASSWORD}
    answer = await anonymous.post("/auth/change-password", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    assert (await login_status(anonymous, user.email))[0] == 200


async def test_of_two_changes_of_a_password_at_once_one_wins(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    bodies = [{"current_password": PASSWORD, "new_password": f"{NEW_PASSWORD} {n}"} for n in range(2)]
    answers = await asyncio.gather(
        *(anonymous.post("/auth/change-password", json=body, headers=headers) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 403]


async def test_what_is_done_to_a_password_is_on_record(anonymous: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    await anonymous.post("/auth/change-password", json=body, headers=headers)
    token = await reset_token(anonymous, mails, user)
    await anonymous.post(f"/auth/reset-password/{token}", json={"new_password": PASSWORD})
    assert await actions_of(user.id) == ["user.password_changed", "user.password_reset"]


async def actions_of(user_id: UUID) -> list[str]:
    async with db.scope(db.SYSTEM) as session:
        query = text("SELECT action FROM audit_entry WHERE actor_id = :id ORDER BY created_at, id")
        return list((await session.execute(query, {"id": user_id})).scalars())


async def test_mails_about_ones_jobs_are_switched_on_and_off(anonymous: httpx.AsyncClient) -> None:
    headers = await log_in(anonymous, await make_user())
    for wanted in (True, False):
        answer = await anonymous.patch("/auth/me", json={"notify_on_job_end": wanted}, headers=headers)
        assert answer.json()["notify_on_job_end"] is wanted
        assert (await anonymous.get("/auth/me", headers=headers)).json()["notify_on_job_end"] is wanted


async def test_one_may_change_ones_name_and_nothing_else(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    renamed = await anonymous.patch("/auth/me", json={"full_name": "Ada Moreno"}, headers=headers)
    assert (renamed.status_code, renamed.json()["full_name"]) == (200, "Ada Moreno")
    for wrong in ({"is_superadmin": True}, {"email": new_address()}, {"is_active": False}, {"full_name": " "}):
        assert (await anonymous.patch("/auth/me", json=wrong, headers=headers)).status_code == 422
    async with db.scope(db.SYSTEM) as session:
        query = select(col(User.full_name), col(User.is_superadmin)).where(col(User.id) == user.id)
        assert tuple((await session.execute(query)).one()) == ("Ada Moreno", False)
