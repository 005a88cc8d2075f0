"""What the embedded servers share: start until ready, stop in order, restart on the same port and data."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self

from core.embedded.ports import find_free_port
from core.embedded.private_files import append_private
from core.embedded.processes import FolderLock, spawn, tail, terminate

START_TIMEOUT_S = 60.0
POLL_S = 0.02
LOG_LIMIT_BYTES = 10_000_000


class ServerNotStarted(RuntimeError):
    """An embedded server ended early or did not become ready; the message shows the end of its log."""


class EmbeddedServer(ABC):
    """One server process with its folder, port and log. Not safe for use by several threads at once."""

    name: ClassVar[str]
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = ((signal.SIGTERM, 10.0),)

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port or find_free_port()
        self.log = log or self.folder / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = FolderLock(self.folder)

    @property
    @abstractmethod
    def url(self) -> str:
        """The address clients use, with its credentials."""

    @property
    def pid(self) -> int | None:
        """The server's process id, or None while it does not run."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None

    def start(self) -> Self:
        """Start the server and return when it answers; raise `ServerNotStarted` or `FolderInUse`."""
        if self.pid is not None:
            return self
        self._lock.acquire()
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()
            self._launch_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server in order, harshly if it does not listen; harmless when it does not run."""
        if self.process is not None:
            terminate(self.process, self.stop_signals)
            self.process = None
        self._lock.release()

    def restart(self) -> Self:
        """Stop and start on the same port with the same data."""
        self.stop()
        return self.start()

    def kill(self) -> None:
        """End the server by SIGKILL, as a crash would; `start()` brings it back on the same port and data."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        self._lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> None:  # noqa: B027 - a server may need nothing
        """Lay out what the server needs on disk; called under the folder's lock."""

    @abstractmethod
    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the process with its output going to `log`."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Ask the server a real question; False while it cannot answer."""

    def _may_try_again(self, log_tail: str) -> bool:  # noqa: ARG002 - for subclasses
        """Tell from the log of a server that ended early whether waiting a little can help."""
        return False

    def _launch_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        with self._open_log() as log:
            self.process = self._launch(log)
            while not self._is_ready() or self.pid is None:
                if self.process.poll() is not None:
                    if not self._may_try_again(tail(self.log)) or time.monotonic() > deadline:
                        raise ServerNotStarted(f"{self.name} ended early. The end of {self.log}:\n{tail(self.log)}")
                    time.sleep(0.2)
                    self.process = self._launch(log)
                if time.monotonic() > deadline:
                    raise ServerNotStarted(
                        f"{self.name} gave no answer on port {self.port} within {START_TIMEOUT_S:.0f} s. "
                        f"The end of {self.log}:\n{tail(self.log)}"
                    )
                time.sleep(POLL_S)

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return append_private(self.log)

    def _spawn(
        self,
        command: list[str],
        log: IO[bytes],
        *,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        uid: int = -1,
    ) -> subprocess.Popen[bytes]:
        return spawn(command, output=log, env=env, cwd=cwd or self.folder, uid=uid, death_signal=self.death_signal)
