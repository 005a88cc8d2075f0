"""What is written to receivers is what the OpenAPI document says of it, member by member."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from core.events.service import Told
from core.webhooks import body
from core.webhooks.event import WebhookEvent

NOW = datetime(2026, 11, 25, 17, 0, 0, 123456, UTC)
PROGRESS = {"progress": {"done": 1, "total": 2, "message": "asking"}}


def event(**fields: Any) -> Told:
    """An event about a simulation's job."""
    ids = {name: uuid4() for name in ("workspace_id", "exploration_id", "subject_id", "job_id")}
    told: dict[str, Any] = {
        "id": 7,
        "type": "job.succeeded",
        "subject_type": "simulation",
        "created_at": NOW,
        "data": {},
    }
    return Told(**(told | ids | fields))


@pytest.mark.parametrize(
    "text",
    [
        body.written(event(), 3, {"kind": "simulations.run", "status": "succeeded"}, "https://api.example"),
        body.written(
            event(type="job.progress"), 4, {"kind": "k", "status": "running"} | PROGRESS, "https://api.example"
        ),
        body.written(event(type="report.ready", exploration_id=None, job_id=None), 1, {}, "https://api.example"),
        body.test_body(uuid4(), uuid4(), uuid4(), NOW),
    ],
)
def test_a_body_has_the_members_that_are_told_of(text: str) -> None:
    document = json.loads(text)
    assert WebhookEvent.model_validate(document).model_dump(mode="json", exclude_unset=True) == document
    needed = {name for name, field in WebhookEvent.model_fields.items() if field.is_required()}
    assert needed <= set(document)
