"""The state file: what an `up` in a data folder runs and where, for whoever comes second."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ValidationError

from core.embedded.private_files import write_private
from core.embedded.processes import identify

FILE_NAME = "state.json"


class RunningProcess(BaseModel):
    """A process by its id and by what tells it from a later one with that id."""

    pid: int
    identity: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Describe a living process; None when it is gone."""
        identity = identify(pid)
        return None if identity is None else cls(pid=pid, identity=identity)

    @property
    def is_alive(self) -> bool:
        """Tell whether this very process still lives."""
        return identify(self.pid) == self.identity


class StackState(BaseModel):
    """What one running stack consists of. Addresses hold their passwords: the file is for its owner only."""

    owner: RunningProcess
    processes: dict[str, RunningProcess]
    data_dir: Path
    web_url: str | None
    database_url: str
    redis_url: str
    openai_base_url: str | None
    openai_api_key: str | None

    def save(self) -> None:
        """Write the state into its data folder."""
        write_private(self.data_dir / FILE_NAME, self.model_dump_json(indent=2) + "\n")


def load_state(data_dir: Path) -> StackState | None:
    """Return the state last written, of a stack that may be gone by now; None if there is none to be read."""
    try:
        return StackState.model_validate_json((data_dir / FILE_NAME).read_text())
    except (OSError, ValidationError):
        return None


def find_running(data_dir: Path) -> StackState | None:
    """Return the state of the stack that runs in `data_dir` now, or None."""
    state = load_state(data_dir.resolve())
    return state if state is not None and state.owner.is_alive else None


def remove_state(data_dir: Path) -> None:
    """Remove our own state file."""
    state = load_state(data_dir)
    if state is not None and state.owner.pid == os.getpid():
        (data_dir / FILE_NAME).unlink(missing_ok=True)
