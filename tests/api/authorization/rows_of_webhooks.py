"""Rows of webhooks and of the secret that signs callbacks."""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import ADMIN_READ, ADMIN_WRITE
from tests.api.authorization.rows import Row, Rows

ALL: Final = "/workspaces/{ws}/webhooks"
ONE: Final = f"{ALL}/{{webhook_id}}"
SECRET: Final = "/workspaces/{ws}/webhook-secret"
WEBHOOKS: Final[Rows] = {
    # No address of its own in the body: a workspace has at most fifty.
    f"POST {ALL}": Row(ADMIN_WRITE, 422, body={"url": "http://example.com/", "event_types": ["*"]}),
    f"GET {ALL}": Row(ADMIN_READ),
    f"GET {ONE}": Row(ADMIN_READ),
    f"PATCH {ONE}": Row(ADMIN_WRITE, 200, body={"description": "changed"}),
    f"DELETE {ONE}": Row(ADMIN_WRITE, 404),
    f"POST {ONE}/rotate-secret": Row(ADMIN_WRITE),
    f"POST {ONE}/test": Row(ADMIN_WRITE, 202),
    f"POST {ONE}/enable": Row(ADMIN_WRITE),
    f"GET {ONE}/deliveries": Row(ADMIN_READ),
    f"POST {ONE}/recover": Row(ADMIN_WRITE, 202, query="since=2026-01-01T00:00:00Z"),
    f"GET {ALL}/deliveries": Row(ADMIN_READ),
    f"POST {ALL}/deliveries/{{delivery_id}}/redeliver": Row(ADMIN_WRITE, 202),
    f"GET {SECRET}": Row(ADMIN_READ),
    f"POST {SECRET}/rotate": Row(ADMIN_WRITE),
}
