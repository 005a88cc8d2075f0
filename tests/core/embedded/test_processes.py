"""Children: they are told apart, ended in order, and never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.embedded.processes import (
    PROJECT_ROOT,
    FolderInUse,
    FolderLock,
    ask,
    end_leftover,
    identify,
    spawn,
    terminate,
)

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT = """
import sys, time
from core.embedded.processes import spawn
child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], output=2)
print(child.pid, flush=True)
time.sleep(60)
"""


def wait_until_gone(pid: int, timeout_s: float = 5.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while identify(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return identify(pid) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_child_dies_with_a_killed_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=PROJECT_ROOT
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.3)
        assert identify(child) is not None

        parent.kill()

        assert wait_until_gone(child)


def test_a_process_that_ignores_its_signals_is_killed() -> None:
    stubborn = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)",
    ]
    process = spawn(stubborn, output=subprocess.DEVNULL)
    time.sleep(0.4)

    terminate(process, [(signal.SIGTERM, 0.2)])

    assert process.returncode == -signal.SIGKILL


def test_hurry_cuts_the_waiting_short() -> None:
    process = spawn(SLEEPER, output=subprocess.DEVNULL)
    started = time.monotonic()

    terminate(process, [(signal.SIGCONT, 30.0)], hurry=lambda: True)

    assert time.monotonic() - started < 5


def test_identity_changes_with_the_process_and_ends_with_it() -> None:
    process = spawn(SLEEPER, output=subprocess.DEVNULL)
    identity = identify(process.pid)

    assert identity is not None
    assert identity == identify(process.pid)
    process.kill()
    process.wait()
    assert identify(process.pid) is None


def test_a_leftover_is_ended_only_if_it_is_the_very_process() -> None:
    process = spawn(SLEEPER, output=subprocess.DEVNULL)
    identity = identify(process.pid)
    assert identity is not None

    end_leftover(process.pid, "another start time", [(signal.SIGKILL, 1.0)])
    assert process.poll() is None
    end_leftover(process.pid, identity, [(signal.SIGKILL, 5.0)])

    assert process.wait(timeout=5) == -signal.SIGKILL


def test_a_folder_has_one_holder_at_a_time(tmp_path: Path) -> None:
    first = FolderLock(tmp_path).acquire()

    with pytest.raises(FolderInUse, match=str(tmp_path)):
        FolderLock(tmp_path).acquire()
    first.release()

    FolderLock(tmp_path).acquire().release()


def test_a_lock_is_not_inherited_by_children(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path).acquire()
    process = spawn(SLEEPER, output=subprocess.DEVNULL)
    lock.release()
    try:
        FolderLock(tmp_path).acquire().release()
    finally:
        terminate(process, [])


def test_asking_a_missing_or_failing_program_gives_nothing(tmp_path: Path) -> None:
    assert ask([tmp_path / "missing"]) is None
    assert ask([sys.executable, "-c", "raise SystemExit(3)"]) is None
    assert ask([sys.executable, "-c", "print(1)"]) == f"1{os.linesep}"
