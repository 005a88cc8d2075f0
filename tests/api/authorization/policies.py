"""Kinds of callers, and what each answers to: a policy maps every kind to "passes" or to a refusal.

A caller that passes is through authorization: what the route then answers stands in its row.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Refusal(NamedTuple):
    """A status and the code of its problem."""

    status: int
    code: str


Kind = str
Policy = dict[Kind, Refusal | None]
"""What each kind of caller gets; None: it passes."""

INVALID_TOKEN: Final = Refusal(401, "invalid_token")
NO_WORKSPACE: Final = Refusal(404, "workspace_not_found")
NO_JOB: Final = Refusal(404, "job_not_found")
WORKSPACE_ROLE: Final = Refusal(403, "workspace_role_too_low")

# All these belong to someone who may do everything: only what is wrong with the token is in their way.
BROKEN: Final[Policy] = {
    "no token": INVALID_TOKEN,
    "an empty token": INVALID_TOKEN,
    "another scheme": INVALID_TOKEN,
    "garbage": INVALID_TOKEN,
    "expired": INVALID_TOKEN,
    "wrong audience": INVALID_TOKEN,
    "wrong issuer": INVALID_TOKEN,
    "wrong type": INVALID_TOKEN,
    "no expiry": INVALID_TOKEN,
    "alg none": INVALID_TOKEN,
    "another secret": INVALID_TOKEN,
    "another HMAC": INVALID_TOKEN,
    "RS256 by a key of the caller's": INVALID_TOKEN,
    "HS256 by a public key": INVALID_TOKEN,
    "another user's session": INVALID_TOKEN,
    "a refresh token": INVALID_TOKEN,
    "session idle": Refusal(401, "session_idle"),
    "session outlived": Refusal(401, "session_revoked"),
    "session revoked": Refusal(401, "session_revoked"),
    "inactive": Refusal(403, "user_inactive"),
    "unverified": Refusal(403, "email_not_verified"),
}
STRANGERS: Final = ("admin of another workspace", "member of the organization only", "superadmin")
MEMBERS: Final = ("member",)
ADMINS: Final = ("workspace admin", "organization owner", "organization admin")
PEOPLE: Final = (*STRANGERS, *MEMBERS, *ADMINS)
KINDS: Final = (*BROKEN, *PEOPLE)


def _all(kinds: tuple[Kind, ...], answer: Refusal | None) -> Policy:
    return dict.fromkeys(kinds, answer)


PUBLIC: Final[Policy] = _all(KINDS, None)
"""Everyone, whatever they send."""
ANYONE: Final[Policy] = BROKEN | _all(PEOPLE, None)
"""Whoever is logged in; lists show each caller's own."""
WORKSPACE_READ: Final[Policy] = ANYONE | _all(STRANGERS, NO_WORKSPACE)
"""Members read."""
WORKSPACE_WRITE: Final[Policy] = WORKSPACE_READ
"""Members write research."""
WORKSPACE_ADMIN: Final[Policy] = WORKSPACE_WRITE | _all(MEMBERS, WORKSPACE_ROLE)
"""Admins of the workspace, and who runs its organization."""
JOB_READ: Final[Policy] = ANYONE | _all(STRANGERS, NO_JOB)
"""Members of the job's workspace, which the path does not name."""
JOB_WRITE: Final[Policy] = JOB_READ
