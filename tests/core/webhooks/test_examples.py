"""The examples of docs/webhooks.md verify what is sent, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.webhooks import secrets

PAGE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
BODY = '{"type":"report.ready","name":"Zoë"}'
CALL = """
const [secret, headers, body] = JSON.parse(process.argv[2]);
process.stdout.write(JSON.stringify(verify(secret, headers, body)));
"""


def example(language: str) -> str:
    """Return the page's example in a language."""
    found = re.search(rf"```{language}\n(.+?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_the_one_in_javascript(tmp_path: Path) -> None:
    script = tmp_path / "verify.mjs"
    script.write_text(example("js") + CALL)
    older, newer, other = (secrets.new_secret() for _ in range(3))
    now = datetime.now(UTC)
    signed = secrets.headers([newer, older], "msg_1", now, BODY)
    late = secrets.headers([newer], "msg_1", now - timedelta(minutes=6), BODY)

    def run(secret: str, headers: dict[str, str], body: str = BODY) -> subprocess.CompletedProcess[str]:
        command = ["node", str(script), json.dumps([secret, headers, body])]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    for secret in (newer, older):
        assert json.loads(run(secret, signed).stdout) == json.loads(BODY)
    for wrong in (run(other, signed), run(newer, signed, BODY + " "), run(newer, late)):
        assert wrong.returncode != 0
        assert "Error: " in wrong.stderr


def test_the_one_in_python() -> None:
    secret = secrets.new_secret()
    code = example("python").replace("whsec_…", secret)
    names: dict[str, object] = {
        "body": BODY.encode(),
        "headers": secrets.headers([secret], "msg_1", datetime.now(UTC), BODY),
    }
    exec(code, names)
    assert names["event"] == json.loads(BODY)
