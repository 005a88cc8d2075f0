"""One's account: sign up, verify the address, change it, get back in, erase it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AuthenticatedRoute, CurrentCaller
from api.limiting import guard, welcome
from api.openapi import refusals
from api.pages import page, wants_page
from core.admin import erasing
from core.auth import accounts
from core.auth import service as auth
from core.auth.errors import LinkNotUsable
from core.auth.schemas import (
    AccountErasure,
    Address,
    MailPromised,
    PasswordChange,
    PasswordReset,
    ResetLink,
    SignedUp,
    SignUp,
    UserRead,
    UserUpdate,
    Verified,
)
from core.db import session as db
from core.errors import DomainError
from core.orgs import service as orgs

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/auth", tags=["auth"], route_class=AuthenticatedRoute)
MailedToken = Annotated[str, Path(min_length=1, max_length=500, description="what the mailed link ends in")]
Send = Callable[[AsyncSession, str], Awaitable[None]]


@router.post("/signup", status_code=201, operation_id="sign_up")
async def sign_up(request: Request, body: SignUp, response: Response) -> SignedUp:
    """Make an account, to be verified with the link that is mailed; the answer is the same for an address that has
    one. A password needs 10 characters; one that many people use is refused, and so is one's own name or address.
    """
    await guard(request, "signup", body.email)
    hashed = await accounts.hash_new(body.password, email=body.email, full_name=body.full_name, field="password")
    async with db.scope(db.SYSTEM) as session:
        await accounts.sign_up(session, email=body.email, full_name=body.full_name, password_hash=hashed)
    response.headers["Location"] = "/auth/me"
    return SignedUp(email=body.email)


@router.post("/verify-email/{token}", operation_id="verify_email")
async def verify_email(request: Request, token: MailedToken) -> Verified:
    """Verify an address with the token of its mail, once."""
    await guard(request, "token")
    async with db.scope(db.SYSTEM) as session:
        user = await accounts.verify(session, token)
        await orgs.ensure_personal(session, user)
    await welcome(request, user.email)
    return Verified(email=user.email)


@router.get("/verify-email/{token}", operation_id="open_verification_link", response_model=Verified)
async def open_verification_link(request: Request, token: MailedToken) -> Verified | Response:
    """Verify an address by the mailed link itself, once; browsers get a page."""
    if not wants_page(request):
        return await verify_email(request, token)
    try:
        await verify_email(request, token)
    except LinkNotUsable:
        # Programs that look through mail open links before people do.
        async with db.scope(db.SYSTEM) as session:
            done = await accounts.was_verified_with(session, token)
        if not done:
            text = (
                "It was used, was replaced by that of a newer mail, or has expired. Ask for a new one where you log in."
            )
            return page("This link does not work any more", text, status=404)
    return page("Your address is confirmed", "Your account is ready: you can log in now.")


@router.post("/resend-verification", status_code=202, operation_id="resend_verification")
async def resend_verification(request: Request, body: Address, later: BackgroundTasks) -> MailPromised:
    """Mail a new link to an address that is not verified yet; links of earlier mails work no longer."""
    await guard(request, "resend", body.email)
    return await _promise(later, accounts.send_verification, body.email)


@router.post("/forgot-password", status_code=202, operation_id="forgot_password")
async def forgot_password(request: Request, body: Address, later: BackgroundTasks) -> MailPromised:
    """Mail a link to choose a new password; links of earlier mails work no longer."""
    await guard(request, "reset", body.email)
    return await _promise(later, accounts.send_reset, body.email)


@router.get("/reset-password/{token}", operation_id="check_reset_link")
async def check_reset_link(request: Request, token: MailedToken) -> ResetLink:
    """Tell whether the token of a mail can be used; it is not used up, whoever opens the link."""
    await guard(request, "token")
    async with db.scope(db.SYSTEM) as session:
        await accounts.find_by_reset(session, token)
    return ResetLink()


@router.post("/reset-password/{token}", status_code=204, operation_id="reset_password")
async def reset_password(request: Request, token: MailedToken, body: PasswordReset) -> None:
    """Choose a new password with the token of a mail, once; all sessions end, the address is verified.

    A password that is refused leaves the token as it is.
    """
    await guard(request, "token")
    async with db.scope(db.SYSTEM) as session:
        user = await accounts.find_by_reset(session, token)
    hashed = await accounts.hash_new(
        body.new_password, email=user.email, full_name=user.full_name, field="new_password"
    )
    async with db.scope(db.SYSTEM) as session:
        await accounts.reset_password(session, token, hashed)
        await orgs.ensure_personal(session, user)
    await welcome(request, user.email)


@router.get("/me", operation_id="get_me")
async def me(caller: CurrentCaller) -> UserRead:
    """Read one's own account."""
    return UserRead.model_validate(caller.user)


@router.patch("/me", operation_id="update_me")
async def update_me(caller: CurrentCaller, body: UserUpdate) -> UserRead:
    """Change one's name, or whether the ends of one's jobs are mailed."""
    async with db.scope(db.SYSTEM) as session:
        return UserRead.model_validate(await accounts.update_own(session, caller.user.id, body))


@router.post("/change-password", status_code=204, operation_id="change_password")
async def change_password(request: Request, caller: CurrentCaller, body: PasswordChange) -> None:
    """Change one's password; all other sessions end, this one goes on."""
    await guard(request, "password", str(caller.user.id))
    async with db.scope(db.SYSTEM) as session:
        user = await accounts.get(session, caller.user.id)
    await accounts.prove(user, body.current_password)
    hashed = await accounts.hash_new(
        body.new_password, email=user.email, full_name=user.full_name, field="new_password"
    )
    async with db.scope(db.SYSTEM) as session:
        await accounts.change_password(session, user, hashed, keep=caller.session_id)


@router.delete("/me", status_code=204, operation_id="erase_me", responses=refusals(409))
async def erase_me(request: Request, caller: CurrentCaller, body: AccountErasure) -> None:
    """Erase one's account, with the own organization and its workspaces; what others work with stays, under an id only.

    Refused to a superadmin, to the last owner of an organization that others are in, and while jobs run in a workspace
    that would go.
    """
    await guard(request, "password", str(caller.user.id))
    async with db.scope(db.SYSTEM) as session:
        user = await accounts.get(session, caller.user.id)
    await accounts.prove(user, body.password)
    async with db.scope(db.SYSTEM) as session:
        await erasing.erase(session, user)


async def _promise(later: BackgroundTasks, send: Send, email: str) -> MailPromised:
    """Have a mail written once the answer is out: how long that takes does not tell whether there is an account."""
    async with db.scope(db.SYSTEM) as session:  # a database that is away is told of, to everyone
        await auth.find_user(session, email)
    later.add_task(_write, send, email)
    return MailPromised()


async def _write(send: Send, email: str) -> None:
    try:
        async with db.scope(db.SYSTEM) as session:
            await send(session, email)
    except (DomainError, *db.STATEMENT_ERRORS) as error:
        log.warning("mail_not_written", reason=type(error).__name__)
