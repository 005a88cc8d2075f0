"""Who calls, and where: looked up for all requests that wait at the same time, in one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from core.api_keys import service as api_keys
from core.api_keys.secrets import KeyClaims, Vouched
from core.api_keys.service import KeyCaller
from core.auth import service as auth
from core.auth.service import Bearer, Caller
from core.db.direct import direct
from core.db.session import SYSTEM
from core.errors import DomainError
from core.settings import Settings
from core.together import Together
from core.workspaces import service as workspaces
from core.workspaces.access import Member
from core.workspaces.errors import WorkspaceNotFound

Credential = Bearer | KeyClaims | Vouched
Party = Caller | KeyCaller
"""Who calls: a user in a session, or a program with an API key."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One request at the door: whose token or key, to which workspace (None: to none)."""

    credential: Credential
    workspace_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in; `member` where a workspace was asked for."""

    party: Party
    member: Member | None = None


class Entrance:
    """Lets requests in: `await entrance(Entrant(…))`.

    Raises the refusals of `auth.identify`, `api_keys.identify` and `workspaces.enter`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rounds = Together(self._look_up)

    async def __call__(self, entrant: Entrant) -> Entered:
        """Look up one request's caller and membership."""
        return await self._rounds(entrant)

    async def _look_up(self, entrants: Sequence[Entrant]) -> list[Entered | BaseException]:
        async with direct(SYSTEM) as connection:
            parties = await self._identify(connection, [one.credential for one in entrants])
            asked = list(zip(parties, [one.workspace_id for one in entrants], strict=True))
            pairs = [(one.user.id, ws) for one, ws in asked if isinstance(one, Caller) and ws is not None]
            members = iter(await workspaces.enter(connection, pairs) if pairs else [])
        found: list[Entered | BaseException] = []
        for party, workspace_id in asked:
            if isinstance(party, DomainError):
                found.append(party)
            elif workspace_id is None:
                found.append(Entered(party))
            else:
                member = next(members) if isinstance(party, Caller) else _member_by_key(party, workspace_id)
                found.append(Entered(party, member) if isinstance(member, Member) else member)
        return found

    async def _identify(
        self, connection: asyncpg.Connection, credentials: Sequence[Credential]
    ) -> list[Party | DomainError]:
        bearers = [one for one in credentials if isinstance(one, Bearer)]
        keys = [one for one in credentials if not isinstance(one, Bearer)]
        users = iter(await auth.identify(connection, self._settings, bearers) if bearers else [])
        programs = iter(await api_keys.identify(connection, keys) if keys else [])
        return [next(users) if isinstance(one, Bearer) else next(programs) for one in credentials]


def _member_by_key(key: KeyCaller, workspace_id: UUID) -> Member | WorkspaceNotFound:
    return key.member() if key.workspace_id == workspace_id else WorkspaceNotFound()
