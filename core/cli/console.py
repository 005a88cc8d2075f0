"""What the commands print: lines of several processes side by side, and short tables of addresses."""

import contextlib
import os
import sys
import threading
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

console = Console(highlight=False, soft_wrap=True)
_COLOURS = {"web": "36", "worker": "33", "release": "35", "up": "32"}
_lock = threading.Lock()


def print_line(name: str, line: str) -> None:
    """Print one line of one process behind its name; goes quiet when nobody reads any more."""
    label = f"{name:<9}|"
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        label = f"\x1b[{_COLOURS.get(name.partition('.')[0], '34')}m{label}\x1b[0m"
    with _lock, contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{label} {line}\n")
        sys.stdout.flush()


def print_addresses(rows: Iterable[tuple[str, str]]) -> None:
    """Print a table of names and addresses."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, address in rows:
        table.add_row(name, address)
    with _lock, contextlib.suppress(OSError, ValueError):
        console.print()
        console.print(table)
        console.print()
