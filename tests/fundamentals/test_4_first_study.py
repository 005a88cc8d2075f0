"""The walk through a first study in docs/first-study.md works as it stands, and its tables are true."""

from __future__ import annotations

import asyncio
import csv
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from core.embedded.samples import brief
from core.questionnaires.content import QUESTION_TYPES
from core.surveys.methods import Requested, method_for
from tests.factories.questionnaires import stored
from tests.fixtures.system import System

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "first-study.md"
ADDRESS = "http://localhost:8000"


def script(address: str) -> str:
    """Return the commands of the document in their order, for a service at `address`."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return "set -eu\n" + "".join(blocks).replace(ADDRESS, address)


def table(first: str) -> dict[str, list[str]]:
    """Return the rows of the table whose head begins with `Type` and `first`: first cell → the others."""
    _, head, text = DOCUMENT.read_text().partition(f"| Type | {first} |")
    assert head
    rows = [line.strip("| ").split(" | ") for line in text.split("\n\n")[0].splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


async def test_the_commands_lead_from_the_login_to_the_report(system: System, tmp_path: Path) -> None:
    system.add_workers()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", script(str(system.client.base_url))],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"complete": true' in done.stdout
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    with (tmp_path / "responses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert all(row["demonstration"] == "true" for row in rows)
    assert {row["a:region"] for row in rows} == {"England", "Scotland", "Wales"}


def test_the_brief_is_the_beginning_of_the_samples() -> None:
    text = DOCUMENT.read_text()
    sample = brief("oat-yoghurt-uk")
    [told] = re.findall(r'"description": "(.*)"', text)
    sentences = told.removesuffix(".").split(". ")
    assert f'"title": "{sample["title"]}"' in text
    assert [sentence for sentence in sentences[:-1] if sentence not in sample["description"]] == []


def test_the_table_of_types_has_them_all() -> None:
    assert tuple(table("`options`")) == QUESTION_TYPES


@pytest.mark.parametrize("type_", QUESTION_TYPES)
def test_the_table_of_methods_is_what_the_product_does(type_: str) -> None:
    requests = get_args(Requested)
    rows = table(" | ".join(f"`{name}`" for name in requests))
    assert rows[type_] == [method_for(stored(type_, key="q"), name) for name in requests]
