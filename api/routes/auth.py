"""Log in, refresh, log out, and who one is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm

from api.deps import AuthenticatedRoute, CurrentCaller
from api.limiting import guard, let_go
from core.auth import service as auth
from core.auth.errors import BadCredentials, InvalidRefreshToken
from core.auth.schemas import Login, Refresh, Tokens, UserRead
from core.db import session as db
from core.settings import LARGEST_PASSWORD

router = APIRouter(prefix="/auth", tags=["auth"], route_class=AuthenticatedRoute)


@router.post("/login", operation_id="login")
async def login(request: Request, body: Login) -> Tokens:
    """Exchange e-mail address and password for tokens."""
    return await _log_in(request, body.email, body.password)


@router.post("/token", operation_id="login_form")
async def login_form(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Tokens:
    """Exchange credentials for tokens, in the form the docs page sends (OAuth2 password)."""
    return await _log_in(request, form.username.strip().lower(), form.password)


async def _log_in(request: Request, email: str, password: str) -> Tokens:
    if len(password) > LARGEST_PASSWORD or "\x00" in email + password:  # bcrypt and Postgres refuse NUL
        raise BadCredentials
    passage = await guard(request, "login", email)
    async with db.scope(db.SYSTEM) as session:
        user = await auth.find_user(session, email)
    upgraded = await auth.check_password(user, password)
    assert user is not None
    async with db.scope(db.SYSTEM) as session:
        opened = await auth.open_session(session, request.app.state.settings, user.id, upgraded)
    await let_go(request, passage)
    return opened


@router.post("/refresh", operation_id="refresh_tokens")
async def refresh(request: Request, body: Refresh) -> Tokens:
    """Exchange a refresh token, once; using one twice ends its session."""
    async with db.scope(db.SYSTEM) as session:
        tokens = await auth.refresh(session, request.app.state.settings, body.refresh_token)
    if tokens is None:
        raise InvalidRefreshToken
    return tokens


@router.post("/logout", status_code=204, operation_id="logout")
async def logout(caller: CurrentCaller) -> None:
    """End this session."""
    async with db.scope(db.SYSTEM) as session:
        await auth.revoke(session, caller.session_id)


@router.get("/me", operation_id="get_me")
async def me(caller: CurrentCaller) -> UserRead:
    """Read one's own account."""
    return UserRead.model_validate(caller.user)
