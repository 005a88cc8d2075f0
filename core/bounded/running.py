"""Run a module in a process of its own, bounded in time, memory and output; it never outlives the call."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

STDERR_BYTES: Final = 4096
CHUNK: Final = 64 * 1024
TOO_LARGE: Final = 5
"""Exit status of a process that wrote more to its file than it may."""
_closing: set[asyncio.Future[None]] = set()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process may take: seconds from start to end, seconds of a processor, memory, bytes it writes."""

    timeout_s: float
    memory_mb: int
    max_bytes: int
    cpu_s: int | None = None
    """By default as long as the process may live."""


class ProcessFailed(Exception):
    """The process ended without a result; `status` is its exit status, negative for a signal, `reason` its own word."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason or "no reason given"
        super().__init__(f"ended with status {status}: {self.reason}")


class ProcessTimeout(Exception):
    """The process did not end in time."""


class TooMuchOutput(Exception):
    """The process wrote more than it may."""


async def run(module: str, data: bytes, bounds: Bounds, *, root: Path, environment: Mapping[str, str]) -> bytes:
    """Run `python -m module` in the folder `root` with `data` on stdin and return what it wrote.

    Of this process's environment it gets what Python needs, no setting, key or address; `environment` comes on top.
    Raises ProcessFailed, ProcessTimeout, TooMuchOutput.
    """
    process = await _start(module, bounds, asyncio.subprocess.PIPE, root, environment)
    try:
        async with asyncio.timeout(bounds.timeout_s):
            made, reason = await _exchange(process, data, bounds.max_bytes)
            status = await process.wait()
    except TimeoutError:
        raise ProcessTimeout from None
    finally:
        await _end(process)
    if status != 0:
        raise ProcessFailed(status, reason)
    return made


async def feed(
    module: str,
    pieces: AsyncIterator[bytes],
    target: IO[bytes],
    bounds: Bounds,
    *,
    root: Path,
    environment: Mapping[str, str],
) -> None:
    """Run the same with `pieces` on stdin, one at a time as it reads them; what it writes goes to the file `target`.

    The time limit counts getting the pieces too. Raises ProcessFailed, ProcessTimeout, TooMuchOutput, and what
    `pieces` raises.
    """
    process = await _start(module, bounds, target.fileno(), root, environment)
    assert process.stdin is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(bounds.timeout_s):
            async with asyncio.TaskGroup() as tasks:
                err = tasks.create_task(_read(process.stderr, STDERR_BYTES))
                await _write_all(process.stdin, pieces)
            status = await process.wait()
    except TimeoutError:
        raise ProcessTimeout from None
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        await _end(process)
    if status == TOO_LARGE:
        raise TooMuchOutput
    if status != 0:
        raise ProcessFailed(status, err.result().decode(errors="replace").strip())


async def _start(
    module: str, bounds: Bounds, stdout: int, root: Path, environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    cpu_s = bounds.cpu_s or max(int(bounds.timeout_s) + 1, 1)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        f"--memory-mb={bounds.memory_mb}",
        f"--cpu-s={cpu_s}",
        f"--max-bytes={bounds.max_bytes}",
        stdin=asyncio.subprocess.PIPE,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
        cwd=root,
        env=_environment(root) | dict(environment),
        start_new_session=True,
    )


async def _write_all(stdin: asyncio.StreamWriter, pieces: AsyncIterator[bytes]) -> None:
    """Write pieces as the process takes them; one that has ended early takes no more, and its status says why."""
    closed = asyncio.ensure_future(_closed(stdin))
    _closing.add(closed)
    closed.add_done_callback(_closing.discard)
    try:
        async for piece in pieces:
            stdin.write(piece)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        stdin.close()


async def _exchange(process: asyncio.subprocess.Process, data: bytes, max_bytes: int) -> tuple[bytes, str]:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(process.stdin, data))
            out = tasks.create_task(_read(process.stdout, max_bytes))
            err = tasks.create_task(_read(process.stderr, STDERR_BYTES))
    except ExceptionGroup as failures:  # not `except*`: Python 3.11.0 to 3.11.3 wrap what is raised there
        if failures.split(TooMuchOutput)[1] is not None:
            raise
        raise TooMuchOutput from None
    return out.result(), err.result().decode(errors="replace").strip()


async def _write(stdin: asyncio.StreamWriter, data: bytes) -> None:
    closed = asyncio.ensure_future(_closed(stdin))
    _closing.add(closed)
    closed.add_done_callback(_closing.discard)
    try:
        stdin.write(data)
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


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := await stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooMuchOutput
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


def _environment(root: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": str(root), "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
