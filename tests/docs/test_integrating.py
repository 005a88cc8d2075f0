"""The examples of docs/integrating.md work as they stand: curl, JavaScript, and the check of a webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.client.errors import InvalidWebhook
from core.client.webhooks import verify
from core.webhooks.secrets import headers, new_secret
from tests.docs.examples import blocks, needs_node, run, run_node
from tests.fixtures.system import System

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = '{"type": "job.succeeded", "data": {"kind": "personas.generate", "note": "façade ✓"}}'
Headers = dict[str, str]


@pytest.fixture(scope="module")
async def product(system: System) -> System:
    """The product, with a worker."""
    system.add_workers()
    return system


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_leads_from_the_login_to_the_download(product: System, tmp_path: Path) -> None:
    script = "set -eu\n" + "".join(blocks("curl", "sh", str(product.client.base_url)))
    said = await run("sh", "-c", script, folder=tmp_path)
    assert "persona_ids" in said
    assert said.count("event: done") == 1
    assert zipfile.is_zipfile(tmp_path / "workspace.zip")
    assert (tmp_path / "by-ticket.zip").read_bytes() == (tmp_path / "workspace.zip").read_bytes()


@needs_node
async def test_javascript_leads_from_the_login_to_the_download(product: System, tmp_path: Path) -> None:
    said = await run_node("".join(blocks("JavaScript", "js", str(product.client.base_url))), tmp_path)
    lines = said.splitlines()
    told = [line.partition(" ")[0] for line in lines]
    assert "status" in told
    assert told.count("done") == 1
    assert int(lines[-1].removesuffix(" bytes")) > 1000


@needs_node
async def test_javascript_follows_a_stream_from_its_first_event_to_its_last(product: System, tmp_path: Path) -> None:
    functions = "".join(blocks("JavaScript", "js", str(product.client.base_url))[:3])
    workspace = await product.post("/workspaces", {"name": "Followed"})
    job = await product.post(f"/workspaces/{workspace['id']}/export", {})
    login = 'await logIn("admin@synthetic-people.example", "change-me-please");'
    follow = f"for await (const {{ id, event }} of events('{job['id']}')) console.log(id, event);"
    said = await run_node(f"{functions}\n{login}\n{follow}", tmp_path)
    recorded = await product.rows("SELECT sequence, event FROM job_event WHERE job_id = $1::uuid ORDER BY 1", job["id"])
    assert said.split() == [word for row in recorded for word in (str(row["sequence"]), row["event"])]


def signed(at: float, body: str = BODY, key: bytes = KEY, id_: str = "msg_1") -> Headers:
    """Return the headers of a delivery signed at a moment."""
    signature = hmac.digest(key, f"{id_}.{int(at)}.{body}".encode(), hashlib.sha256)
    value = f"v1,{base64.b64encode(signature).decode()}"
    return {"webhook-id": id_, "webhook-timestamp": str(int(at)), "webhook-signature": value}


def deliveries() -> list[tuple[str, Headers, bool]]:
    """Return deliveries: body, headers, and whether they are to be believed."""
    now = time.time()
    good = signed(now)
    other = signed(now, key=b"x" * 32)["webhook-signature"]
    return [
        (BODY, good, True),
        (BODY, good | {"webhook-signature": f"{other} v1a,xyz v1,? {good['webhook-signature']}"}, True),
        (BODY + " ", good, False),
        (BODY, good | {"webhook-id": "msg_2"}, False),
        (BODY, signed(now - 400), False),
        (BODY, signed(now + 400), False),
        (BODY, good | {"webhook-timestamp": "soon"}, False),
        (BODY, good | {"webhook-signature": other}, False),
        (BODY, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, False),
        (BODY, good | {"webhook-signature": ""}, False),
        (BODY, {name: value for name, value in good.items() if name != "webhook-signature"}, False),
        (BODY, {}, False),
    ]


@needs_node
async def test_javascript_believes_only_what_is_signed(tmp_path: Path) -> None:
    calls = json.dumps([[body, given, SECRET] for body, given, _ in deliveries()])
    check = f"for (const one of {calls}) console.log(await signedByUs(...one));"
    said = await run_node(blocks("Taking webhooks", "js")[0] + check, tmp_path)
    assert [line == "true" for line in said.splitlines()] == [good for *_, good in deliveries()]


def test_python_believes_only_what_is_signed() -> None:
    def believed(body: str, given: Headers) -> bool:
        try:
            return bool(verify(body.encode(), given, SECRET) == json.loads(body))
        except InvalidWebhook:
            return False

    assert [believed(body, given) for body, given, _ in deliveries()] == [good for *_, good in deliveries()]


def test_python_takes_what_the_product_signs_with_either_secret() -> None:
    other = new_secret()
    sent = headers([other, SECRET], "msg_1", datetime.now(UTC), BODY)
    for secret in (SECRET, other):
        assert verify(BODY.encode(), sent, secret) == json.loads(BODY)
    with pytest.raises(InvalidWebhook):
        verify(BODY.encode(), sent, new_secret())
