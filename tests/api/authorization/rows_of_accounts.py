"""Rows of the service itself, of accounts, organizations and workspaces."""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import ACCOUNT, ADMIN_READ, ADMIN_WRITE, ANYONE, PUBLIC, WORKSPACE_READ
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
    "POST /auth/logout": Row(ACCOUNT, 204, own_session=True),
    "GET /auth/sessions": Row(ACCOUNT),
    "DELETE /auth/sessions/{session_id}": Row(ACCOUNT, 404),
    "POST /auth/signup": Row(PUBLIC),
    "POST /auth/verify-email/{token}": Row(PUBLIC, 404),
    "GET /auth/verify-email/{token}": Row(PUBLIC, 404),
    "POST /auth/resend-verification": Row(PUBLIC, 202, body={"email": "nobody@example.org"}),
    "POST /auth/forgot-password": Row(PUBLIC, 202, body={"email": "nobody@example.org"}),
    "GET /auth/reset-password/{token}": Row(PUBLIC, 404),
    "POST /auth/reset-password/{token}": Row(PUBLIC, 404, body={"new_password": "a password nobody has"}),
    "GET /auth/me": Row(ACCOUNT),
    "PATCH /auth/me": Row(ACCOUNT, body={}),
    "POST /auth/change-password": Row(ACCOUNT),
    "DELETE /auth/me": Row(ACCOUNT),
}
WORKSPACES: Final[Rows] = {
    "POST /workspaces": Row(ACCOUNT, 201, body={"name": "Another"}),
    "GET /workspaces": Row(ANYONE),
    "GET /workspaces/{ws}": Row(WORKSPACE_READ),
    "PATCH /workspaces/{ws}": Row(ADMIN_WRITE, 200, body={"description": "Changed"}),
    "GET /workspaces/{ws}/settings": Row(WORKSPACE_READ),
    "PATCH /workspaces/{ws}/settings": Row(ADMIN_WRITE, 200, body={"budgets": {"daily_usd": None}}),
    "GET /workspaces/{ws}/usage": Row(WORKSPACE_READ),
    "POST /workspaces/{ws}/export": Row(ADMIN_WRITE, 202, body={"job": {"priority": "batch"}}),
    "GET /workspaces/{ws}/export/{export_id}": Row(ADMIN_READ, 404),
    "GET /workspaces/{ws}/export/{export_id}/file": Row(ADMIN_READ, 404),
    "DELETE /workspaces/{ws}": Row(ADMIN_WRITE, 409),  # a job of it waits
}
API_KEYS: Final[Rows] = {
    "POST /workspaces/{ws}/api-keys": Row(ADMIN_WRITE, 201, body={"name": "A program", "scopes": ["read"]}),
    "GET /workspaces/{ws}/api-keys": Row(ADMIN_READ),
    "GET /workspaces/{ws}/api-keys/{key_id}": Row(ADMIN_READ),
    "DELETE /workspaces/{ws}/api-keys/{key_id}": Row(ADMIN_WRITE, 404),
}
TICKETS: Final[Rows] = {
    "POST /tickets": Row(ANYONE),  # whoever may not read what the path names gets no ticket: test_ticket_routes.py
}
