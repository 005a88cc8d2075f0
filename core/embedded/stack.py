"""The whole stack in one folder: servers that no setting names, migrations, web and workers, supervised."""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from core.embedded.model import API_KEY, OfflineModel
from core.embedded.ports import LOOPBACK, USUAL_PORTS, PortBook, accepts
from core.embedded.postgres import Postgres
from core.embedded.processes import PROJECT_ROOT, FolderInUse, FolderLock, end_leftover
from core.embedded.server import EmbeddedServer
from core.embedded.state import RunningProcess, StackState, find_running, load_state, remove_state
from core.embedded.supervisor import Echo, SupervisedProcess, read_procfile
from core.embedded.valkey import Valkey
from core.settings import Settings

RELEASE_TIMEOUT_S = 300.0
WEB_TIMEOUT_S = 60.0
WEB_GRACE_S = 8.0
POLL_S = 0.2
MAX_SERVER_CRASHES = 5
CRASH_WINDOW_S = 300.0


class StackNotStarted(RuntimeError):
    """A part of the stack failed to start; the message says which and why."""


class AlreadyRunning(RuntimeError):
    """A stack runs in this folder already; `state` tells where, unless it is still starting."""

    def __init__(self, data_dir: Path, state: StackState | None) -> None:
        super().__init__(f"A stack is already running in {data_dir}.")
        self.state = state


def find_root() -> Path:
    """Return the current folder if it has a Procfile, else the product's own."""
    return Path.cwd() if Path("Procfile").is_file() else PROJECT_ROOT


@dataclass(frozen=True)
class StackOptions:
    """What to start; an address that is None is served by an embedded server."""

    data_dir: Path
    database_url: str | None = None
    redis_url: str | None = None
    openai_base_url: str | None = None
    openai_api_key: str | None = None
    public_url: str | None = None
    port: int | None = None
    workers: int = 1
    worker_grace_s: float = 10.0
    web: bool = True
    root: Path = field(default_factory=find_root)
    extra_env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Settings, *, port: int | None = None, workers: int = 1, web: bool = True) -> Self:
        """Take the addresses that settings name; an empty string names none."""
        return cls(
            data_dir=settings.data_dir.resolve(),
            database_url=settings.database_url or None,
            redis_url=settings.redis_url or None,
            openai_base_url=settings.openai_base_url or None,
            openai_api_key=settings.openai_api_key or None,
            public_url=settings.public_url if "public_url" in settings.model_fields_set else None,
            port=port or (settings.port if "port" in settings.model_fields_set else None),
            workers=workers,
            web=web,
            worker_grace_s=settings.worker_grace_s,
        )


class Stack:
    """A stack that runs while it is entered: `with Stack(options) as stack: … stack.web_url …`.

    A thread of its own watches the parts and starts dead ones again on the same ports with the same data.
    """

    def __init__(self, options: StackOptions, echo: Echo | None = None) -> None:
        self.options = options
        self.data_dir = options.data_dir.resolve()
        self.servers: list[EmbeddedServer] = []
        self.processes: list[SupervisedProcess] = []
        self.database_url = options.database_url or ""
        self.redis_url = options.redis_url or ""
        self.openai_base_url = options.openai_base_url
        self.openai_api_key = options.openai_api_key
        self.web_url: str | None = None
        self.failure: str | None = None
        self.started = False
        self._echo = echo or (lambda _name, _line: None)
        self._lock = FolderLock(self.data_dir)
        self._ending = threading.Event()
        self._hurried = threading.Event()
        self._saved: StackState | None = None
        self._watcher: threading.Thread | None = None

    def start(self) -> Self:
        """Start everything in order; raise `AlreadyRunning`, or stop what was started and say what failed."""
        try:
            self._lock.acquire()
        except FolderInUse as error:
            raise AlreadyRunning(self.data_dir, find_running(self.data_dir)) from error
        except OSError as error:
            raise OSError(f"DATA_DIR: {self.data_dir} cannot be used: {error.strerror or error}") from error
        try:
            self._end_leftovers()
            (self.data_dir / "logs").mkdir(exist_ok=True)
            self._start_servers()
            self._save_state()
            self._release()
            self._start_processes()
            self._await_web()
            self._save_state()
            self._watcher = threading.Thread(target=self._watch, name="stack-watcher", daemon=True)
            self._watcher.start()
            self.started = True
        except BaseException:
            self.stop()
            raise
        return self

    def wait(self) -> bool:
        """Wait until asked to end, or until a part keeps failing: then False, and `failure` says which."""
        while not self._ending.wait(1.0):
            pass
        return self.failure is None

    def request_stop(self) -> None:
        """Make `wait` return; asked twice, stopping takes no more pauses. Safe in a signal handler."""
        if self._ending.is_set():
            self._hurried.set()
        self._ending.set()

    def stop(self) -> None:
        """Stop web, workers, model, Valkey and Postgres, in this order."""
        self._ending.set()
        if self._watcher is not None:
            self._watcher.join()
        web = [process for process in self.processes if process.name == "web"]
        workers = [process for process in self.processes if process.name != "web"]
        for group in (web, workers):
            for process in group:
                process.ask_to_stop()
            for process in group:
                process.stop(self._hurried.is_set)
                self._echo("up", f"{process.name} has ended")
        for server in reversed(self.servers):
            server.stop()
            self._echo("up", f"{server.name} has ended")
        remove_state(self.data_dir)
        self._lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def parts(self) -> list[str]:
        """What runs, in the order in which it is stopped."""
        web = [process.name for process in self.processes if process.name == "web"]
        workers = [process.name for process in self.processes if process.name != "web"]
        return [*web, *workers, *(server.name for server in reversed(self.servers))]

    @property
    def env(self) -> dict[str, str]:
        """The environment in which web, worker and release run."""
        env = dict(os.environ) | {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "OPENAI_BASE_URL": self.openai_base_url or "",
            "OPENAI_API_KEY": self.openai_api_key or "",
            "DATA_DIR": str(self.data_dir),
            "PYTHONUNBUFFERED": "1",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        }
        if self.web_url is not None:
            env["PORT"] = str(urlsplit(self.web_url).port)
            env["PUBLIC_URL"] = self.options.public_url or self.web_url
        return env | self.options.extra_env

    def _end_leftovers(self) -> None:
        """End what a killed stack left; on Linux it is ending by itself and has only to be waited for."""
        state = load_state(self.data_dir)
        for name, process in reversed(state.processes.items() if state is not None else ()):
            if name != Postgres.name:  # which knows how to end its own, and what SIGKILL would cost
                end_leftover(process.pid, process.identity, [(signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)])

    def _start_servers(self) -> None:
        ports = PortBook(self.data_dir)

        def start(kind: type[EmbeddedServer]) -> EmbeddedServer:
            server = kind(
                self.data_dir / kind.name,
                port=ports.choose(kind.name),
                log=self.data_dir / "logs" / f"{kind.name}.log",
            )
            self.servers.append(server)
            self._echo("up", f"starting {kind.name} on {LOOPBACK}:{server.port}")
            return server.start()

        if not self.database_url:
            self.database_url = start(Postgres).url
        if not self.redis_url:
            self.redis_url = start(Valkey).url
        if not self.openai_base_url and not self.openai_api_key:
            self.openai_base_url, self.openai_api_key = start(OfflineModel).url, API_KEY
        if self.options.web:
            asked = self.options.port or USUAL_PORTS["web"]
            port = ports.choose("web", self.options.port)
            if port != asked:
                self._echo("up", f"port {asked} is taken: web listens on {port}")
            self.web_url = f"http://localhost:{port}"

    def _release(self) -> None:
        release = self._make_process("release", read_procfile(self.options.root)["release"])
        release.start()
        try:
            code = release.wait(RELEASE_TIMEOUT_S)
        finally:
            release.stop()
        if code != 0:
            raise StackNotStarted(f"Migrations failed with exit code {code}; see {release.log}.")

    def _start_processes(self) -> None:
        commands = read_procfile(self.options.root)
        if self.options.web:
            self.processes.append(self._make_process("web", commands["web"], WEB_GRACE_S))
        for number in range(1, self.options.workers + 1):
            name = "worker" if self.options.workers == 1 else f"worker.{number}"
            # A worker drains for its own grace time first, then gives its leases back.
            self.processes.append(self._make_process(name, commands["worker"], self.options.worker_grace_s + 5.0))
        for process in self.processes:
            process.start()

    def _make_process(self, name: str, command: str, grace_s: float = 10.0) -> SupervisedProcess:
        log = self.data_dir / "logs" / f"{name}.log"
        return SupervisedProcess(name, command, self.env, log, self._echo, cwd=self.options.root, grace_s=grace_s)

    def _await_web(self) -> None:
        deadline = time.monotonic() + WEB_TIMEOUT_S
        port = urlsplit(self.web_url or "").port
        while port is not None and not accepts(port):
            self._check_parts({})
            if self.failure is not None:
                raise StackNotStarted(self.failure)
            if time.monotonic() > deadline:
                raise StackNotStarted(f"web gave no answer on port {port} within {WEB_TIMEOUT_S:.0f} s.")
            time.sleep(POLL_S)

    def _watch(self) -> None:
        """Start dead parts again; once one keeps dying, note the failure and ask everything to end."""
        crashes: dict[str, list[float]] = {}
        while not self._ending.wait(POLL_S):
            self._check_parts(crashes)
            if self.failure is not None:
                self._ending.set()
            else:
                self._save_state()

    def _check_parts(self, crashes: dict[str, list[float]]) -> None:
        for process in self.processes:
            if not process.check():
                self.failure = f"{process.name} keeps ending; see {process.log}."
        for server in self.servers:
            if server.pid is None:
                self._revive(server, crashes.setdefault(server.name, []))

    def _revive(self, server: EmbeddedServer, crashes: list[float]) -> None:
        self._echo("up", f"{server.name} has ended; starting it again")
        crashes.append(time.monotonic())
        recent = [moment for moment in crashes if moment > crashes[-1] - CRASH_WINDOW_S]
        try:
            if len(recent) > MAX_SERVER_CRASHES:
                raise StackNotStarted(f"{server.name} keeps ending; see {server.log}.")
            server.restart()
        except (RuntimeError, OSError) as error:
            self.failure = str(error)

    def _save_state(self) -> None:
        pids = {server.name: server.pid for server in self.servers}
        pids |= {process.name: process.process.pid for process in self.processes if process.process is not None}
        known = {name: RunningProcess.of(pid) for name, pid in pids.items() if pid is not None}
        owner = RunningProcess.of(os.getpid())
        assert owner is not None
        state = StackState(
            owner=owner,
            processes={name: process for name, process in known.items() if process is not None},
            data_dir=self.data_dir,
            web_url=self.web_url,
            database_url=self.database_url,
            redis_url=self.redis_url,
            openai_base_url=self.openai_base_url,
            openai_api_key=self.openai_api_key,
        )
        if state != self._saved:
            state.save()
            self._saved = state


def without_password(url: str) -> str:
    """Return an address fit for showing."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user = parts.username or ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))
