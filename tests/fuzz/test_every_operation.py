"""Generated requests to every operation: the answer is no 5xx, errors are problems, and all is as documented.

Requests follow the product's own OpenAPI document; ids in paths lead to a prepared study half of the time.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from typing import Any

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

from tests.fixtures.system import Study, System, new_study

SHORT_S = 20.0
LONG_S = 900.0
# These would take away what the others work on.
LEFT_OUT = {"logout", "delete_workspace", "delete_exploration"}
AS_DOCUMENTED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
async def study(system: System) -> Study:
    """A study whose ids make generated paths lead somewhere."""
    return await new_study(system)


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


def check(case: Any, answer: Any) -> None:
    """Assert what holds of every answer."""
    where = f"{case.method} {case.path} {case.path_parameters} {case.query} {case.body!r}"
    assert answer.status_code < 500, f"{where}: {answer.status_code} {answer.text}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"], where
        problem = answer.json()
        assert problem["code"], where
        assert problem["status"] == answer.status_code, where
    case.validate_response(answer, checks=AS_DOCUMENTED)


def storm(study: Study, *, examples: int, within_s: float) -> Counter[str]:
    """Send so many generated requests to each operation while time lasts; return how many each got."""
    headers = {"Authorization": study.system.client.headers["Authorization"]}
    targets, ends, sent = operations(study), time.monotonic() + within_s, Counter[str]()
    for number, operation in enumerate(targets):
        share_ends = time.monotonic() + (ends - time.monotonic()) / (len(targets) - number)
        known = places(study)

        @rounds(
            max_examples=examples, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            if sent[operation.label] and time.monotonic() > share_ends:  # noqa: B023 - called within this round
                return
            given_ids = case.path_parameters or {}
            toward = ("ws", "exp") if zlib.crc32(repr(given_ids).encode()) % 2 else tuple(known)  # noqa: B023
            case.path_parameters = given_ids | {name: known[name] for name in given_ids if name in toward}  # noqa: B023
            if "wait" in (case.query or {}):
                case.query["wait"] = 0
            if "Prefer" in (case.headers or {}):
                case.headers["Prefer"] = "wait=0"
            sent[operation.label] += 1  # noqa: B023
            check(case, case.call(headers=headers, timeout=30))

        send()
    assert [one.label for one in targets if not sent[one.label]] == []
    return sent


@pytest.mark.timeout(120)
def test_no_input_breaks_the_service(study: Study) -> None:
    storm(study, examples=4, within_s=SHORT_S)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_nor_do_many(study: Study) -> None:
    sent = storm(study, examples=100, within_s=LONG_S)
    assert sum(sent.values()) > 20 * len(sent)
