"""A stack for a command that needs one: the one that runs in the data folder, or an `up` of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.embedded.private_files import append_private
from core.embedded.processes import spawn, tail, terminate
from core.embedded.state import find_running

READY_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 45.0
POLL_S = 0.1
ENDING = "Stopping at once: waiting for web, worker, model, Valkey and Postgres to end, which takes a few seconds."
# What a stack that is thrown away still runs need not end in order.
NO_GRACE = {"WORKER_GRACE_S": "0"}


class BackgroundNotStarted(RuntimeError):
    """The stack did not become ready; the message shows the end of its log."""


@dataclass(frozen=True)
class RunningStack:
    """A stack that answers: its web address, and the process that owns it; `ours` if it was started here."""

    web_url: str
    pid: int
    ours: bool


@contextmanager
def running_stack(data_dir: Path, *, keep: bool, say: Callable[[str], None]) -> Iterator[RunningStack]:
    """Give a ready stack to the block; one started here is stopped after it, unless `keep` and no error.

    `say` is told when a stack that was not to end yet is stopped. Raises BackgroundNotStarted.
    """
    data_dir = data_dir.resolve()
    process = None if find_running(data_dir) else _start(data_dir, keep=keep)
    leave = False
    try:
        yield _await_ready(data_dir, process)
        leave = keep
    except BaseException:
        if process is not None and process.poll() is None:
            say(ENDING)
        raise
    finally:
        if process is not None and not leave:
            terminate(process, [(signal.SIGTERM, STOP_TIMEOUT_S)])


def _log(data_dir: Path) -> Path:
    return data_dir / "logs" / "up.log"


def _start(data_dir: Path, *, keep: bool) -> subprocess.Popen[bytes]:
    """Start `up` in a session of its own; it ends with us, unless it is to be kept."""
    log = _log(data_dir)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "core.cli.main", "up"]
    env = dict(os.environ) | {"DATA_DIR": str(data_dir), "NO_COLOR": "1"} | ({} if keep else NO_GRACE)
    with append_private(log) as output:
        if not keep:
            return spawn(command, output=output, env=env, cwd=Path.cwd(), death_signal=signal.SIGTERM)
        return subprocess.Popen(  # noqa: S603 - the command is the product's own
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )


def _await_ready(data_dir: Path, process: subprocess.Popen[bytes] | None) -> RunningStack:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        state = find_running(data_dir)
        if state is not None and state.web_url is not None and _is_ready(state.web_url):
            return RunningStack(state.web_url, state.owner.pid, ours=process is not None)
        if process is not None and process.poll() is not None:
            raise BackgroundNotStarted(f"The stack ended while starting.\n{tail(_log(data_dir))}")
        if process is None and state is None:
            raise BackgroundNotStarted(f"The stack that ran in {data_dir} has ended.")
        time.sleep(POLL_S)
    raise BackgroundNotStarted(
        f"The stack in {data_dir} was not ready within {READY_TIMEOUT_S:.0f} s.\n{tail(_log(data_dir))}"
    )


def _is_ready(web_url: str) -> bool:
    try:
        return httpx.get(f"{web_url}/readyz", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
