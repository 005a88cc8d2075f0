"""The `webhooks` of the OpenAPI document: what receivers are sent."""

from __future__ import annotations

from typing import Any, Final

from core.webhooks.event import WebhookEvent

Document = dict[str, Any]
TOLD: Final = {
    "job.succeeded": "A job succeeded.",
    "job.failed": "A job failed.",
    "job.cancelled": "A job was cancelled.",
    "job.progress": "A job got on; only to webhooks that name this type.",
    "report.ready": "A report's files are there.",
    "simulation.completed": "A simulation's answers are all there.",
    "webhook.test": "Sent by `POST …/webhooks/{webhook_id}/test`.",
}
_HEADERS: Final = {
    "webhook-id": "Id of the delivery, the same at every attempt.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
    "webhook-signature": "`v1,…`: HMAC-SHA256 of id, timestamp and body; two, with a space between, after a rotation.",
}
_PARAMETERS: Final = [
    {"in": "header", "name": name, "required": True, "description": text, "schema": {"type": "string"}}
    for name, text in _HEADERS.items()
]
_ANSWERS: Final = {
    "2XX": {"description": "Taken. Anything else is a failure, redirects too, and is tried again."},
    "410": {"description": "Never again: the webhook is disabled."},
}


def webhooks() -> Document:
    """Return an entry for each type of event; its body is WebhookEvent."""
    return {name: {"post": _operation(name, text)} for name, text in TOLD.items()}


def _operation(name: str, text: str) -> Document:
    schema = {"$ref": f"#/components/schemas/{WebhookEvent.__name__}"}
    return {
        "operationId": f"told_{name.replace('.', '_')}",
        "tags": ["webhooks"],
        "summary": text.rstrip(".").split(";")[0],
        "description": text,
        "parameters": _PARAMETERS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": _ANSWERS,
    }
