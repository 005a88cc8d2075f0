"""Run a real Postgres on 127.0.0.1 with its data under our folder, as root or as an ordinary user."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, ClassVar

from core.embedded.ports import LOOPBACK
from core.embedded.postgres_binaries import PostgresBinaries, find_binaries, is_reachable, usable_by
from core.embedded.private_files import write_private
from core.embedded.processes import ask, end_leftover, identify, in_thread, spawn, tail
from core.embedded.server import EmbeddedServer, ServerNotStarted

DATABASE = "synthetic_people"
SUPERUSER = "postgres"
NOBODY_UID = 65_534
OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket's path may not exceed 107 characters, and TCP serves as well
    "max_connections": "200",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_error_verbosity": "terse",  # details would put values, so personal data, into the log
    "log_min_error_statement": "panic",
}
FAST_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
HOST_RULES = f"""\
# Written by synthetic-people: only from this machine, only with the password.
host all all {LOOPBACK}/32 scram-sha-256
"""


class Postgres(EmbeddedServer):
    """A Postgres server; `folder` holds its `data` and its `password`. `durable=False` is for tests only."""

    name: ClassVar[str] = "postgres"
    death_signal: ClassVar[signal.Signals] = signal.SIGINT  # to Postgres: disconnect everyone and shut down
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = (
        (signal.SIGINT, 20.0),
        (signal.SIGQUIT, 5.0),
    )

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None, durable: bool = True) -> None:
        super().__init__(folder, port=port, log=log)
        self.durable = durable
        self.data = self.folder / "data"

    @property
    def url(self) -> str:
        """The address of the product's database, as the superuser."""
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        password = (self.folder / "password").read_text().strip()
        return f"postgresql://{SUPERUSER}:{password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def _uid(self) -> int:
        """The user to step down to, for Postgres refuses to run as root; -1 for none."""
        if os.geteuid() != 0:
            return -1
        owner = self.data.stat().st_uid if self.data.exists() else 0
        return owner or NOBODY_UID

    @property
    def _binaries(self) -> PostgresBinaries:
        version = self.data / "PG_VERSION"
        found = find_binaries(int(version.read_text()) if version.exists() else None)
        return found if self._uid < 0 else usable_by(found, self._uid)

    def _prepare(self) -> None:
        self.folder.chmod(0o711)
        self._end_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        elif os.geteuid() not in {0, owner := self.data.stat().st_uid}:
            raise ServerNotStarted(f"{self.data} belongs to user {owner}; run as that user or as root.")

    def _initialise(self) -> None:
        """Create the cluster beside its place and move it there when it is whole."""
        if self.data.exists():
            raise ServerNotStarted(f"{self.data} exists but is no Postgres cluster; move it away.")
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._uid >= 0:
            os.chown(fresh, self._uid, self._uid)
        password = self._make_password()
        binaries = self._binaries
        command = [
            f"{binaries.folder}/initdb", "-D", self._seen_as(fresh), "-U", SUPERUSER, "--auth=scram-sha-256",
            "--pwfile=/dev/stdin", "--encoding=UTF8", "--locale=C", "--no-instructions",
        ]  # fmt: skip
        if binaries.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            command.append("--no-sync")
        with tempfile.TemporaryFile() as stdin, self._open_log() as log:
            stdin.write(password.encode() + b"\n")
            stdin.seek(0)
            if self._uid >= 0:
                os.fchown(stdin.fileno(), self._uid, self._uid)
            code = spawn(command, output=log, env=_environment(), cwd=fresh, uid=self._uid, stdin=stdin).wait(
                timeout=120
            )
        if code != 0:
            raise ServerNotStarted(f"initdb failed. The end of {self.log}:\n{tail(self.log)}")
        (fresh / "pg_hba.conf").write_text(HOST_RULES)
        fresh.rename(self.data)

    def _make_password(self) -> str:
        password = secrets.token_urlsafe(24)
        write_private(self.folder / "password", password + "\n")
        return password

    def _seen_as(self, data: Path) -> str:
        """Name the data folder in a way the server's user can follow.

        Below a folder that is closed to that user, no path leads to the data. The server is started *in* its
        data folder, never leaves it, and `/proc/self/cwd` leads there whatever lies above.
        """
        return str(data) if self._uid < 0 or is_reachable(data, self._uid) else "/proc/self/cwd"

    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        options = OPTIONS | {"port": str(self.port)} | ({} if self.durable else FAST_OPTIONS)
        command = [f"{self._binaries.folder}/postgres", "-D", self._seen_as(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return self._spawn(command, log, env=_environment(), cwd=self.data, uid=self._uid)

    def _is_ready(self) -> bool:
        return in_thread(lambda: asyncio.run(self._ensure_database()))

    async def _ensure_database(self) -> bool:
        import asyncpg

        try:
            connection = await asyncpg.connect(self._url("postgres"), timeout=5, ssl=False)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidPasswordError as error:
            await asyncio.sleep(0.5)
            if self.pid is None:  # ours could not have the port: its log says so
                return False
            raise ServerNotStarted(f"Postgres does not take the password in {self.folder}.") from error
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()
        return True

    def _may_try_again(self, log_tail: str) -> bool:
        """After a crash, old backends hold the shared memory for a moment longer than the server lives."""
        return "pre-existing shared memory block" in log_tail.rpartition("starting PostgreSQL")[2]

    def _end_leftover(self) -> None:
        """Stop a server that a killed owner left in our folder; we hold its lock, so nobody uses it.

        If the id in the pid file is by now another program's, the file goes: Postgres would refuse to start.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        identity = identify(pid)
        if identity is None:
            return
        if not self._is_our_server(pid):
            pid_file.unlink(missing_ok=True)
            return
        end_leftover(pid, identity, [*self.stop_signals, (signal.SIGKILL, 5.0)])

    def _is_our_server(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").samefile(self.data)
        except OSError:
            return str(self.data) in (ask(["ps", "-o", "command=", "-p", str(pid)]) or "")


def _environment() -> dict[str, str]:
    """Our environment without what would redirect or translate Postgres."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


@contextmanager
def running_postgres(
    folder: Path, *, port: int | None = None, log: Path | None = None, durable: bool = True
) -> Iterator[Postgres]:
    """Run Postgres with its data in `folder` while the block runs; `port=None` takes a free one."""
    with Postgres(folder, port=port, log=log, durable=durable) as server:
        yield server
