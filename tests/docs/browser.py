"""A page in headless Chromium that tells what happens in it: `tell(word, …)` in its script arrives in `told`."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER: Final = next((found for name in BROWSERS if (found := shutil.which(name))), None)
needs_browser: Final = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
TELL: Final = """
let telling = Promise.resolve();
const tell = (...words) => telling = telling.then(() => fetch("/told", {method: "POST", body: JSON.stringify(words)}));
addEventListener("unhandledrejection", (event) => tell("error", String(event.reason)));
addEventListener("error", (event) => tell("error", String(event.message)));
"""


@dataclass
class Page:
    """A server of one page, and what the page told; `origin` is what the page's requests come from."""

    origin: str = ""
    script: str = ""
    told: list[list[Any]] = field(default_factory=list)

    async def until(self, enough: Callable[[list[list[Any]]], bool], within_s: float = 60) -> None:
        """Wait until enough is told; fails when the page tells of an error, or nothing in time."""
        async with asyncio.timeout(within_s):
            while not enough(self.told):
                assert [words for words in self.told if words[0] == "error"] == []
                await asyncio.sleep(0.02)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request: the page, or what it tells."""
        with suppress(asyncio.IncompleteReadError), closing(writer):
            # a browser opens connections ahead, and closes those it does not need
            await self._answer(reader, writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = "ok"
        if head.startswith("post /told"):
            length = int(head.partition("content-length:")[2].split()[0])
            self.told.append(json.loads(await reader.readexactly(length)))
        elif head.startswith("get / "):
            body = (
                f"<!doctype html><meta charset=utf-8><script>{TELL}</script><script type=module>{self.script}</script>"
            )
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode())
        await writer.drain()


@asynccontextmanager
async def serving() -> AsyncIterator[Page]:
    """Serve a page, which has no script yet."""
    page = Page()
    server = await asyncio.start_server(page.answer, "127.0.0.1", 0)
    page.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield page


@contextmanager
def opened(page: Page) -> Iterator[None]:
    """Open a page in a browser of its own, with nothing of an earlier one."""
    assert BROWSER is not None
    with tempfile.TemporaryDirectory(prefix="sp-browser-", ignore_cleanup_errors=True) as folder:
        command = [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--remote-debugging-port=0", f"--user-data-dir={folder}", f"{page.origin}/",
        ]  # fmt: skip
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            try:
                yield
            finally:
                for sign in (signal.SIGTERM, signal.SIGKILL):  # it has processes of its own
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, sign)
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(5)
