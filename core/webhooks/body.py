"""What a receiver is told of an event: the body, written once, the same at every attempt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from core.events.service import Told

EVENT_IDS: Final = UUID("6f0c2b6e-7c7b-5d0e-9a57-3b1f6a3c9d24")
"""The namespace of event ids: an event has the same one for every receiver, and shows no number of all events."""
TEST: Final = "webhook.test"
SUBJECTS: Final = {
    "exploration": "/workspaces/{ws}/explorations/{id}",
    "simulation": "/workspaces/{ws}/explorations/{exp}/simulations/{id}",
    "report": "/workspaces/{ws}/explorations/{exp}/reports/{id}",
    "persona": "/workspaces/{ws}/explorations/{exp}/personas/{id}",
    "research_objective": "/workspaces/{ws}/research-objectives/{id}",
    "omi_session": "/omi/sessions/{id}",
    "workspace": "/workspaces/{id}",
}
"""Where the subject of an event is read, by its type."""


def event_id_of(event: Told) -> UUID:
    """Return the id that receivers know an event by."""
    return uuid5(EVENT_IDS, str(event.id))


def written(event: Told, sequence: int, about: Mapping[str, Any], public_url: str) -> str:
    """Return the body for an event; `about` holds kind and status of its job."""
    links = {}
    if event.job_id is not None:
        links["job"] = f"{public_url}/jobs/{event.job_id}"
    path = SUBJECTS.get(event.subject_type or "")
    if path is not None and event.subject_id is not None and (event.exploration_id or "{exp}" not in path):
        links["subject"] = public_url + path.format(
            ws=event.workspace_id, exp=event.exploration_id, id=event.subject_id
        )
    data = {
        "event_id": event_id_of(event),
        "job_id": event.job_id,
        "kind": about.get("kind"),
        "status": about.get("status"),
        "workspace_id": event.workspace_id,
        "exploration_id": event.exploration_id,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "sequence": sequence,
        "links": links,
    }
    if "progress" in about:
        data["progress"] = about["progress"]
    return _json(event.type, event.created_at, data)


def test_body(event_id: UUID, workspace_id: UUID, endpoint_id: UUID, now: datetime) -> str:
    """Return the body of a test: all members that an event has, and nothing it is about but the webhook."""
    data: dict[str, Any] = {
        "event_id": event_id,
        "job_id": None,
        "kind": None,
        "status": None,
        "workspace_id": workspace_id,
        "exploration_id": None,
        "subject_type": "webhook",
        "subject_id": endpoint_id,
        "sequence": 0,
        "links": {},
    }
    return _json(TEST, now, data)


def _json(type_: str, at: datetime, data: Mapping[str, Any]) -> str:
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    whole = {"type": type_, "timestamp": timestamp, "data": data}
    return json.dumps(whole, default=str, ensure_ascii=False, separators=(",", ":"))
