"""Render content in a process of its own, bounded in time, memory and output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path

from core.reports.content import ReportContent
from core.reports.errors import RenderFailed, RenderTimeout

ROOT = Path(__file__).resolve().parents[2]
MODULE = "core.reports.render"
STDERR_BYTES = 4096
CHUNK = 64 * 1024
_closing: set[asyncio.Future[None]] = set()


async def render(
    content: ReportContent,
    format: str,  # noqa: A002 -- the API's own word
    *,
    timeout_s: float = 60.0,
    memory_mb: int = 1024,
    max_bytes: int = 32 * 1024 * 1024,
) -> bytes:
    """Return `content` as a file in `format` ("pdf").

    Raises RenderTimeout after `timeout_s`, RenderFailed when the process fails, needs more than `memory_mb`
    or writes more than `max_bytes`. The process never outlives the call, be it timed out or cancelled.
    """
    document = json.dumps({"format": format, "content": content.model_dump(mode="json")}).encode()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        MODULE,
        f"--memory-mb={memory_mb}",
        f"--cpu-s={max(int(timeout_s) + 1, 1)}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=_environment(content),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            data, reason = await _exchange(process, document, max_bytes)
            status = await process.wait()
    except TimeoutError:
        raise RenderTimeout(f"The report was not rendered within {timeout_s:g} s.") from None
    finally:
        await _end(process)
    if status != 0:
        raise RenderFailed(f"The renderer ended with status {status}: {reason or 'no reason given'}")
    if not data:
        raise RenderFailed("The renderer wrote nothing.")
    return data


async def _exchange(process: asyncio.subprocess.Process, document: bytes, max_bytes: int) -> tuple[bytes, str]:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(process.stdin, document))
            out = tasks.create_task(_read(process.stdout, max_bytes))
            err = tasks.create_task(_read(process.stderr, STDERR_BYTES))
    except ExceptionGroup as failures:  # not `except*`: Python 3.11.0 to 3.11.3 wrap what is raised there
        if failures.split(_TooMuch)[1] is not None:
            raise
        raise RenderFailed(f"The renderer wrote more than {max_bytes:,} bytes.") from None
    return out.result(), err.result().decode(errors="replace").strip()


async def _write(stdin: asyncio.StreamWriter, document: bytes) -> None:
    closed = asyncio.ensure_future(_closed(stdin))
    _closing.add(closed)
    closed.add_done_callback(_closing.discard)
    try:
        stdin.write(document)
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended early; its status says why
    finally:
        stdin.close()


async def _closed(stdin: asyncio.StreamWriter) -> None:
    """See a pipe closed, in a task of its own: if this wait is cancelled, asyncio fails when the pipe does close.

    Without anybody waiting, Python 3.11.2 logs what ended it.
    """
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        await stdin.wait_closed()


class _TooMuch(Exception):
    """A stream is longer than allowed."""


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := await stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise _TooMuch
        parts.append(chunk)
    return b"".join(parts)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the process if it still runs and reap it, even while the caller is being cancelled."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(_reap(process))


async def _reap(process: asyncio.subprocess.Process) -> None:
    # asyncio reports the end of a process only after its pipes are read to their end.
    for stream in (process.stdout, process.stderr):
        while stream is not None and await stream.read(CHUNK):
            pass
    await process.wait()


def _environment(content: ReportContent) -> dict[str, str]:
    """Only what Python needs, and the time that the document says it was made: no setting, key or address."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "TMPDIR") if name in os.environ}
    fixed = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
    return {**kept, **fixed, "SOURCE_DATE_EPOCH": str(int(content.made_at.timestamp()))}
