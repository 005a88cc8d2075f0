"""Rows of the co-pilot. Its sessions are their author's alone, here the organization owner's.

Routes that name an exploration in their body refuse it there: tests/api/routes/test_omi_routes.py.
"""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import ANYONE, BROKEN, KINDS, READERS, SCOPE, Policy, Refusal
from tests.api.authorization.rows import Row, Rows

NO_SESSION: Final = Refusal(404, "omi_session_not_found")
OWN: Final[Policy] = {kind: BROKEN.get(kind, NO_SESSION) for kind in KINDS} | {"organization owner": None}
WRITERS: Final[Policy] = ANYONE | dict.fromkeys(READERS, SCOPE)
MINE: Final = {"session_id": "omi_session_id"}
ONE: Final = "/omi/sessions/{session_id}"
OMI: Final[Rows] = {
    "POST /omi/sessions": Row(WRITERS),
    "GET /omi/sessions": Row(ANYONE),
    f"GET {ONE}": Row(OWN, ids=MINE),
    f"PATCH {ONE}": Row(OWN, 200, body={"state": "listening"}, ids=MINE),
    f"GET {ONE}/messages": Row(OWN, ids=MINE),
    f"POST {ONE}/messages": Row(OWN, 202, body={"content": "What is next?"}, ids=MINE),
    f"GET {ONE}/actions": Row(OWN, ids=MINE),
    "POST /omi/guidance": Row(WRITERS),
    "POST /omi/validate": Row(WRITERS),
    "POST /omi/workflow/events": Row(WRITERS, 200, body={"event": "WORKFLOW_LOADED"}),
}
