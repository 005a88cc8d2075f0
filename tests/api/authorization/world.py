"""Two workspaces with a finished study each, and callers of every kind; `mine` is the one that is called for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.api_keys import secrets
from core.api_keys.models import ApiKey
from core.auth import service as auth
from core.auth import tickets, tokens
from core.auth.models import User
from core.auth.schemas import Tokens
from core.auth.tokens import AccessClaims
from core.db import session as db
from core.jobs import pausing
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.jobs.service import Author
from core.orgs.models import Organization, OrganizationMember
from core.reports import service as reports
from core.reports.schemas import ReportCreate
from core.settings import Settings
from core.storage import service as storage
from core.surveys import service as surveys
from core.surveys.models import Weighting
from core.surveys.schemas import SimulationCreate
from core.workspaces.access import Member
from tests.api.authorization.policies import Kind
from tests.api.authorization.tokens import bearer, forged, moment, spoil
from tests.factories.api_keys import headers_of, make_key
from tests.factories.jobs import PROBE
from tests.factories.studies import new_study
from tests.factories.users import join, make_user

WEBHOOK = {"url": "https://192.0.43.7/hook", "event_types": ["*"]}
"""An address of no name: nothing is looked up, and no worker is there to call it."""
NO_PASSWORD = "nobody logs in with a password here"
Start = Callable[[AsyncSession], Awaitable[JobRead]]


@dataclass
class World:
    """Ids by their name in a path, of both workspaces, and the headers of every kind of caller."""

    settings: Settings
    mine: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)
    users: dict[Kind, User] = field(default_factory=dict)
    headers: dict[Kind, dict[str, str]] = field(default_factory=dict)

    async def log_in(self, user: User) -> tuple[UUID, Tokens]:
        """Open a new session of a user."""
        async with db.scope(db.SYSTEM) as session:
            made = await auth.open_session(session, self.settings, user, None)
        return tokens.read(self.settings, made.access_token).session_id, made

    async def own_session(self, kind: Kind) -> dict[str, str]:
        """Return the headers of this kind of caller in a session that nobody else uses."""
        if kind not in self.users:
            return self.headers[kind]
        return bearer((await self.log_in(self.users[kind]))[1].access_token)


async def make_world(client: httpx.AsyncClient, settings: Settings) -> World:
    """Prepare everything, once for all requests."""
    world = World(settings)
    owner = world.users["organization owner"] = await _user()
    stranger = world.users["admin of another workspace"] = await _user()
    organization_id = await _organization(owner, "Mine")
    world.mine = await _workspace(client, world, owner, organization_id)
    world.headers |= await _keys(client, world.mine)
    world.theirs = await _workspace(client, world, stranger, await _organization(stranger, "Theirs"))
    world.headers["key of another workspace"] = headers_of(await make_key(client, world.theirs["ws"]))
    await _people(world, organization_id)
    await _organization_to_leave(world)
    for kind, user in world.users.items():
        world.headers[kind] = bearer((await world.log_in(user))[1].access_token)
    world.headers |= await _broken(world, organization_id)
    return world


async def _people(world: World, organization_id: UUID) -> None:
    world.users["superadmin"] = await _user(superadmin=True)
    for kind, role in (("organization admin", "admin"), ("member of the organization only", "member")):
        world.users[kind] = await _user()
        await _join_organization(organization_id, world.users[kind], role)
    for kind, role in (("workspace admin", "admin"), ("member", "member")):
        world.users[kind] = await _user()
        await join(world.mine["ws"], world.users[kind], role)


async def _broken(world: World, organization_id: UUID) -> dict[Kind, dict[str, str]]:
    """Return the headers of callers who are let in nowhere, although they own and administer everything."""
    mighty = await _mighty(world, organization_id)
    session_id, made = await world.log_in(mighty)
    found = forged(world.settings, mighty.id, session_id) | {"a refresh token": bearer(made.refresh_token)}
    another, _ = await world.log_in(world.users["admin of another workspace"])
    issued = tokens.issue(world.settings, mighty.id, another)[0]
    found["another user's session"] = bearer(issued)
    found["a ticket"] = bearer(tickets.issue(world.settings, AccessClaims(mighty.id, session_id), "/")[0])
    spoiled: dict[Kind, dict[str, Any]] = {
        "session idle": {"last_seen_at": moment(minutes=world.settings.idle_timeout + 1)},
        "session outlived": {"expires_at": moment(seconds=1)},
        "session revoked": {"revoked_at": moment(seconds=1)},
    }
    for kind, columns in spoiled.items():
        session_id, made = await world.log_in(mighty)
        await spoil(session_id, **columns)
        found[kind] = bearer(made.access_token)
    for kind, column in (("inactive", "is_active"), ("unverified", "is_verified")):
        user = await _mighty(world, organization_id)
        found[kind] = bearer((await world.log_in(user))[1].access_token)
        async with db.scope(db.SYSTEM) as session:
            setattr(await session.get_one(User, user.id), column, False)
    return found


async def _keys(client: httpx.AsyncClient, ids: dict[str, str]) -> dict[Kind, dict[str, str]]:
    """Return the headers of programs with keys of a workspace; the id of one of them goes to the others."""
    made = {kind: await make_key(client, ids["ws"]) for kind in ("key write", "key revoked", "key expired")}
    made["key read"] = await make_key(client, ids["ws"], "read")
    for kind, column in (("key revoked", "revoked_at"), ("key expired", "expires_at")):
        async with db.scope(db.SYSTEM) as session:
            setattr(await session.get_one(ApiKey, UUID(made[kind]["id"])), column, moment(seconds=1))
    ids["key_id"] = made["key expired"]["id"]
    prefix, whole = made["key write"]["prefix"], made["key write"]["secret"]
    found = {kind: headers_of(key) for kind, key in made.items()}
    found["key with another secret"] = bearer(f"{secrets.BEGINNING}{prefix}_{'A' * 43}")
    found["key cut short"] = bearer(whole[:-1])
    return found


async def _user(*, superadmin: bool = False) -> User:
    return await make_user(superadmin=superadmin, password_hash=NO_PASSWORD)


async def _mighty(world: World, organization_id: UUID) -> User:
    user = await _user(superadmin=True)
    await _join_organization(organization_id, user, "owner")
    await join(world.mine["ws"], user, "admin")
    return user


async def _organization(owner: User, name: str) -> UUID:
    made = Organization(name=name)
    async with db.scope(db.SYSTEM) as session:
        session.add(made)
        await session.flush()
        session.add(OrganizationMember(organization_id=made.id, user_id=owner.id, role="owner"))
    return made.id


async def _organization_to_leave(world: World) -> None:
    """Make an organization that nobody else needs, with two owners: the first may go."""
    made = await _organization(world.users["organization owner"], "Left by many")
    await _join_organization(made, await _user(), "owner")
    for kind, role in (("organization admin", "admin"), ("member of the organization only", "member")):
        await _join_organization(made, world.users[kind], role)
    world.mine["org_to_leave"] = str(made)


async def _join_organization(organization_id: UUID, user: User, role: str) -> None:
    async with db.scope(db.SYSTEM) as session:
        session.add(OrganizationMember(organization_id=organization_id, user_id=user.id, role=role))


async def _workspace(client: httpx.AsyncClient, world: World, owner: User, organization_id: UUID) -> dict[str, str]:
    """Make and fill a workspace; return one id of each kind, by the name it has in paths."""
    client.headers.update(bearer((await world.log_in(owner))[1].access_token))  # it stays so until the next workspace
    study = await new_study(client, organization_id=str(organization_id))
    member = Member(UUID(study.workspace_id), Author("user", owner.id), "admin")
    exploration_id = UUID(study.exploration_id)
    plan = await client.post(f"{study.base}/population/plan", json={"persona_ids": study.persona_ids, "n": 10})
    assert plan.status_code == 201, plan.text
    simulate = SimulationCreate.model_validate(study.simulation())
    simulation = await _ended(member, lambda session: surveys.start(session, member, exploration_id, simulate))
    build = ReportCreate.model_validate({"kind": "survey", "simulation_id": str(simulation.subject_id)})
    report = await _ended(member, lambda session: reports.start(session, member, exploration_id, build))
    assert report.subject_id is not None
    async with db.scope([member.workspace_id]) as session:
        await storage.put(
            session,
            workspace_id=member.workspace_id,
            subject_type=reports.SUBJECT,
            subject_id=report.subject_id,
            name="pdf",
            content_type="application/pdf",
            data=b"%PDF-1.7",
        )
    validation = await client.post(
        f"{study.base}/personas/traits-validation", json={"trait_group": "work", "traits": {"occupation": "Nurse"}}
    )
    assert validation.status_code == 202, validation.text
    await _waiting(member)
    bystander = await _user()
    await join(study.workspace_id, bystander)
    await _join_organization(organization_id, bystander, "member")
    evidence = await client.post(f"{study.base}/evidence", json={"text": "The mood is better than last year."})
    assert evidence.status_code == 201, evidence.text
    invited = await client.post(f"{study.workspace}/invitations", json={"email": "a@example.org", "role": "member"})
    assert invited.status_code == 201, invited.text
    hook = await client.post(f"{study.workspace}/webhooks", json=WEBHOOK)
    assert hook.status_code == 201, hook.text
    objective, unasked = [
        await client.post(f"{study.workspace}/research-objectives", json={"exploration_id": study.exploration_id})
        for _ in range(2)
    ]
    assert unasked.status_code == 201, unasked.text
    segment = await client.post(f"{study.base}/segments", json={"name": "Young", "conditions": ["a:age=18-29"]})
    assert segment.status_code == 201, segment.text
    assert simulation.subject_id is not None
    weighting = Weighting(
        workspace_id=UUID(study.workspace_id),
        simulation_id=simulation.subject_id,
        name="Census",
        targets={"margins": {"age": {"18-29": 1.0}}},
    )
    async with db.scope([member.workspace_id]) as session:
        session.add(weighting)
    anchors = {"name": "Mood", "points": 2, "sets": [["Worse.", "Better."]]}
    anchor_set = await client.post(f"{study.workspace}/anchor-sets", json=anchors)
    assert anchor_set.status_code == 201, anchor_set.text
    delivery = await client.post(f"{study.workspace}/webhooks/{hook.json()['id']}/test")
    coding = await client.post(f"{study.base}/simulations/{simulation.subject_id}/themes", json={})
    assert coding.status_code == 202, coding.text
    section = (await client.get(f"{study.base}/questionnaires/{study.questionnaire_id}")).json()["sections"][0]
    talk = await client.post("/omi/sessions", json={"exploration_id": study.exploration_id})
    assert talk.status_code == 201, talk.text
    return {
        "omi_session_id": talk.json()["id"],
        "evidence_id": evidence.json()["id"],
        "webhook_id": hook.json()["id"],
        "delivery_id": delivery.json()["id"],
        "org": str(organization_id),
        "export_id": str(uuid4()),
        "invitation_id": invited.json()["id"],
        "user_id": str(bystander.id),
        "ws": study.workspace_id,
        "exp": study.exploration_id,
        "objective_id": objective.json()["id"],
        "unasked_id": unasked.json()["id"],  # is never analysed, even where another test's worker is about
        "persona_id": study.persona_ids[0],
        "validation_id": validation.json()["subject_id"],
        "questionnaire_id": study.questionnaire_id,
        "coding_id": coding.json()["subject_id"],
        "section_id": section["id"],
        "question_id": section["questions"][0]["id"],
        "plan_id": plan.json()["id"],
        "simulation_id": str(simulation.subject_id),
        "anchor_set_id": anchor_set.json()["id"],
        "segment_id": segment.json()["id"],
        "weighting_id": str(weighting.id),
        "report_id": str(report.subject_id),
        "format_": "pdf",
        "job_id": str(simulation.id),
        "pause_id": str(await _pause(study.workspace_id)),
        "session_id": str((await world.log_in(bystander))[0]),
        "token": "of-no-mail",
    }


async def _pause(workspace_id: str) -> UUID:
    """Pause a kind that there is not."""
    async with db.scope(db.SYSTEM) as session:
        kind = f"test.{workspace_id}"
        made = await pausing.create(session, scope="kind", value=kind, reason="A test.", created_by_id=None)
    return made.id


async def _ended(member: Member, start: Start) -> JobRead:
    """Submit a job that no worker ever runs: it has succeeded when its transaction commits."""
    async with db.scope([member.workspace_id]) as session:
        job = await start(session)
        await _set(session, job, status="succeeded", finished_at=clock.now())
    return job


async def _waiting(member: Member) -> None:
    """Submit a job that waits until long after this test: its workspace is busy."""
    async with db.scope([member.workspace_id]) as session:
        job = await jobs.submit(
            session, PROBE, PROBE.args(), workspace_id=member.workspace_id, author=member.author
        )  # fmt: skip
        await _set(session, job, status="retry_wait", next_attempt_at=clock.now() + timedelta(days=1))


async def _set(session: AsyncSession, job: JobRead, **columns: Any) -> None:
    await session.flush()
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    await session.execute(text(f"UPDATE job SET {sets} WHERE id = :id"), {"id": job.id} | columns)
