"""Who may enter a workspace, and as what."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.db.direct import direct
from core.orgs import service as orgs
from core.orgs.access import OrgMember
from core.orgs.errors import OrganizationNotFound, OrganizationRoleTooLow
from core.orgs.models import OrganizationMember
from core.orgs.schemas import OrganizationCreate
from core.workspaces import organizations
from core.workspaces import service as workspaces
from core.workspaces.errors import WorkspaceNotFound
from core.workspaces.schemas import WorkspaceCreate
from tests.factories.users import make_user

pytestmark = pytest.mark.usefixtures("database")


async def enter(user: Any, workspace_id: UUID) -> str:
    async with direct(db.SYSTEM) as connection:
        [found] = await workspaces.enter(connection, [(user.id, workspace_id)])
    if isinstance(found, WorkspaceNotFound):
        raise found
    return found.role


@pytest.mark.parametrize(("role", "acts_as"), [("owner", "admin"), ("admin", "admin"), ("member", None)])
async def test_an_organizations_owner_and_admin_act_as_workspace_admin(role: str, acts_as: str | None) -> None:
    founder, other = await make_user(), await make_user()
    async with db.scope(db.SYSTEM) as session:
        made = await workspaces.create(session, founder, WorkspaceCreate(name="w"))
        session.add(OrganizationMember(organization_id=made.organization_id, user_id=other.id, role=role))
    async with db.scope(db.SYSTEM) as session:
        assert (await workspaces.list_ids(session, other) == [made.id]) is (acts_as is not None)
    if acts_as is None:
        with pytest.raises(WorkspaceNotFound):
            await enter(other, made.id)
    else:
        assert await enter(other, made.id) == acts_as
    assert await enter(founder, made.id) == "admin"


async def test_the_own_organization_is_made_once() -> None:
    user = await make_user()
    async with db.scope(db.SYSTEM) as session:
        first = await orgs.ensure_personal(session, user)
        assert await orgs.ensure_personal(session, user) == first


async def test_only_an_organizations_administrators_make_workspaces_in_it() -> None:
    founder, member, stranger = await make_user(), await make_user(), await make_user()
    async with db.scope(db.SYSTEM) as session:
        home = await orgs.ensure_personal(session, founder)
        session.add(OrganizationMember(organization_id=home, user_id=member.id, role="member"))
    body = WorkspaceCreate(name="w", organization_id=home)
    for user, refusal in ((stranger, OrganizationNotFound), (member, OrganizationRoleTooLow)):
        with pytest.raises(refusal):
            async with db.scope(db.SYSTEM) as session:
                await workspaces.create(session, user, body)


async def test_who_is_being_taken_out_of_an_organization_makes_no_workspace_in_it() -> None:
    owner, leaving = await make_user(password_hash="none"), await make_user(password_hash="none")
    async with db.scope(db.SYSTEM) as session:
        place = await orgs.create(session, owner, OrganizationCreate(name="House"))
        session.add(OrganizationMember(organization_id=place.id, user_id=leaving.id, role="admin"))

    async def make() -> None:
        async with db.scope(db.SYSTEM) as session:
            await workspaces.create(session, leaving, WorkspaceCreate(name="Mine", organization_id=place.id))

    async with db.scope(db.SYSTEM) as session:
        await organizations.remove_member(session, OrgMember(place.id, owner.id, "owner"), leaving.id)
        making = asyncio.create_task(make())
        await asyncio.sleep(0.2)
        assert not making.done()
    with pytest.raises(OrganizationNotFound):
        await making
