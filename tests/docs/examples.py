"""The blocks of docs/integrating.md, and what runs them."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "integrating.md"
ADDRESS: Final = "http://localhost:8000"
NODE: Final = shutil.which("node")
needs_node: Final = pytest.mark.skipif(NODE is None, reason="node is not installed")


def blocks(section: str, language: str, address: str = ADDRESS) -> list[str]:
    """Return the blocks of a section in their order, for a service at `address`."""
    _, head, text = DOCUMENT.read_text().partition(f"\n## {section}\n")
    assert head, section
    found = re.findall(rf"^```{language}\n(.*?)^```$", text.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    assert found
    return [block.replace(ADDRESS, address) for block in found]


async def run(*command: str, folder: Path, within_s: float = 120) -> str:
    """Run a command in a folder and return what it printed; fails when it fails or complains."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


async def run_node(script: str, folder: Path) -> str:
    """Run a module of JavaScript and return what it printed."""
    assert NODE is not None
    module = folder / "example.mjs"
    module.write_text(script)
    return await run(NODE, str(module), folder=folder)
