"""Generated requests to every operation: the answer is no 5xx, errors are problems, and all is as documented.

Requests follow the product's own OpenAPI document; ids in paths lead to a prepared study half of the time. Half of
them come from the study's owner, the others from callers who may do less or nothing, each in turn.
"""

from __future__ import annotations

import itertools
import time
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.auth import tokens
from core.settings import Settings
from tests.api.authorization.tokens import bearer, forged
from tests.factories.api_keys import headers_of, make_key
from tests.fixtures.system import Study, System, new_study

SHORT_S = 20.0
AT_LEAST = 2
LONG_S = 900.0
# These would take away what the others work on.
LEFT_OUT = {"logout", "delete_workspace", "delete_exploration"}
AS_DOCUMENTED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class Caller:
    """Who sends; `gets` is what they get where something is asked of them (401) or in the study's workspace (404)."""

    name: str
    headers: dict[str, str]
    gets: int | None = None


@pytest.fixture(scope="module")
async def study(system: System) -> Study:
    """A study whose ids make generated paths lead somewhere."""
    return await new_study(system)


@pytest.fixture(scope="module")
async def callers(study: Study) -> list[Caller]:
    """The study's owner, then those who may read only, are in another workspace, or are let in nowhere."""
    http, workspace_id = study.system.client, study.base.split("/")[2]
    elsewhere = await study.system.post("/workspaces", {"name": "Elsewhere"})
    reading = await make_key(http, workspace_id, "read")
    revoked = await make_key(http, workspace_id)
    (await http.delete(f"/workspaces/{workspace_id}/api-keys/{revoked['id']}")).raise_for_status()
    me = (await http.get("/auth/me")).json()
    settings = Settings()
    session_id = tokens.read(settings, http.headers["Authorization"].partition(" ")[2]).session_id
    stranger = await _stranger(study.system, settings)
    return [
        Caller("owner", {"Authorization": http.headers["Authorization"]}),
        Caller("key that reads", headers_of(reading)),
        Caller("key of another workspace", headers_of(await make_key(http, elsewhere["id"])), 404),
        Caller("stranger", stranger, 404),
        Caller("revoked key", headers_of(revoked), 401),
        *(Caller(kind, headers, 401) for kind, headers in forged(settings, UUID(me["id"]), session_id).items()),
    ]


async def _stranger(system: System, settings: Settings) -> dict[str, str]:
    """Store a user who is in no workspace, and a login."""
    user_id, session_id = uuid4(), uuid4()
    await system.rows(
        "INSERT INTO app_user (id, email, full_name, password_hash, is_active, is_verified, is_superadmin)"
        " VALUES ($1, 'stranger@example.org', 'A Stranger', '', true, true, false)",
        user_id,
    )
    await system.rows(
        "INSERT INTO auth_session (id, user_id, refresh_hash, last_seen_at, expires_at)"
        " VALUES ($1, $2, $3, now(), now() + interval '1 day')",
        session_id, user_id, uuid4().hex,
    )  # fmt: skip
    return bearer(tokens.issue(settings, user_id, session_id)[0])


def operations(study: Study) -> list[Any]:
    """Return every operation that is sent to."""
    schema = schemathesis.openapi.from_url(f"{study.system.client.base_url}/openapi.json")
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(found) > 20
    return [one for one in found if one.definition.raw.get("operationId") not in LEFT_OUT]


def places(study: Study) -> dict[str, str]:
    """Return parameters of paths and what they may lead to."""
    _, _, workspace_id, _, exploration_id = study.base.split("/")
    return {
        "ws": workspace_id,
        "exp": exploration_id,
        "persona_id": study.persona_ids[0],
        "questionnaire_id": study.questionnaire_id,
    }


def check(case: Any, answer: Any, caller: Caller, workspace_id: str) -> None:
    """Assert what holds of every answer."""
    where = f"{caller.name}: {case.method} {case.path} {case.path_parameters} {case.query} {case.body!r}"
    assert answer.status_code < 500, f"{where}: {answer.status_code} {answer.text}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"], where
        problem = answer.json()
        assert problem["code"], where
        assert problem["status"] == answer.status_code, where
    case.validate_response(answer, checks=AS_DOCUMENTED)
    if caller.gets == 401 and case.operation.definition.raw.get("security"):
        assert answer.status_code == 401, where
    if caller.gets == 404 and (case.path_parameters or {}).get("ws") == workspace_id:
        assert answer.status_code == 404, where


def storm(study: Study, callers: list[Caller], *, examples: int, within_s: float) -> Counter[tuple[str, str]]:
    """Send so many generated requests to each operation while time lasts; return how many each got by whom.

    Two are sent to each whatever the time: the owner's, and one by whoever's turn it is.
    """
    owner, *others = callers
    targets, ends, sent = operations(study), time.monotonic() + within_s, Counter[tuple[str, str]]()
    in_turn = itertools.cycle(others)
    for number, operation in enumerate(targets):
        share_ends = time.monotonic() + (ends - time.monotonic()) / (len(targets) - number)
        known, sent_here = places(study), 0

        @rounds(
            max_examples=examples, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            nonlocal sent_here
            if sent_here >= AT_LEAST and time.monotonic() > share_ends:  # noqa: B023 - called within this round
                return
            given_ids = case.path_parameters or {}
            toward = ("ws", "exp") if zlib.crc32(repr(given_ids).encode()) % 2 else tuple(known)  # noqa: B023
            case.path_parameters = given_ids | {name: known[name] for name in given_ids if name in toward}  # noqa: B023
            if "wait" in (case.query or {}):
                case.query["wait"] = 0
            if "Prefer" in (case.headers or {}):
                case.headers["Prefer"] = "wait=0"
            caller = next(in_turn) if sent_here % 2 else owner
            sent_here += 1
            sent[operation.label, caller.name] += 1  # noqa: B023
            check(case, case.call(headers=caller.headers, timeout=30), caller, known["ws"])  # noqa: B023

        send()
    assert [one.label for one in targets if not sent[one.label, owner.name]] == []
    return sent


@pytest.mark.timeout(120)
def test_no_input_breaks_the_service(study: Study, callers: list[Caller]) -> None:
    sent = storm(study, callers, examples=4, within_s=SHORT_S)
    assert {name for _, name in sent} == {one.name for one in callers}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_nor_do_many(study: Study, callers: list[Caller]) -> None:
    sent = storm(study, callers, examples=200, within_s=LONG_S)
    assert sent.total() > 20 * len({label for label, _ in sent})
