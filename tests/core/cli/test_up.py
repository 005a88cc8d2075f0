"""`synthetic-people up` as a user runs it: a process of its own, ended by signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.cli.up import log_in_with
from core.embedded.ports import PortBook, accepts, find_free_port
from core.embedded.processes import PROJECT_ROOT, identify
from core.embedded.state import StackState, find_running
from core.settings import Settings

PROCFILE = f"""\
web: {sys.executable} -m http.server --bind 127.0.0.1 $PORT
worker: sleep 60
release: true
"""
PYTHONPATH = os.pathsep.join([str(PROJECT_ROOT), os.environ.get("PYTHONPATH", "")])
GIVEN = ("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "PORT", "DATA_DIR", "ENVIRONMENT")


class Up:
    """A running `up` in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        env = {name: value for name, value in os.environ.items() if name not in GIVEN}
        self.env = env | {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "PYTHONPATH": PYTHONPATH}
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "core.cli.main", "up", "--port", str(find_free_port())],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, text: str) -> str:
        """Read what it prints up to a line with `text`; fail with all of it if it ends before."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if text in line:
                return "".join(lines)
        pytest.fail(f"no line with {text!r} in:\n{''.join(lines)}")

    @property
    def state(self) -> StackState:
        """What it says about itself."""
        state = find_running(self.folder / ".data")
        assert state is not None
        return state

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    (tmp_path / "Procfile").write_text(PROCFILE)
    (tmp_path / ".data").mkdir()
    for name in ("postgres", "valkey"):
        PortBook(tmp_path / ".data").choose(name, wanted=find_free_port())
    up = Up(tmp_path)
    yield up
    if up.process.poll() is None:
        up.end(signal.SIGKILL)
    assert up.process.stdout is not None
    up.process.stdout.close()


def wait_until_gone(state: StackState, timeout_s: float = 10.0) -> list[str]:
    deadline = time.monotonic() + timeout_s
    while True:
        left = [name for name, process in state.processes.items() if identify(process.pid) is not None]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


def test_ctrl_c_stops_everything(up: Up) -> None:
    shown = up.read_until("ready")
    state = up.state

    assert f"{state.web_url}/docs" in shown
    assert "admin@synthetic-people.example with change-me-please" in shown
    assert state.database_url not in shown  # it holds the password
    password = urlsplit(state.database_url).password
    assert password
    assert password not in shown
    address = subprocess.run(
        [sys.executable, "-m", "core.cli.main", "database-url"],
        cwd=up.folder, env=up.env, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert urlsplit(address.stdout.strip()).password == password
    assert "database-url --data-dir" in shown
    assert up.end(signal.SIGINT) == 0
    assert wait_until_gone(state, timeout_s=0) == []
    assert up.process.stdout is not None
    ended = [line.split()[2] for line in up.process.stdout if line.rstrip().endswith("has ended")]
    assert ended == ["web", "worker", "valkey", "postgres"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_sigkill_leaves_nothing_behind_and_the_next_up_starts(up: Up) -> None:
    up.read_until("ready")
    state = up.state
    up.end(signal.SIGKILL)

    assert wait_until_gone(state) == []
    assert up.process.stdout is not None
    up.process.stdout.close()
    up.process = up._start()
    up.read_until("ready")
    assert up.state.database_url == state.database_url
    assert up.end(signal.SIGTERM) == 0


def test_a_second_up_says_what_is_running(up: Up) -> None:
    up.read_until("ready")

    second = subprocess.run(
        [sys.executable, "-m", "core.cli.main", "up"],
        cwd=up.folder, env=up.env, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert second.returncode == 0
    assert "already running" in second.stdout
    assert f"{up.state.web_url}/docs" in second.stdout
    assert str(up.process.pid) in second.stdout
    assert accepts(int(up.state.web_url.rpartition(":")[2]) if up.state.web_url else 0)


def test_without_a_stack_there_is_no_database_to_connect_to(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "core.cli.main", "database-url", "--data-dir", str(tmp_path)],
        cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "no stack is running" in answer.stderr


def test_a_password_that_somebody_chose_is_not_shown() -> None:
    told = log_in_with(Settings(superadmin_email="Boss@Example.org", superadmin_password="correct horse"))
    assert told.startswith("boss@example.org with SUPERADMIN_PASSWORD;")


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "core.cli.main", "up"],
        cwd=tmp_path, env=os.environ | {"PORT": "many", "PYTHONPATH": PYTHONPATH},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert answer.returncode == 1
    assert answer.stderr.startswith("synthetic-people: PORT: ")
    assert answer.stderr.count("\n") == 1
