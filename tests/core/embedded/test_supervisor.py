"""Supervised processes: lines passed on, the dead started again, the hopeless given up."""

import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core.embedded import supervisor
from core.embedded.supervisor import ProcfileIncomplete, SupervisedProcess, read_procfile, shell_command


class Screen:
    """Collects the lines a process says."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append(f"{name}: {line}")


def wait_for(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_replaced(process: SupervisedProcess, old: subprocess.Popen[bytes]) -> bool:
    return process.check() and process.process is not old


@pytest.fixture
def screen() -> Screen:
    return Screen()


def make(command: str, folder: Path, screen: Screen, **env: str) -> SupervisedProcess:
    return SupervisedProcess("worker", command, env, folder / "worker.log", screen, cwd=folder, grace_s=2.0)


def test_lines_are_passed_on_and_logged(tmp_path: Path, screen: Screen) -> None:
    process = make("echo $GREETING; exit 4", tmp_path, screen, GREETING="good day")

    process.start()

    assert process.wait(10) == 4
    assert screen.lines == ["worker: good day"]
    assert (tmp_path / "worker.log").read_text() == "good day\n"


def test_a_killed_process_is_started_again_however_often(
    tmp_path: Path, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "MAX_QUICK_DEATHS", 2)
    monkeypatch.setattr(supervisor, "MAX_BACKOFF_S", 0.0)
    process = make("sleep 60", tmp_path, screen)
    process.start()
    for _ in range(3):
        killed = process.process
        assert killed is not None
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        assert wait_for(partial(is_replaced, process, killed))
    process.stop()


def test_a_process_that_keeps_ending_is_given_up(
    tmp_path: Path, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "MAX_BACKOFF_S", 0.0)
    process = make("sh -c 'exit 3'", tmp_path, screen)
    process.start()

    assert wait_for(lambda: not process.check())
    assert process.quick_deaths == supervisor.MAX_QUICK_DEATHS
    assert "exit code 3 for the 5th time" in screen.lines[-1]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python -m worker", "exec python -m worker"),
        ("uvicorn app --port ${PORT:-8000}", "exec uvicorn app --port ${PORT:-8000}"),
        ('python -c "a; b"', 'exec python -c "a; b"'),
        ("cd x && python -m worker", "cd x && python -m worker"),
        ("A=1 python -m worker", "A=1 python -m worker"),
        ("exec python -m worker", "exec python -m worker"),
    ],
)
def test_the_shell_makes_way_for_a_simple_command(command: str, expected: str) -> None:
    assert shell_command(command)[-1] == expected


def test_a_missing_procfile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProcfileIncomplete, match=str(tmp_path)):
        read_procfile(tmp_path)


def test_the_products_procfile_names_its_three_processes() -> None:
    assert read_procfile().keys() == {"web", "worker", "release"}
