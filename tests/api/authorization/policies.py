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
NO_ORGANIZATION: Final = Refusal(404, "organization_not_found")
NO_JOB: Final = Refusal(404, "job_not_found")
WORKSPACE_ROLE: Final = Refusal(403, "workspace_role_too_low")
ORGANIZATION_ROLE: Final = Refusal(403, "organization_role_too_low")
SCOPE: Final = Refusal(403, "scope_too_low")
NO_KEY: Final = Refusal(403, "api_key_not_accepted")
NOT_SUPERADMIN: Final = Refusal(403, "superadmin_needed")

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
    "a ticket": INVALID_TOKEN,
    "session idle": Refusal(401, "session_idle"),
    "session outlived": Refusal(401, "session_revoked"),
    "session revoked": Refusal(401, "session_revoked"),
    "inactive": Refusal(403, "user_inactive"),
    "unverified": Refusal(403, "email_not_verified"),
    "key revoked": Refusal(401, "api_key_revoked"),
    "key expired": Refusal(401, "api_key_expired"),
    "key with another secret": INVALID_TOKEN,
    "key cut short": INVALID_TOKEN,
}
ORG_MEMBERS: Final = ("member of the organization only",)
PEOPLE_ELSEWHERE: Final = ("admin of another workspace", *ORG_MEMBERS, "superadmin")
KEYS_ELSEWHERE: Final = ("key of another workspace",)
STRANGERS: Final = (*PEOPLE_ELSEWHERE, *KEYS_ELSEWHERE)
MEMBERS: Final = ("member",)
ORG_OWNERS: Final = ("organization owner",)
ORG_ADMINS: Final = ("organization admin",)
ADMINS: Final = ("workspace admin", *ORG_OWNERS, *ORG_ADMINS)
READERS: Final = ("key read",)
WRITERS: Final = ("key write",)
PEOPLE: Final = (*PEOPLE_ELSEWHERE, *MEMBERS, *ADMINS)
KEYS: Final = (*KEYS_ELSEWHERE, *READERS, *WRITERS)
KINDS: Final = (*BROKEN, *PEOPLE, *KEYS)


def _all(kinds: tuple[Kind, ...], answer: Refusal | None) -> Policy:
    return dict.fromkeys(kinds, answer)


PUBLIC: Final[Policy] = _all(KINDS, None)
"""Everyone, whatever they send."""
ANYONE: Final[Policy] = BROKEN | _all((*PEOPLE, *KEYS), None)
"""Whoever is known; lists show each caller's own."""
ACCOUNT: Final[Policy] = ANYONE | _all(KEYS, NO_KEY)
"""People, each for themselves."""
SUPERADMIN: Final[Policy] = ACCOUNT | {kind: NOT_SUPERADMIN for kind in PEOPLE if kind != "superadmin"}
"""Administration of the service."""
WORKSPACE_READ: Final[Policy] = ANYONE | _all(STRANGERS, NO_WORKSPACE)
"""Members read."""
WORKSPACE_WRITE: Final[Policy] = WORKSPACE_READ | _all(READERS, SCOPE)
"""Members write research."""
ADMIN_READ: Final[Policy] = WORKSPACE_READ | _all((*MEMBERS, *READERS, *WRITERS), WORKSPACE_ROLE)
"""Admins of the workspace, and who runs its organization, read what is theirs only."""
ADMIN_WRITE: Final[Policy] = ADMIN_READ | _all(READERS, SCOPE)
"""The same people change it."""
ORG_MEMBER: Final[Policy] = (
    ACCOUNT | _all(PEOPLE, NO_ORGANIZATION) | _all((*ORG_MEMBERS, *ORG_ADMINS, *ORG_OWNERS), None)
)
"""People of the organization."""
ORG_ADMIN: Final[Policy] = ORG_MEMBER | _all(ORG_MEMBERS, ORGANIZATION_ROLE)
"""Its owners and admins."""
ORG_OWNER: Final[Policy] = ORG_ADMIN | _all(ORG_ADMINS, ORGANIZATION_ROLE)
"""Its owners."""
JOB_READ: Final[Policy] = ANYONE | _all(STRANGERS, NO_JOB)
"""Members of the job's workspace, which the path does not name."""
JOB_WRITE: Final[Policy] = JOB_READ | _all(READERS, SCOPE)
"""The same, to change it."""
