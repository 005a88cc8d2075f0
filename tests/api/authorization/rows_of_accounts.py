"""Rows of the service itself, of accounts, organizations and workspaces."""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import ANYONE, PUBLIC, WORKSPACE_ADMIN, WORKSPACE_READ
from tests.api.authorization.rows import Row, Rows

SERVICE: Final[Rows] = {
    "GET /": Row(PUBLIC),
    "GET /healthz": Row(PUBLIC),
    "GET /readyz": Row(PUBLIC),
    "GET /docs": Row(PUBLIC),
    "GET /docs/oauth2-redirect": Row(PUBLIC),
    "GET /openapi.json": Row(PUBLIC),
    "HEAD /openapi.json": Row(PUBLIC),
    "GET /static-offline-docs": Row(PUBLIC, 307),
}
AUTH: Final[Rows] = {
    "POST /auth/login": Row(PUBLIC),
    "POST /auth/token": Row(PUBLIC),
    "POST /auth/refresh": Row(PUBLIC),
    "POST /auth/logout": Row(ANYONE, 204, own_session=True),
    "GET /auth/me": Row(ANYONE),
}
WORKSPACES: Final[Rows] = {
    "POST /workspaces": Row(ANYONE, 201, body={"name": "Another"}),
    "GET /workspaces": Row(ANYONE),
    "GET /workspaces/{ws}": Row(WORKSPACE_READ),
    "PATCH /workspaces/{ws}": Row(WORKSPACE_ADMIN, 200, body={"description": "Changed"}),
    "GET /workspaces/{ws}/settings": Row(WORKSPACE_READ),
    "PATCH /workspaces/{ws}/settings": Row(WORKSPACE_ADMIN, 200, body={"budgets": {"daily_usd": None}}),
    "DELETE /workspaces/{ws}": Row(WORKSPACE_ADMIN, 409),  # a job of it waits
}
