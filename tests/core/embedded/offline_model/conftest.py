"""A running offline model on a free port, the official client, and the CES questions as prompt data."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI

from core.embedded import samples

_ROOT = Path(__file__).parents[4]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start the server as a process of its own; yields its address."""
    port = _free_port()
    command = [sys.executable, "-m", "core.embedded.offline_model", "--port", str(port)]
    process = subprocess.Popen(command, cwd=_ROOT, env={**os.environ, "PYTHONPATH": str(_ROOT)})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        try:
            if httpx.get(f"{address}/healthz", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, "the offline model ended at once"
        time.sleep(0.05)
    raise AssertionError("the offline model did not come up")


@pytest.fixture
def http(server: str) -> Iterator[httpx.Client]:
    """A plain HTTP client; faults and counters are reset before and after."""
    with httpx.Client(base_url=server, timeout=30) as client:
        for _ in range(2):
            client.delete("/config")
            client.post("/stats/reset")
            if _ == 0:
                yield client


@pytest.fixture
def sdk(server: str, http: httpx.Client) -> Iterator[OpenAI]:
    """The official client, without its own retries."""
    with OpenAI(base_url=f"{server}/v1", api_key="offline", max_retries=0, timeout=20) as client:
        yield client


class Asker:
    """Asks a prompt of the offline model in the product's contract."""

    def __init__(self, client: OpenAI) -> None:
        self.client = client

    def completion(self, name: str, data: object, seed: int = 1, schema: dict[str, Any] | None = None) -> Any:
        """Return the SDK's completion object."""
        text = json.dumps(data)
        for mark, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
            text = text.replace(mark, escaped)
        return self.client.chat.completions.create(
            model="offline-demonstration-2",
            seed=seed,
            messages=[
                {"role": "system", "content": f"Instructions of {name}."},
                {"role": "user", "content": f"<data>\n{text}\n</data>"},
            ],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": name, "strict": True, "schema": schema or {"type": "object"}},
            },
        )

    def __call__(self, name: str, data: object, seed: int = 1, schema: dict[str, Any] | None = None) -> Any:
        """Return the JSON of the answer."""
        return json.loads(self.completion(name, data, seed, schema).choices[0].message.content)


@pytest.fixture
def ask(sdk: OpenAI) -> Asker:
    """Ask through the official client."""
    return Asker(sdk)


def as_question(key: str, kind: str, text: str, labels: list[str], **more: Any) -> dict[str, Any]:
    """Return a question in the prompt contract's shape; codes are 1 to k."""
    options = [
        {"code": str(number), "label": label, "exclusive": label.startswith("None")}
        for number, label in enumerate(labels, 1)
    ]
    return {
        "key": key,
        "type": kind,
        "text": text,
        "options": options,
        "scale": None,
        "required": True,
        **more,
    }


@pytest.fixture(scope="session")
def ces_questions() -> list[dict[str, Any]]:
    """The three CES questions in the prompt contract's shape."""
    return [
        as_question(question["key"], question["type"], question["text"], question["options"])
        for section in samples.ces_questionnaire()["sections"]
        for question in section["questions"]
    ]


def respondent(number: int, questions: list[dict[str, Any]], **attributes: Any) -> dict[str, Any]:
    """Return the data of a survey prompt for one respondent."""
    persona = {"name": f"Person {number}", "location_country": "United States"}
    return {
        "respondent": {"persona": persona, "attributes": attributes, "number": number},
        "language": "en",
        "earlier_answers": [],
        "section": {"title": "Outlook", "questions": questions},
    }
