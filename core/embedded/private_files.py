"""Files that nobody else may read: passwords, addresses with passwords, logs."""

import os
from pathlib import Path
from typing import IO


def append_private(path: Path) -> IO[bytes]:
    """Open a file of ours for appending, closed to others if it is new."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0)


def write_private(path: Path, text: str) -> None:
    """Replace a file of ours as a whole; readers see the old text or the new one."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
