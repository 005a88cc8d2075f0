"""Run the offline model as a server of its own on 127.0.0.1."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, ClassVar

from core.embedded.ports import LOOPBACK
from core.embedded.processes import PROJECT_ROOT
from core.embedded.server import EmbeddedServer

API_KEY = "offline"


class OfflineModel(EmbeddedServer):
    """The offline model's server; `url` is what OPENAI_BASE_URL takes. It keeps nothing but its log."""

    name: ClassVar[str] = "model"

    @property
    def origin(self) -> str:
        """The address under which `/stats` and `/config` are."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """The base address of the OpenAI protocol."""
        return f"{self.origin}/v1"

    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "core.embedded.offline_model",
            "--host",
            LOOPBACK,
            "--port",
            str(self.port),
        ]
        return self._spawn(command, log, env=dict(os.environ), cwd=PROJECT_ROOT)

    def _is_ready(self) -> bool:
        import httpx

        try:
            return httpx.get(f"{self.origin}/stats", timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def running_offline_model(folder: Path, *, port: int | None = None, log: Path | None = None) -> Iterator[OfflineModel]:
    """Run the offline model while the block runs, its log in `folder`; `port=None` takes a free one."""
    with OfflineModel(folder, port=port, log=log) as server:
        yield server
