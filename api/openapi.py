"""The OpenAPI document: what FastAPI reads from the routes, and what every answer of this product has besides.

Which problems an operation may answer follows from what its route takes and depends on; a route names only what
nobody can see from outside, with `refusals`, `tagged`, `download` and `EVENT_STREAM`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from api import examples, parameters
from api.deps import current_member, current_party, dependencies_of
from api.errors import PROBLEM, Problem, error_codes
from api.limiting import NOT_COUNTED
from api.submitting import submitting
from api.told import webhooks
from core.jobs.schemas import JobRead
from core.llm import errors as _model_errors  # noqa: F401 - the `error` of a job may have their codes: the table has them
from core.webhooks.event import WebhookEvent

Document = dict[str, Any]
Responses = dict[int | str, Document]
PROBLEMS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("Unauthorized", "The credentials or the access token are missing, wrong or no longer good."),
    403: ("Forbidden", "The account may not be used, or the role is too low."),
    404: ("NotFound", "There is no such thing here, or not for this caller."),
    408: ("RequestTimeout", "The body did not arrive in time."),
    409: ("Conflict", "The present state forbids this."),
    412: ("PreconditionFailed", "`If-Match` names a version that is no longer the present one."),
    413: ("PayloadTooLarge", "The body is larger than this service takes."),
    422: ("Invalid", "The input is not valid; `errors` names the places."),
    429: ("TooManyRequests", "Asked too often; try again after `Retry-After` seconds."),
    503: ("Unavailable", "Something this depends on is away; try again after `Retry-After` seconds."),
}
HEADERS: Final[Mapping[str, str]] = {
    "X-Request-ID": "Id of this request: the one that was sent, or a new one. The log has it too.",
    "Location": "Address of what was made.",
    "Retry-After": "Seconds to wait before asking again.",
    "ETag": "Entity tag of what was sent.",
    "Preference-Applied": "The preference that was honoured: `wait=N`.",
    "Idempotent-Replayed": "`true` when an earlier request with the same Idempotency-Key made this job.",
    "Content-Disposition": "Name to store the file under.",
    "WWW-Authenticate": "`Bearer`.",
    "RateLimit-Policy": "The limits that hold: `q` requests at once, and as many again, evenly, in `w` seconds.",
    "RateLimit": "How one stands with each: `r` requests left, in `t` seconds all are back.",
}
BOUNDS: Final = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
LIMITED: Final = ("RateLimit-Policy", "RateLimit")
BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "The `access_token` that `POST /auth/login` answers, or an API key of a workspace.",
}
TICKET: Final = {
    "type": "apiKey",
    "in": "query",
    "name": "ticket",
    "description": "A ticket of `POST /tickets`, for this one address and a minute.",
}
EVENT_STREAM: Final[Document] = {
    "description": (
        "Server-sent events, oldest first; `id` rises. `status` {status, attempt, next_attempt_at, message},"
        " `progress` {done, total, message}, `log`, and at the end `done` {status, attempt}."
    ),
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


def refusals(*statuses: int) -> Responses:
    """Return the `responses` of a route that may answer problems which its signature does not show."""
    return {status: {} for status in statuses}


def with_headers(*names: str) -> Document:
    """Return the part of a response that names its headers."""
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def tagged(status: int = 200) -> Responses:
    """Return the `responses` of a route whose answer has an entity tag."""
    return {status: with_headers("ETag")}


_FILE: Final = {"type": "string", "format": "binary"}
_ANY_JSON: Final = {"type": "object"}


def download(media_types: Iterable[str]) -> Responses:
    """Return the `responses` of a route that sends a file of one of these types."""
    names = [one.partition(";")[0] for one in media_types]
    content = {name: {"schema": _ANY_JSON if name == "application/json" else _FILE} for name in names}
    return {200: {"description": "The file", "content": content} | with_headers("Content-Disposition")}


def complete(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Let the application's document tell problems, headers and security of all operations of these routers."""
    routes = {route.operation_id: route for router in routers for route in router.routes if isinstance(route, APIRoute)}
    read_routes = app.openapi

    def openapi() -> Document:
        if app.openapi_schema is None:
            document = read_routes()
            document["info"]["description"] += _table_of_codes()
            for path in document["paths"].values():
                for operation in path.values():
                    _describe(routes[operation["operationId"]], operation)
            _add_components(document["components"])
            document["webhooks"] = webhooks()
            document["tags"] = [{"name": name, "description": text} for name, text in examples.TAGS.items()]
            _spell_bounds(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI's manual extends the document


def _table_of_codes() -> str:
    rows = [f"| `{code}` | {status} | {meaning} |" for code, (status, meaning) in error_codes().items()]
    return "\n".join(["\n\n## Error codes\n", "| Code | Status | Meaning |", "| --- | --- | --- |", *rows])


def _describe(route: APIRoute, operation: Document) -> None:
    found: dict[str, Document] = operation["responses"]
    found.pop("422", None)  # FastAPI's own, which is no problem document
    if submitting in dependencies_of(route):
        _describe_submission(found)
    _describe_success(route, found, _headers_taken(operation))
    for status in sorted(_problems(route, operation) | {int(status) for status in found if int(status) >= 400}):
        if "content" not in found.get(str(status), {}):
            found[str(status)] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    for response in found.values():
        if "$ref" not in response:
            always = with_headers("X-Request-ID", *(() if route.path in NOT_COUNTED else LIMITED))
            response.setdefault("headers", {}).update(always["headers"])
    operation["responses"] = {status: found[status] for status in sorted(found)}
    if "security" in operation:
        operation["security"] = [{"bearer": []}, *operation["security"]]
        if TICKET["name"] in {one["name"] for one in operation.get("parameters", ())}:
            operation["security"].append({"ticket": []})
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    parameters.describe(operation.get("parameters", ()))
    _show_examples(operation)


def _show_examples(operation: Document) -> None:
    name = operation["operationId"]
    if name in examples.REQUESTS:
        operation["requestBody"]["content"]["application/json"]["example"] = examples.REQUESTS[name]
    for (shown, status), answer in examples.ANSWERS.items():
        if shown == name:
            operation["responses"][str(status)]["content"]["application/json"]["example"] = answer


def _spell_bounds(node: Any) -> None:
    """Name bounds as JSON Schema does: pydantic leaves those of a union in its own words."""
    if isinstance(node, dict):
        if {"anyOf", "type"} & node.keys():
            for ours, theirs in BOUNDS.items():
                if isinstance(node.get(ours), int | float):
                    node[theirs] = node.pop(ours)
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            _spell_bounds(one)


def _describe_submission(found: dict[str, Document]) -> None:
    """Tell both answers to submitted work: the job to come, and the job that ended within the wait."""
    always = ("Location", "Idempotent-Replayed", "Preference-Applied")
    job = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{JobRead.__name__}"}}}}
    found["202"] = (
        job
        | with_headers(*always, "Retry-After")
        | {"description": "The job, stored; `Retry-After` while it has not ended."}
    )
    own = found.get("200", {}).get("content", {})
    found["200"] = job | with_headers(*always) | {"description": "The job, ended within `Prefer: wait=N`."}
    if own:  # the route answers something else, too
        found["200"] |= {"content": own, "description": "What is there already, or the job, ended within the wait."}


def _describe_success(route: APIRoute, found: dict[str, Document], taken: set[str]) -> None:
    names: tuple[str, ...] = ("Location",) if route.status_code == 201 else ()
    if route.status_code == 202 and route.response_model is JobRead:
        names = ("Location", "Retry-After")
    if taken & {"If-Match", "If-None-Match"}:
        names = (*names, "ETag")
    if names:
        success = found[str(route.status_code or 200)]
        success["headers"] = success.get("headers", {}) | with_headers(*names)["headers"]
    if "If-None-Match" in taken:
        found["304"] = {"description": "It is still what `If-None-Match` names."} | with_headers("ETag")


def _problems(route: APIRoute, operation: Document) -> set[int]:
    calls = dependencies_of(route)
    taken = _headers_taken(operation)
    has_body = "requestBody" in operation
    has_query = any(one["in"] == "query" for one in operation.get("parameters", ()))
    names_something = "{" in route.path
    knows_people = bool({current_party, current_member} & calls) or "auth" in route.tags
    may_happen = {
        401: knows_people,
        403: knows_people,
        404: names_something,
        408: has_body,
        409: names_something and not (route.methods or set()) <= {"GET"},
        412: "If-Match" in taken,
        413: has_body,
        422: has_body or has_query or submitting in calls,
        429: route.path not in NOT_COUNTED,
        503: "service" not in route.tags,
    }
    return {status for status, may in may_happen.items() if may}


def _headers_taken(operation: Document) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}


def _add_components(components: Document) -> None:
    _, made = models_json_schema(
        [(Problem, "serialization"), (WebhookEvent, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas = components["schemas"] | made["$defs"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["schemas"] = dict(sorted(schemas.items()))
    components["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()
    }
    components["responses"] = {name: _problem(status, text) for status, (name, text) in PROBLEMS.items()}
    components["securitySchemes"] |= {"bearer": BEARER, "ticket": TICKET}


def _problem(status: int, description: str) -> Document:
    more = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    content: Document = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    if status == examples.PROBLEM["status"]:
        content[PROBLEM]["example"] = examples.PROBLEM
    return {"description": description, "content": content} | with_headers("X-Request-ID", *more)
