"""The co-pilot: sessions and their messages, guidance, validation, workflow events."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentParty, OwnOmiSession, VisibleWorkspaces, author_of
from api.openapi import refusals
from api.pagination import Limit, Page, decode_cursor, decode_number, encode_number, page
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead
from core.omi import asking, workflow
from core.omi import service as omi
from core.omi.schemas import (
    GuidanceCreate,
    OmiMessageCreate,
    OmiMessageRead,
    OmiSessionCreate,
    OmiSessionRead,
    OmiSessionUpdate,
    ValidationCreate,
    WorkflowEvent,
    WorkflowReply,
)
from core.workspaces.access import Member

router = APIRouter(prefix="/omi", tags=["omi"], route_class=AuthenticatedRoute)


@router.post("/sessions", status_code=201, operation_id="create_omi_session", responses=refusals(404))
async def create_session(
    party: CurrentParty, mine: VisibleWorkspaces, body: OmiSessionCreate, response: Response
) -> OmiSessionRead:
    """Open a conversation with the co-pilot about an exploration; it is the caller's alone."""
    async with db.scope(mine) as session:
        made = await omi.create(session, author_of(party), body.exploration_id)
    response.headers["Location"] = f"/omi/sessions/{made.id}"
    return made


@router.get("/sessions", operation_id="list_omi_sessions", responses=refusals(404))
async def list_sessions(
    party: CurrentParty,
    mine: VisibleWorkspaces,
    exploration_id: UUID | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[OmiSessionRead]:
    """List the caller's own sessions, newest first."""
    async with db.scope(mine) as session:
        found = await omi.list_for(
            session, author_of(party), exploration_id, limit=limit + 1, before=decode_cursor(cursor)
        )
    return page(found, limit, found)


@router.get("/sessions/{session_id}", operation_id="get_omi_session")
async def get_session(own: OwnOmiSession) -> OmiSessionRead:
    """Read a session, with the stage its exploration has reached."""
    async with db.scope([own.workspace_id]) as session:
        return await omi.read(session, own)


@router.patch("/sessions/{session_id}", operation_id="update_omi_session")
async def update_session(own: OwnOmiSession, party: CurrentParty, body: OmiSessionUpdate) -> OmiSessionRead:
    """Change how the co-pilot looks."""
    async with db.scope([own.workspace_id]) as session:
        return await omi.set_state(session, own.id, author_of(party), body.state)


@router.get("/sessions/{session_id}/messages", operation_id="list_omi_messages")
async def list_messages(own: OwnOmiSession, limit: Limit = 50, cursor: str | None = None) -> Page[OmiMessageRead]:
    """List a session's messages in the order they were said."""
    async with db.scope([own.workspace_id]) as session:
        found = await omi.messages(session, own, limit=limit + 1, after=decode_number(cursor, default=0))
    more = encode_number(found[limit - 1].number) if len(found) > limit else None
    return Page(items=[OmiMessageRead.of(row) for row in found[:limit]], next_cursor=more)


@router.post(
    "/sessions/{session_id}/messages", status_code=202, response_model=JobRead, operation_id="send_omi_message"
)
async def send_message(own: OwnOmiSession, party: CurrentParty, body: OmiMessageCreate, submit: Submitting) -> Response:
    """Say something to the co-pilot; its reply is written by job, and told piece by piece in the job's events."""
    member = Member(own.workspace_id, author_of(party), "member")
    return await submit(member, lambda session: asking.start_chat(session, member.author, own.id, body))


@router.get("/sessions/{session_id}/actions", operation_id="list_omi_actions")
async def list_actions(own: OwnOmiSession, limit: Limit = 50, cursor: str | None = None) -> Page[JobRead]:
    """List what is in progress: the exploration's jobs that have not ended, newest first."""
    async with db.scope([own.workspace_id]) as session:
        found = await omi.actions(session, own, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, found)


@router.post(
    "/guidance", status_code=202, response_model=JobRead, operation_id="guide_by_omi", responses=refusals(404, 409)
)
async def guide(party: CurrentParty, mine: VisibleWorkspaces, body: GuidanceCreate, submit: Submitting) -> Response:
    """Be guided in a stage of an exploration, by job; the caller's sessions of the exploration get it as a message."""
    member = await _member(party, mine, body.exploration_id)
    return await submit(member, lambda session: asking.start_guidance(session, member, body))


@router.post(
    "/validate", status_code=202, response_model=JobRead, operation_id="validate_by_omi", responses=refusals(404, 409)
)
async def validate(
    party: CurrentParty, mine: VisibleWorkspaces, body: ValidationCreate, submit: Submitting
) -> Response:
    """Validate data of a stage, by job: rules decide whether it is valid, the model suggests."""
    member = await _member(party, mine, body.exploration_id)
    return await submit(member, lambda session: asking.start_validation(session, member, body))


@router.post("/workflow/events", operation_id="tell_omi_event", responses=refusals(404))
async def tell_event(party: CurrentParty, mine: VisibleWorkspaces, body: WorkflowEvent) -> WorkflowReply:
    """Tell what happened in the front-end; the answer comes from a table. A session named takes its look."""
    async with db.scope(mine) as session:
        if body.session_id is not None:
            await omi.own(session, body.session_id, author_of(party))
        reply = workflow.answer(body.event, body.payload)
        if body.session_id is not None:
            await omi.set_state(session, body.session_id, author_of(party), reply.omi_state)
    return reply


async def _member(party: CurrentParty, mine: VisibleWorkspaces, exploration_id: UUID) -> Member:
    """Return the caller as a member of an exploration's workspace; raises ExplorationNotFound."""
    async with db.scope(mine) as session:
        return Member(await omi.workspace_of(session, exploration_id), author_of(party), "member")
