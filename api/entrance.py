"""Who calls, and where: looked up for all requests that wait at the same time, in one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.auth import service as auth
from core.auth.service import Bearer, Caller
from core.db.direct import direct
from core.db.session import SYSTEM
from core.settings import Settings
from core.together import Together
from core.workspaces import service as workspaces
from core.workspaces.access import Member


@dataclass(frozen=True, slots=True)
class Entrant:
    """One request at the door: whose token, to which workspace (None: to none)."""

    bearer: Bearer
    workspace_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in; `member` where a workspace was asked for."""

    caller: Caller
    member: Member | None = None


class Entrance:
    """Lets requests in: `await entrance(Entrant(…))`; raises the refusals of `auth.identify` and `workspaces.enter`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rounds = Together(self._look_up)

    async def __call__(self, entrant: Entrant) -> Entered:
        """Look up one request's caller and membership."""
        return await self._rounds(entrant)

    async def _look_up(self, entrants: Sequence[Entrant]) -> list[Entered | BaseException]:
        async with direct(SYSTEM) as connection:
            callers = await auth.identify(connection, self._settings, [one.bearer for one in entrants])
            pairs = [
                (caller.user.id, one.workspace_id)
                for caller, one in zip(callers, entrants, strict=True)
                if isinstance(caller, Caller) and one.workspace_id is not None
            ]
            members = iter(await workspaces.enter(connection, pairs) if pairs else [])
        found: list[Entered | BaseException] = []
        for caller, one in zip(callers, entrants, strict=True):
            if not isinstance(caller, Caller):
                found.append(caller)
            elif one.workspace_id is None:
                found.append(Entered(caller))
            else:
                member = next(members)
                found.append(Entered(caller, member) if isinstance(member, Member) else member)
        return found
