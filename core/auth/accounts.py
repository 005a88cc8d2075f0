"""Accounts from the side of who has one: sign up, verify, change name and password, get back in.

Hashing is done by the caller of the operations that store, with no transaction open: `hash_new` and `prove`.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.auth import onetime, passwords, sessions, strength
from core.auth.errors import InvalidToken, LinkNotUsable, WrongPassword
from core.auth.models import User
from core.auth.schemas import UserUpdate
from core.auth.service import find_user, unclaimed
from core.mail import service as mails
from core.mail.content import HasAccount, ResetPassword, VerifyEmail


async def hash_new(password: str, *, email: str, full_name: str, field: strength.Field) -> str:
    """Return the hash of a password somebody chose; raises Invalid naming `field` for a weak one, PasswordsBusy."""
    await asyncio.to_thread(strength.require, password, email=email, full_name=full_name, field=field)
    return await passwords.hash_password(password)


async def prove(user: User, password: str) -> None:
    """Have the password of who is logged in said again; raises WrongPassword, PasswordsBusy."""
    fits, _ = await passwords.verify(password, user.password_hash)
    if not fits:
        raise WrongPassword


async def get(session: AsyncSession, user_id: UUID) -> User:
    """Return who calls or has a link; raises InvalidToken where the account was erased this moment."""
    found = await session.get(User, user_id)
    if found is None:
        raise InvalidToken
    return found


async def sign_up(session: AsyncSession, *, email: str, full_name: str, password_hash: str) -> None:
    """Make an account to be verified, or tell the address by mail that it has one; both look the same to the caller.

    An account that was never verified is made anew: nobody has shown yet that it is theirs. One that was, and has to be
    verified again, keeps the password that its owner chose.
    """
    values = {"full_name": full_name, "password_hash": password_hash}
    made = insert(User).values(email=email, is_active=True, is_verified=False, is_superadmin=False, **values)
    made = made.on_conflict_do_update(index_elements=["email"], set_=values, where=unclaimed() & col(User.is_active))
    user_id = (await session.execute(made.returning(col(User.id)))).scalar_one_or_none()
    if user_id is not None:
        await _mail_verification(session, user_id, email, full_name)
        return
    found = await find_user(session, email)
    if found is not None:
        await mails.send(session, HasAccount(found.full_name), to=email)


async def send_verification(session: AsyncSession, email: str) -> None:
    """Mail a new link to who has not verified the address yet; to nobody else."""
    found = await find_user(session, email)
    if found is not None and found.is_active and not found.is_verified:
        await _mail_verification(session, found.id, email, found.full_name)


async def _mail_verification(session: AsyncSession, user_id: UUID, email: str, full_name: str) -> None:
    token, expires_at = await onetime.issue(session, "verify_email", user_id)
    await mails.send(session, VerifyEmail(full_name, token), to=email, expires_at=expires_at)


async def verify(session: AsyncSession, token: str) -> User:
    """Note that the address is its owner's; raises LinkNotUsable."""
    user = await get(session, await onetime.redeem(session, "verify_email", token))
    user.is_verified = True
    await session.flush()
    return user


async def was_verified_with(session: AsyncSession, token: str) -> bool:
    """Tell whether a used link did its work: mail programs open links before their readers do."""
    try:
        user = await get(session, await onetime.spent_on(session, "verify_email", token))
    except LinkNotUsable:
        return False
    return user.is_verified


async def send_reset(session: AsyncSession, email: str) -> None:
    """Mail a link to choose a new password; to nobody who has no account."""
    found = await find_user(session, email)
    if found is not None and found.is_active:
        token, expires_at = await onetime.issue(session, "reset_password", found.id)
        await mails.send(session, ResetPassword(found.full_name, token), to=email, expires_at=expires_at)


async def find_by_reset(session: AsyncSession, token: str) -> User:
    """Return whose password a link resets, without using it; raises LinkNotUsable."""
    return await get(session, await onetime.look(session, "reset_password", token))


async def reset_password(session: AsyncSession, token: str, password_hash: str) -> None:
    """Set a new password and end all sessions; who read the mail has verified the address. Raises LinkNotUsable."""
    user_id = await onetime.redeem(session, "reset_password", token)
    values = {"password_hash": password_hash, "is_verified": True}
    await session.execute(update(User).where(col(User.id) == user_id).values(**values))
    await onetime.forget(session, "verify_email", user_id)
    ended = await sessions.revoke_all(session, user_id)
    await _record(session, "user.password_reset", user_id, {"sessions_ended": ended})


async def change_password(session: AsyncSession, user: User, password_hash: str, *, keep: UUID) -> None:
    """Set a new password and end all sessions but `keep`; raises WrongPassword where it was changed meanwhile."""
    changed = await session.execute(
        update(User)
        .where(col(User.id) == user.id, col(User.password_hash) == user.password_hash)
        .values(password_hash=password_hash)
        .returning(col(User.id))
    )
    if changed.scalar_one_or_none() is None:
        raise WrongPassword
    await onetime.forget(session, "reset_password", user.id)
    ended = await sessions.revoke_all(session, user.id, keep=keep)
    await _record(session, "user.password_changed", user.id, {"sessions_ended": ended})


async def update_own(session: AsyncSession, user_id: UUID, body: UserUpdate) -> User:
    """Change what a user may change of the own account; the name of the own organization stays."""
    user = await get(session, user_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(user, name, value)
    await session.flush()
    return user


async def end_session(session: AsyncSession, user_id: UUID, session_id: UUID) -> None:
    """End one of a user's sessions from another; raises SessionNotFound."""
    await sessions.revoke_own(session, user_id, session_id)
    await _record(session, "session.revoked", user_id, {"session_id": str(session_id)})


async def _record(session: AsyncSession, action: str, user_id: UUID, data: dict[str, object]) -> None:
    await audit.record(
        session,
        action,
        actor_type="user",
        actor_id=user_id,
        subject_type="user",
        subject_id=user_id,
        data=data,
    )
