"""Generated requests to every operation: whatever is sent, the answer is no 5xx but 503, and errors are problems."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from schemathesis.core.result import Ok

from tests.fixtures.system import Study, System, new_study

pytestmark = pytest.mark.slow
EXAMPLES = 60
# These would take away what the others work on.
LEFT_OUT = {"logout", "delete_workspace", "delete_exploration"}


@pytest.fixture(scope="module")
async def study(system: System) -> Study:
    """A study whose ids make generated paths lead somewhere."""
    return await new_study(system)


@pytest.mark.timeout(1800)
def test_no_input_breaks_the_service(study: Study) -> None:
    client = study.system.client
    _, _, workspace_id, _, exploration_id = study.base.split("/")
    schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 20
    for operation in operations:
        if operation.definition.raw.get("operationId") in LEFT_OUT:
            continue

        @rounds(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            places = {"ws": workspace_id, "exp": exploration_id}
            case.path_parameters = {
                name: places.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
            if "wait" in (case.query or {}):
                case.query["wait"] = 0
            answer = case.call(headers={"Authorization": client.headers["Authorization"]}, timeout=30)
            where = f"{case.method} {case.path} {case.query} {case.body!r}"
            assert answer.status_code < 500 or answer.status_code == 503, f"{where}: {answer.text}"
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"], where
                assert answer.json()["code"], where

        send()
