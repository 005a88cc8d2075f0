"""Rows of organizations, of members of organizations and workspaces, and of invitations to both."""

from __future__ import annotations

from typing import Final

from tests.api.authorization.policies import (
    ACCOUNT,
    ADMIN_READ,
    ADMIN_WRITE,
    ORG_ADMIN,
    ORG_MEMBER,
    ORG_OWNER,
    PUBLIC,
    WORKSPACE_READ,
)
from tests.api.authorization.rows import Row, Rows

NOBODY: Final = "00000000-0000-7000-8000-000000000000"
ORGANIZATIONS: Final[Rows] = {
    "POST /orgs": Row(ACCOUNT, 201, body={"name": "Another"}),
    "GET /orgs": Row(ACCOUNT),
    "GET /orgs/{org}": Row(ORG_MEMBER),
    "PATCH /orgs/{org}": Row(ORG_ADMIN, 200, body={"name": "Changed"}),
    "DELETE /orgs/{org}": Row(ORG_OWNER, 409),  # it has workspaces
    "GET /orgs/{org}/members": Row(ORG_MEMBER),
    "PATCH /orgs/{org}/members/{user_id}": Row(ORG_ADMIN, 200, body={"role": "member"}),
    "DELETE /orgs/{org}/members/{user_id}": Row(ORG_ADMIN, 404),
    "POST /orgs/{org}/transfer": Row(ORG_OWNER, 404, body={"user_id": NOBODY}),
    "POST /orgs/{org}/leave": Row(ORG_MEMBER, 204, ids={"org": "org_to_leave"}),
}
MEMBERS: Final[Rows] = {
    "GET /workspaces/{ws}/members": Row(WORKSPACE_READ),
    "PATCH /workspaces/{ws}/members/{user_id}": Row(ADMIN_WRITE, 200, body={"role": "member"}),
    "DELETE /workspaces/{ws}/members/{user_id}": Row(ADMIN_WRITE, 404),
}
INVITED: Final = {"email": "invited@example.org", "role": "member"}
NEW_ACCOUNT: Final = {"token": "x", "full_name": "New", "password": "long enough for anyone"}
OF_WORKSPACE: Final = "/workspaces/{ws}/invitations"
OF_ORGANIZATION: Final = "/orgs/{org}/invitations"
INVITATIONS: Final[Rows] = {
    f"POST {OF_WORKSPACE}": Row(ADMIN_WRITE, 201, body=INVITED),
    f"GET {OF_WORKSPACE}": Row(ADMIN_READ),
    f"GET {OF_WORKSPACE}/{{invitation_id}}": Row(ADMIN_READ),
    f"POST {OF_WORKSPACE}/{{invitation_id}}/resend": Row(ADMIN_WRITE),
    f"DELETE {OF_WORKSPACE}/{{invitation_id}}": Row(ADMIN_WRITE, 404),
    "POST /orgs/{org}/members": Row(ORG_ADMIN, 201, body=INVITED),
    f"GET {OF_ORGANIZATION}": Row(ORG_ADMIN),
    f"GET {OF_ORGANIZATION}/{{invitation_id}}": Row(ORG_ADMIN, 404),
    f"POST {OF_ORGANIZATION}/{{invitation_id}}/resend": Row(ORG_ADMIN, 404),
    f"DELETE {OF_ORGANIZATION}/{{invitation_id}}": Row(ORG_ADMIN, 404),
    "GET /invitations/accept": Row(PUBLIC, 404, query="token=x"),
    "POST /invitations/accept": Row(ACCOUNT | {"no token": None}, 404, body=NEW_ACCOUNT),
}
