"""Run the Procfile's processes: output passed on and logged, the dead restarted until they die too often."""

import re
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from honcho.environ import parse_procfile

from core.embedded.private_files import append_private
from core.embedded.processes import PROJECT_ROOT, spawn, terminate

HEALTHY_AFTER_S = 30.0
MAX_QUICK_DEATHS = 5
MAX_BACKOFF_S = 10.0
SHELL_SYNTAX = frozenset(";&|<>()")

Echo = Callable[[str, str], None]
"""Shows one line of one process: (process name, line)."""


class ProcfileIncomplete(RuntimeError):
    """The Procfile is missing or lacks a process."""


def read_procfile(root: Path = PROJECT_ROOT) -> dict[str, str]:
    """Return the Procfile's commands by process name."""
    path = root / "Procfile"
    if not path.is_file():
        raise ProcfileIncomplete(f"{path} is missing; run from a checkout of the product.")
    return dict(parse_procfile(path.read_text()).processes)


def shell_command(command: str) -> list[str]:
    """Return `command` for a shell that makes way for it, so that signals reach the program itself."""
    words = list(shlex.shlex(command, posix=False, punctuation_chars=True))
    simple = not any(SHELL_SYNTAX.issuperset(word) or word == "exec" for word in words)
    assigns = re.match(r"\s*\w+=", command) is not None
    return ["/bin/sh", "-c", f"exec {command}" if simple and not assigns else command]


@dataclass
class SupervisedProcess:
    """One process of the stack: started, its lines passed on, started again when it ends by itself."""

    name: str
    command: str
    env: Mapping[str, str]
    log: Path
    echo: Echo
    cwd: Path = PROJECT_ROOT
    grace_s: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    quick_deaths: int = 0
    _started_at: float = field(default=0.0, init=False)
    _retry_at: float | None = field(default=None, init=False)
    _pump: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process and pass on what it says."""
        self.process = spawn(shell_command(self.command), output=subprocess.PIPE, env=self.env, cwd=self.cwd)
        self._started_at, self._retry_at = time.monotonic(), None
        self._pump = threading.Thread(target=self._pass_on, args=(self.process,), daemon=True)
        self._pump.start()

    def wait(self, timeout_s: float) -> int:
        """Wait for a process that ends by itself and return its exit code."""
        assert self.process is not None
        code = self.process.wait(timeout=timeout_s)
        self._end_pump()
        return code

    def check(self) -> bool:
        """Start the process again, with growing pauses, if it has ended; False when it keeps ending."""
        if self.process is not None and self.process.poll() is None:
            if time.monotonic() - self._started_at > HEALTHY_AFTER_S:
                self.quick_deaths = 0
            return True
        if self._retry_at is None:
            code = self.process.returncode if self.process is not None else 1
            if code >= 0:  # a process killed from outside (-signal) is no sign that it cannot run
                self.quick_deaths += 1
            if self.quick_deaths >= MAX_QUICK_DEATHS:
                self.echo(self.name, f"ended with exit code {code} for the {self.quick_deaths}th time; giving up")
                return False
            pause = min(MAX_BACKOFF_S, 0.5 * 2 ** max(0, self.quick_deaths - 1))
            self.echo(self.name, f"ended with exit code {code}; starting it again in {pause:g} s")
            self._retry_at = time.monotonic() + pause
        elif time.monotonic() >= self._retry_at:
            self.start()
        return True

    def ask_to_stop(self) -> None:
        """Send SIGTERM without waiting, so that several can drain at the same time."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop the process in order; what does not end within its grace is killed."""
        if self.process is not None:
            terminate(self.process, [(signal.SIGTERM, self.grace_s)], hurry)
            self._end_pump()

    def _end_pump(self) -> None:
        if self._pump is not None:
            self._pump.join(timeout=2)

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout, append_private(self.log) as log:
            for line in process.stdout:
                log.write(line)
                self.echo(self.name, line.decode(errors="replace").rstrip())
