"""Limits at the door: every request is counted by its user or API key, else by its address; acts worth guessing more.

`RateLimit` counts all requests; a route that an attacker would repeat asks `guard` besides.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import on_domain_error
from api.origin import counted_as
from core.api_keys import secrets
from core.auth import tokens
from core.auth.errors import InvalidToken
from core.errors import TooMany
from core.rates.errors import TooManyAttempts
from core.rates.guard import Guard, Passage
from core.rates.meter import Meter
from core.rates.policies import Act, Standing
from core.settings import Settings

# Asked by load balancers and by monitoring, from one address, for all.
NOT_COUNTED: Final = frozenset({"/healthz", "/readyz"})
MOST_KNOWN_KEYS: Final = 10_000


class KnownKeys:
    """The keys that were let in lately, by the hash of their secret: who makes one up is counted by address."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, UUID] = OrderedDict()

    def remember(self, secret_hash: str, key_id: UUID) -> None:
        """Remember a key that was let in."""
        if secret_hash not in self._known:
            self._known[secret_hash] = key_id
            if len(self._known) > MOST_KNOWN_KEYS:
                self._known.popitem(last=False)

    def find(self, secret_hash: str) -> UUID | None:
        """Return a key that was let in before."""
        return self._known.get(secret_hash)


class RateLimit:
    """Counts each request and refuses who asks too often; how they stand is left for the headers of the answer."""

    def __init__(self, app: ASGIApp, settings: Settings, meter: Meter, known_keys: KnownKeys) -> None:
        self.app = app
        self.settings = settings
        self.meter = meter
        self.known_keys = known_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http" or scope["path"] in NOT_COUNTED:
            await self.app(scope, receive, send)
            return
        standing, wait_s = self.meter.count(*self._who(scope))
        scope["state"]["standings"] = [standing]
        if wait_s:
            response = await on_domain_error(Request(scope), TooMany(retry_after_s=wait_s))
            await response(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _who(self, scope: Scope) -> tuple[str, str]:
        """Return the limit a request falls under, and by whom it is counted."""
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7].lower() == b"bearer ":
                found = self._caller(value[7:].decode("latin-1").strip())
                if found is not None:
                    return "requests", found
        return "anonymous", counted_as(scope["state"]["ip"])

    def _caller(self, token: str) -> str | None:
        try:
            if token.startswith(secrets.BEGINNING):
                key_id = self.known_keys.find(secrets.read(token).secret_hash)
                return None if key_id is None else f"key:{key_id}"
            return f"user:{tokens.read(self.settings, token).user_id}"
        except InvalidToken:
            return None


async def guard(request: Request, act: Act, account: str | None = None) -> Passage | None:
    """Count an act by the request's address and by the account it is about; raises TooManyAttempts.

    `account` is what was sent, whether or not there is such an account, so that answers tell nothing.
    """
    gate: Guard = request.app.state.guard
    try:
        passage = await gate.enter(act, ip=counted_as(request.state.ip), account=account)
    except TooManyAttempts as refusal:
        _tell(request, refusal.standings)
        raise
    _tell(request, passage.standings if passage else ())
    return passage


def _tell(request: Request, standings: Sequence[Standing]) -> None:
    request.state.standings = [*getattr(request.state, "standings", ()), *standings]


async def let_go(request: Request, passage: Passage | None) -> None:
    """Take an act for one of the account's owner: it is not counted, and the address is known from now on."""
    gate: Guard = request.app.state.guard
    await gate.succeeded(passage)


async def welcome(request: Request, account: str) -> None:
    """Take the request's address for one of the account's owner, who had a mail that nobody else has.

    What others try at the account is not held against them there, so that it cannot be locked to them.
    """
    gate: Guard = request.app.state.guard
    await gate.remember(account, counted_as(request.state.ip))
