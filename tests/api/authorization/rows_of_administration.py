"""Rows of the service's administration and of the audit log."""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import ADMIN_READ, SUPERADMIN
from tests.api.authorization.rows import Row, Rows

ADMIN: Final[Rows] = {
    "GET /admin/users": Row(SUPERADMIN),
    "GET /admin/users/{user_id}": Row(SUPERADMIN),
    "PATCH /admin/users/{user_id}": Row(SUPERADMIN, 200, body={"is_active": True}),
    "GET /admin/users/{user_id}/stats": Row(SUPERADMIN),
    "GET /admin/dashboard": Row(SUPERADMIN),
    "GET /admin/jobs": Row(SUPERADMIN),
    "POST /admin/jobs/retry": Row(SUPERADMIN, 200, body={"kind": "test.no_such_kind"}),
    "GET /admin/jobs/{job_id}": Row(SUPERADMIN),
    "POST /admin/jobs/{job_id}/cancel": Row(SUPERADMIN),  # it is done already
    "POST /admin/jobs/{job_id}/retry": Row(SUPERADMIN, 409),  # it succeeded
    "GET /admin/workers": Row(SUPERADMIN),
    "GET /admin/queues": Row(SUPERADMIN),
    "POST /admin/pauses": Row(SUPERADMIN, 422, body={"scope": "workspace", "value": "nothing", "reason": "None."}),
    "GET /admin/pauses": Row(SUPERADMIN),
    "GET /admin/pauses/{pause_id}": Row(SUPERADMIN),
    "DELETE /admin/pauses/{pause_id}": Row(SUPERADMIN, 404),
}
AUDIT: Final[Rows] = {
    "GET /workspaces/{ws}/audit-log": Row(ADMIN_READ),
    "GET /admin/audit-log": Row(SUPERADMIN),
}
