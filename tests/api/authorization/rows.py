"""Rows of the authorization matrix: `"METHOD /path": Row(policy, …)`, one for each route of the application.

A new route needs a row in the file of its area (rows_*.py). What a row says besides the policy:

- `passes`: the status for callers that pass; by default 200, or 422 for a route that needs a body and has none here
  (a body that does not fit goes to every such route, by all callers). With 404 and no body the last id of the path is
  a new one for them, so that nothing is taken from the other requests; refused callers always name what is there.
- `body`: a full body, sent too; `{name}` in its texts is an id of the prepared workspace (world.py).
- `ids`: names of ids in the path that stand for others of the prepared workspace.
- `query`: what follows the question mark.
- `own_session`: every call is made with a session of its own, because the route ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.api.authorization.policies import Policy


@dataclass(frozen=True)
class Row:
    """What a route answers to each kind of caller."""

    policy: Policy
    passes: int | None = None
    body: dict[str, Any] | None = None
    ids: dict[str, str] = field(default_factory=dict)
    query: str = ""
    own_session: bool = False


Rows = dict[str, Row]
