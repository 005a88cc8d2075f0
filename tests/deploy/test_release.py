"""deploy/release.sh: a release runs once it is installed, migrated and ready; one that fails leaves the one before."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "release.sh"
STUB = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
if [ "$(basename "$0") $1 $2" = "python3 -m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
for one in $FAILING; do case "$*" in *"$one"*) exit 1;; esac; done
"""


@dataclass
class Server:
    """A server's folder, and the commands that the script called on it."""

    folder: Path
    bin: Path
    calls: Path

    def deploy(self, release: str, failing: str = "") -> subprocess.CompletedProcess[str]:
        """Lay a release into the folder and run its script; calls with a word of `failing` in them fail."""
        script = self.folder / "releases" / release / "deploy" / "release.sh"
        script.parent.mkdir(parents=True)
        shutil.copy(SCRIPT, script)
        self.calls.write_text("")
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        environment = {"PATH": path, "CALLS": str(self.calls), "FAILING": failing}
        return subprocess.run(["sh", str(script)], env=environment, capture_output=True, text=True, check=False)

    def called(self) -> list[str]:
        """Return the commands called by the last run, in their order."""
        return self.calls.read_text().splitlines()

    def current(self) -> str:
        """Return the release that runs."""
        return (self.folder / "current").resolve().name


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A server without a release yet."""
    (tmp_path / "bin").mkdir()
    for name in ("python3", "sudo", "curl"):
        (tmp_path / "bin" / name).write_text(STUB)
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / ".env").write_text("JWT_SECRET=x\nPORT=8123\n")
    return Server(tmp_path / "srv", tmp_path / "bin", tmp_path / "calls")


def test_a_release_is_installed_from_the_lock_then_migrated_then_started(server: Server) -> None:
    done = server.deploy("one")
    assert (done.returncode, done.stderr) == (0, "")
    venv, locked, own, migrated, restarted, asked = server.called()
    assert venv == "python3 -m venv .venv"
    assert locked == "python -m pip install --quiet --require-hashes --requirement requirements.lock"
    assert "--no-deps" in own
    assert migrated == "python -m alembic upgrade head"
    assert restarted == "sudo -n systemctl restart synthetic-backend"
    assert asked.endswith("http://127.0.0.1:8123/readyz")
    assert server.current() == "one"
    assert (server.folder / "current" / ".env").read_text() == (server.folder / ".env").read_text()


def test_the_account_of_the_service_can_read_what_a_careful_umask_would_keep_from_it(server: Server) -> None:
    before = os.umask(0o077)
    try:
        server.deploy("one")
    finally:
        os.umask(before)
    made = server.folder / "current" / ".venv" / "bin" / "python"
    assert [path.stat().st_mode & 0o055 for path in (made.parent, made)] == [0o055, 0o055]


@pytest.mark.parametrize("failing", ["requirements.lock", "alembic"])
def test_a_release_that_cannot_be_installed_or_migrated_changes_nothing(server: Server, failing: str) -> None:
    server.deploy("one")
    assert server.deploy("two", failing).returncode != 0
    assert server.current() == "one"
    assert [call for call in server.called() if call.startswith("sudo")] == []


def test_a_release_that_is_not_ready_gives_way_to_the_one_before(server: Server) -> None:
    server.deploy("one")
    done = server.deploy("two", "readyz")
    assert done.returncode == 1
    assert "back to releases/one" in done.stderr
    assert server.current() == "one"
    assert [call for call in server.called() if call.startswith("sudo")] == 2 * [
        "sudo -n systemctl restart synthetic-backend"
    ]


def test_old_releases_go_but_never_the_one_to_go_back_to(server: Server) -> None:
    for number, name in enumerate(("one", "two", "three", "four", "five")):
        assert server.deploy(name).returncode == 0
        os.utime(server.folder / "releases" / name, (1_000_000 + number, 1_000_000 + number))
    left = {one.name for one in (server.folder / "releases").iterdir()}
    assert {"four", "five"} <= left
    assert len(left) == 3
