"""Start, watch and end child processes so that none outlives its parent, however the parent ends."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Self, TypeVar

from core.embedded.private_files import append_private

T = TypeVar("T")
CHILD_SCRIPT = Path(__file__).with_name("child.py")
PROJECT_ROOT = Path(__file__).resolve().parents[2]
# The kernel sends the death signal when the *thread* that started the child ends. All children are therefore
# started from this one thread, which lives as long as the process does.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class FolderInUse(RuntimeError):
    """Another process holds this folder."""


class FolderLock:
    """An advisory lock on a folder; the kernel gives it up when its holder ends, even by SIGKILL."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"
        self._file: IO[bytes] | None = None

    def acquire(self) -> Self:
        """Take the lock or raise `FolderInUse` at once."""
        if self._file is not None:
            return self
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = append_private(self._path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise FolderInUse(f"{self._path.parent} is in use by another process.") from error
        self._file = file
        return self

    def release(self) -> None:
        """Give the lock up; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None


def spawn(
    command: Sequence[str],
    *,
    output: int | IO[bytes],
    env: Mapping[str, str] | None = None,
    cwd: Path = PROJECT_ROOT,
    death_signal: signal.Signals = signal.SIGKILL,
    uid: int = -1,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own (a terminal's Ctrl-C is ours to pass on), tied to our life.

    `death_signal` is what it gets when we end without stopping it (Linux). `uid` is for root to step down to.
    """
    prefix = [
        sys.executable,
        "-I",
        "-S",
        str(CHILD_SCRIPT),
        str(os.getpid()),
        str(int(death_signal)),
        str(uid),
    ]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the command is the product's own
            [*prefix, *command],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )

    return _spawner.submit(start).result()


def ask(command: Sequence[str | Path], timeout_s: float = 20.0) -> str | None:
    """Run a short command of the system and return what it printed; None if it cannot run or fails."""
    try:
        answer = subprocess.run(  # noqa: S603 - the command is the product's own
            command, capture_output=True, text=True, check=True, timeout=timeout_s
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout


def in_thread(call: Callable[[], T]) -> T:
    """Run `call` in a thread of its own, where it may open an event loop whatever its caller runs in."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(call).result()


def terminate(
    process: subprocess.Popen[bytes],
    signals: Sequence[tuple[signal.Signals, float]],
    hurry: Callable[[], bool] = lambda: False,
) -> None:
    """Send each signal in turn and give it its seconds to work; then kill the process and its group.

    `hurry` cuts the waiting short as soon as it returns true.
    """
    for number, patience_s in signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        deadline = time.monotonic() + patience_s
        while process.poll() is None and time.monotonic() < deadline and not hurry():
            time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()
    process.wait()


def identify(pid: int) -> str | None:
    """Return the start time of a process, which tells it from a later one with its id; None if it is gone."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        state, *fields = stat.read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        if Path("/proc/self/stat").exists():
            return None
        return (ask(["ps", "-o", "lstart=", "-p", str(pid)]) or "").strip() or None
    return None if state == "Z" else fields[18]


def end_leftover(pid: int, identity: str, signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Stop a process that an earlier run left behind, unless it is gone and another has its id."""
    for number, patience_s in signals:
        if identify(pid) != identity:
            return
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + patience_s
        while identify(pid) == identity and time.monotonic() < deadline:
            time.sleep(0.02)


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 16_384))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
