"""What an API tells of jobs is shown as text: it moves no cursor, sets no title and forges no line."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from typer.testing import CliRunner

from core.cli import jobs as commands
from core.cli.main import app
from core.client.client import Client

HARM = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\r\nStatus succeeded\ud800[red]"


def job(**fields: Any) -> dict[str, Any]:
    """A job whose every text means harm."""
    shown = {
        "id": str(uuid4()),
        "kind": HARM,
        "status": "failed",
        "done": True,
        "subject_type": HARM,
        "created_at": "2026-01-01T00:00:00Z",
        "progress": {"done": 1, "total": 2, "message": HARM},
        "usage": {"calls": 0, "input_tokens": 0, "output_tokens": 0},
        "result": {HARM: HARM},
        "error": {"code": HARM, "detail": HARM},
    }
    return shown | fields


def told(status: int, document: Any) -> httpx.Response:
    """An answer in ASCII, as JSON has what is no text of Unicode."""
    return httpx.Response(status, content=json.dumps(document))


@pytest.fixture
def harmful(monkeypatch: pytest.MonkeyPatch) -> UUID:
    """The id of a job of an API that means harm; any other it refuses with as bad a word."""
    one = job()
    event = f"id: 1\nevent: progress\ndata: {json.dumps({'done': 1, 'message': HARM})}\n\n"
    end = f"id: 2\nevent: done\ndata: {json.dumps({'status': HARM})}\n\n"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jobs":
            return told(200, {"items": [one], "next_cursor": None})
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text=event + end)
        if one["id"] in request.url.path:
            return told(200, one)
        return told(404, {"title": HARM, "detail": HARM, "errors": [{"loc": [HARM], "msg": HARM}]})

    def client(url: str, **options: Any) -> Client:
        return Client(url, transport=httpx.MockTransport(answer), **options)

    monkeypatch.setattr(commands, "Client", client)
    return UUID(one["id"])


@pytest.mark.parametrize("command", ["list", "show", "watch", "cancel", "retry", "refused"])
def test_the_terminal_gets_no_orders(harmful: UUID, command: str) -> None:
    words = [command] if command == "list" else [command, str(harmful)]
    if command == "refused":
        words = ["show", str(uuid4())]
    told = CliRunner().invoke(app, ["jobs", *words, "--url", "http://x.example", "--token", "t"])
    assert told.exit_code in (0, 1)
    assert not isinstance(told.exception, UnicodeError)
    assert "owned" in told.output
    assert not set(told.output) & set("\x1b\x07\x9b\u202e\r")
    assert not any(line.startswith("Status succeeded") for line in told.output.splitlines())
