"""The order of refusals on every route of the application: 401, then 404, then 422; what is not there is 404."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.factories.studies import Study, new_study
from tests.factories.users import NOBODY, join, log_in, make_user

PUBLIC = {"/", "/healthz", "/readyz", "/auth/login", "/auth/token", "/auth/refresh", "/invitations/accept"}
PUBLIC |= {"/auth/signup", "/auth/verify-email/{token}", "/auth/resend-verification"}
PUBLIC |= {"/auth/forgot-password", "/auth/reset-password/{token}"}
JSON = {"Content-Type": "application/json"}
BODIES = (b"", b"{", b"[]", b"null", b'{"surprise": 1}', b'{"title": "\xff"}', b"[" * 50_000)


@dataclass(frozen=True)
class Call:
    """One method of one route; whether it takes a body that must be there."""

    method: str
    path: str
    takes_body: bool
    query: str = ""

    def filled(self, **values: str) -> str:
        """Return the path with ids; those not given are new."""
        path = self.path
        for name in self.names:
            path = path.replace("{" + name + "}", values.get(name, "pdf" if name == "format_" else str(uuid4())))
        return path + self.query

    @property
    def names(self) -> list[str]:
        """The names of the path's ids."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


def calls(app: FastAPI) -> Iterator[Call]:
    """Yield every call that is not public."""
    for path, operations in app.openapi()["paths"].items():
        if path not in PUBLIC:
            for method, operation in operations.items():
                yield Call(
                    method.upper(), path, operation.get("requestBody", {}).get("required", False), needed(operation)
                )


def needed(operation: dict[str, Any]) -> str:
    """Return a query with what must be in it."""
    taken = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one["required"]]
    given = {one["name"]: uuid4() if one["schema"].get("format") == "uuid" else "persona" for one in taken}
    return "?" + "&".join(f"{name}={value}" for name, value in given.items()) if given else ""


async def statuses(
    client: httpx.AsyncClient, found: list[tuple[Call, str]], headers: dict[str, str], bodies: tuple[bytes, ...]
) -> dict[str, set[int]]:
    """Return which statuses each call answers, whatever the body."""
    answers: dict[str, set[int]] = {}
    for call, path in found:
        for body in bodies:
            answer = await client.request(call.method, path, content=body, headers=JSON | headers)
            answers.setdefault(f"{call.method} {call.path}", set()).add(answer.status_code)
    assert answers, "no route was found"
    return answers


async def test_without_a_token_every_route_answers_401(app: FastAPI, client: httpx.AsyncClient, study: Study) -> None:
    found = [(call, call.filled(ws=study.workspace_id, exp=study.exploration_id)) for call in calls(app)]
    assert len(found) > 30
    answers = await statuses(client, found, NOBODY, BODIES)
    assert {name: got for name, got in answers.items() if got != {401}} == {}


@pytest.mark.parametrize("superadmin", [False, True])
async def test_to_an_outsider_nothing_in_a_workspace_exists(
    app: FastAPI, client: httpx.AsyncClient, study: Study, superadmin: bool
) -> None:
    outsider = await log_in(client, await make_user(superadmin=superadmin))
    ids = {"ws": study.workspace_id, "exp": study.exploration_id, "persona_id": study.persona_ids[0]}
    ids |= {"questionnaire_id": study.questionnaire_id}
    found = [(call, call.filled(**ids)) for call in calls(app) if "ws" in call.names]
    answers = await statuses(client, found, outsider, BODIES)
    assert {name: got for name, got in answers.items() if got != {404}} == {}


async def test_a_body_that_does_not_fit_is_422_on_every_route_that_takes_one(
    app: FastAPI, client: httpx.AsyncClient, study: Study
) -> None:
    ids = {"ws": study.workspace_id, "exp": study.exploration_id}
    ids["org"] = (await client.get(study.workspace)).json()["organization_id"]
    talk = await client.post("/omi/sessions", json={"exploration_id": study.exploration_id})
    ids["session_id"] = talk.json()["id"]
    made = await client.post(f"{study.workspace}/research-objectives", json={"exploration_id": study.exploration_id})
    ids["objective_id"] = made.json()["id"]  # a form is looked at only for an objective that is there
    found = [(call, call.filled(**ids)) for call in calls(app) if call.takes_body]
    answers = await statuses(client, found, {}, BODIES)
    assert {name: got for name, got in answers.items() if got != {422}} == {}


async def test_a_members_role_is_checked_before_the_body(client: httpx.AsyncClient, study: Study) -> None:
    member = await make_user()
    await join(study.workspace_id, member)
    headers = JSON | await log_in(client, member)
    for body in BODIES:
        answer = await client.patch(study.workspace, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "workspace_role_too_low")


@pytest.mark.parametrize("wrong", ["nope", "%00", "1", "..%2f..", "é", "00000000-0000-0000-0000-00000000000g"])
async def test_an_id_that_is_no_id_is_not_found(
    app: FastAPI, client: httpx.AsyncClient, study: Study, wrong: str
) -> None:
    ids = {"ws": study.workspace_id, "exp": study.exploration_id}
    found = [
        (call, call.filled(**(ids | {name: wrong})))
        for call in calls(app)
        for name in call.names
        if not call.takes_body
    ]
    answers = await statuses(client, found, {}, (b"",))
    assert {name: got for name, got in answers.items() if got != {404}} == {}


async def test_an_exploration_of_another_workspace_is_not_found_in_ones_own(
    app: FastAPI, client: httpx.AsyncClient, study: Study
) -> None:
    other = await new_study(client)
    ids = {"ws": other.workspace_id, "exp": study.exploration_id, "persona_id": study.persona_ids[0]}
    ids |= {"questionnaire_id": study.questionnaire_id}
    found = [(call, call.filled(**ids)) for call in calls(app) if "exp" in call.names and not call.takes_body]
    answers = await statuses(client, found, {}, (b"",))
    assert {name: got for name, got in answers.items() if got != {404}} == {}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/workspaces/x/y/z", 404, "not_found"),
        ("PUT", "/workspaces", 405, "method_not_allowed"),
        ("DELETE", "/jobs", 405, "method_not_allowed"),
        ("GET", "/auth/login", 405, "method_not_allowed"),
    ],
)
async def test_unknown_paths_and_methods_are_problems(
    anonymous: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await anonymous.request(method, path)
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
