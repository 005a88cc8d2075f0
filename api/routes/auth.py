"""Log in, refresh, log out; one's sessions."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm

from api.deps import AuthenticatedRoute, CurrentCaller
from api.limiting import guard, let_go
from api.pagination import Limit, Page, decode_cursor, page
from core.auth import accounts, sessions
from core.auth import service as auth
from core.auth.errors import BadCredentials, InvalidRefreshToken, PasswordChanged
from core.auth.models import User
from core.auth.schemas import Login, Refresh, SessionRead, Tokens
from core.db import session as db
from core.settings import LARGEST_PASSWORD

LONGEST_USER_AGENT: Final = 200
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
    try:
        user, better = await _checked(email, password)
        opened = await _opened(request, user, better)
    except PasswordChanged:  # or its hash was made anew by another login: what is stored now decides
        user, better = await _checked(email, password)
        opened = await _opened(request, user, better)
    await let_go(request, passage)
    return opened


async def _checked(email: str, password: str) -> tuple[User, str | None]:
    async with db.scope(db.SYSTEM) as session:
        user = await auth.find_user(session, email)
    better = await auth.check_password(user, password)
    assert user is not None
    return user, better


async def _opened(request: Request, user: User, better: str | None) -> Tokens:
    settings, user_agent = request.app.state.settings, _user_agent(request)
    async with db.scope(db.SYSTEM) as session:
        return await auth.open_session(session, settings, user, better, user_agent=user_agent)


def _user_agent(request: Request) -> str | None:
    """Return what tells the caller's sessions apart: in short, and nothing that cannot be shown."""
    told = request.headers.get("user-agent", "")[:LONGEST_USER_AGENT]
    return "".join(char for char in told if char.isprintable()) or None


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


@router.get("/sessions", operation_id="list_sessions")
async def list_sessions(
    request: Request, caller: CurrentCaller, limit: Limit = 50, cursor: str | None = None
) -> Page[SessionRead]:
    """List one's sessions that still work, the newest first."""
    settings, before = request.app.state.settings, decode_cursor(cursor)
    async with db.scope(db.SYSTEM) as session:
        found = await sessions.list_for(session, settings, caller.user.id, limit=limit + 1, before=before)
    items = [SessionRead(**one.model_dump(), current=one.id == caller.session_id) for one in found]
    return page(found, limit, items)


@router.delete("/sessions/{session_id}", status_code=204, operation_id="end_session")
async def end_session(caller: CurrentCaller, session_id: UUID) -> None:
    """End one of one's sessions; its tokens are refused from the next request on."""
    async with db.scope(db.SYSTEM) as session:
        await accounts.end_session(session, caller.user.id, session_id)
