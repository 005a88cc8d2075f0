"""The OpenAPI document tells of every operation what it takes and answers: problems, headers, media types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import ROUTERS
from core.jobs.schemas import JobRead

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Json = dict[str, Any]
ROUTES = {
    str(route.operation_id): route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)
}
PUBLIC = {"index", "health", "ready", "login", "login_form", "refresh_tokens", "show_invitation", "accept_invitation"}
PUBLIC |= {"sign_up", "verify_email", "open_verification_link", "resend_verification"}
PUBLIC |= {"forgot_password", "check_reset_link", "reset_password"}
PROMISES = {"resend_verification", "forgot_password"}
"""What is answered before it is done, and tells nobody what came of it."""
PROMISES |= {"test_webhook", "redeliver", "recover_webhook"}  # what came of it is in the list of deliveries
SUBMITTING = {
    name
    for name, route in ROUTES.items()
    if route.status_code == 202 and not route.path.startswith(("/jobs/", "/admin/jobs/")) and name not in PROMISES
}


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Json:
    """The document as clients read it."""
    return json.loads(json.dumps(app.openapi()))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def operations(document: Json) -> dict[str, Json]:
    """Operation id → operation."""
    return {one["operationId"]: one for path in document["paths"].values() for one in path.values()}


def references(node: Any) -> Iterator[str]:
    """Yield every reference below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def followed(document: Json, node: Json) -> Json:
    """Return what a node is, or refers to."""
    if "$ref" in node:
        for part in node["$ref"].removeprefix("#/").split("/"):
            document = document[part]
        return document
    return node


def headers_taken(operation: Json) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}


def refused(operation: Json) -> set[int]:
    return {int(status) for status in operation["responses"] if int(status) >= 400}


def test_the_document_holds_together(document: Json, operations: dict[str, Json]) -> None:
    assert set(operations) == set(ROUTES)
    assert [ref for ref in set(references(document)) if not followed(document, {"$ref": ref})] == []
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
    for name, operation in operations.items():
        in_path = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert in_path == set(ROUTES[name].param_convertors), name
        assert all(followed(document, one)["description"] for one in operation["responses"].values()), name


def test_no_two_shapes_share_a_name(document: Json) -> None:
    """Two models of one name are told apart by their modules, in names that no client should see."""
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


@pytest.mark.parametrize("name", sorted(set(ROUTES) - {"ready"}))
def test_every_refusal_is_a_problem(document: Json, operations: dict[str, Json], name: str) -> None:
    for status in refused(operations[name]):
        response = followed(document, operations[name]["responses"][str(status)])
        assert list(response["content"]) == ["application/problem+json"], status
        assert response["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_an_operation_tells_the_refusals_of_all_of_its_kind(operations: dict[str, Json], name: str) -> None:
    operation, route = operations[name], ROUTES[name]
    told = refused(operation)
    if name not in PUBLIC:
        assert {401, 403, 503} <= told
    if "{" in route.path:
        assert 404 in told
    if "{exp}" in route.path and route.methods == {"POST"}:
        assert 409 in told
    assert (413 in told) is ("requestBody" in operation)
    if "requestBody" in operation:
        assert 422 in told
    assert (412 in told) is ("If-Match" in headers_taken(operation))


@pytest.mark.parametrize("name", sorted(SUBMITTING))
def test_submitting_is_told_whole(document: Json, operations: dict[str, Json], name: str) -> None:
    operation = operations[name]
    assert {"Idempotency-Key", "Prefer"} <= headers_taken(operation)
    assert {401, 404, 409, 413, 422, 503} <= refused(operation)
    always = {"Location", "Idempotent-Replayed", "Preference-Applied", "X-Request-ID", "RateLimit-Policy", "RateLimit"}
    for status, expected in (("202", always | {"Retry-After"}), ("200", always)):
        response = operation["responses"][status]
        assert set(response["headers"]) == expected
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/JobRead"}
    taken = operation["requestBody"]["content"]
    body = taken.get("application/json") or taken["multipart/form-data"]
    assert "job" in followed(document, body["schema"])["properties"]


def test_whatever_answers_202_answers_a_job_and_where_it_is(operations: dict[str, Json]) -> None:
    assert len(SUBMITTING) >= 3
    for name, route in ROUTES.items():
        if route.status_code == 202 and name not in PROMISES:
            assert route.response_model is JobRead, name
            assert {"Location", "Retry-After"} <= set(operations[name]["responses"]["202"]["headers"]), name


@pytest.mark.parametrize("name", ["get_job", "download_report"])
def test_a_conditional_read_is_told(operations: dict[str, Json], name: str) -> None:
    assert "If-None-Match" in headers_taken(operations[name])
    for status in ("200", "304"):
        assert "ETag" in operations[name]["responses"][status]["headers"]
    assert "content" not in operations[name]["responses"]["304"]


def test_what_is_made_has_an_address(operations: dict[str, Json]) -> None:
    made = [one for one in operations.values() if "201" in one["responses"]]
    assert len(made) >= 5
    assert [one["operationId"] for one in made if "Location" not in one["responses"]["201"]["headers"]] == []


def test_streams_and_files_tell_their_media_types(operations: dict[str, Json]) -> None:
    assert "Last-Event-ID" in headers_taken(operations["follow_job"])
    for name, types in (
        ("follow_job", ["text/event-stream"]),
        ("download_report", ["application/pdf"]),
        ("export_simulation", ["text/csv", WORKBOOK, "application/x-ndjson", "application/x-spss-sav"]),
    ):
        assert list(operations[name]["responses"]["200"]["content"]) == types


def test_all_but_the_door_wants_a_bearer_token(document: Json, operations: dict[str, Json]) -> None:
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    open_to_all = {name for name, one in operations.items() if {"bearer": []} not in one.get("security", [])}
    assert open_to_all == PUBLIC


def test_the_description_leads_to_the_first_study_and_has_the_table_of_error_codes(document: Json) -> None:
    told = document["info"]["description"]
    docs = Path(__file__).resolve().parents[2] / "docs"
    assert "docs/first-study.md" in told
    assert (docs / "first-study.md").exists()
    _, _, written = (docs / "jobs.md").read_text().partition("## Error codes over HTTP\n")
    expected = {line for line in written.partition("\n## ")[0].splitlines() if line.startswith("| `")}
    assert {line for line in told.splitlines() if line.startswith("| `")} == expected


async def test_a_real_refusal_fits_the_schema(document: Json, client: httpx.AsyncClient) -> None:
    problem = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    for answer in (await client.get("/jobs/nope"), await client.post("/workspaces", json={"name": 5})):
        jsonschema_rs.validate(problem, answer.json())
