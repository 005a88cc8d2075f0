"""Inside a bounded process: take the limits, do the work, say in one line why it failed.

Exit status: 0 done, 2 the input is refused, 3 out of memory, 4 the work failed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

REFUSED, OUT_OF_MEMORY, FAILED = 2, 3, 4
MOST_OPEN_FILES: Final = 64
_PR_SET_PDEATHSIG: Final = 1
_SHUT: Final = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.startfile",
    "ctypes.",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
)
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Refused(Exception):
    """The input is none that this process works on; the message says why."""


class NotAllowed(RuntimeError):
    """Code in here tried to reach the outside."""


def serve(work: Callable[[bytes], bytes], *, shut: bool = False) -> int:
    """Run `work` on what stands on stdin, write what it returns to stdout, and return the exit status.

    `shut` closes the process off: no connection, no other process, nothing written to a file.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-mb", type=int, default=1024)
    parser.add_argument("--cpu-s", type=int, default=60)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what a library has to say of a file is for nobody to read
    confine(arguments.memory_mb, arguments.cpu_s)
    if shut:
        shut_off()
    try:
        made = work(sys.stdin.buffer.read())
    except Refused as error:
        return _fail(REFUSED, str(error))
    except MemoryError:
        return _fail(OUT_OF_MEMORY, "out of memory")
    except RecursionError:
        return _fail(FAILED, "the content is nested too deeply")
    except Exception as error:  # noqa: BLE001 -- the edge of the process: whatever it is becomes a status and a line
        return _fail(FAILED, f"{type(error).__name__}: {error}")
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
    return 0


def confine(memory_mb: int, cpu_s: int) -> None:
    """Limit this process's memory and CPU time, and have it end with the process that started it."""
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the CPU limit ends an orphan
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    memory = memory_mb * 1024 * 1024
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit; the caller's time limit still holds
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shut_off() -> None:
    """Refuse, for good, whatever would leave this process: sockets, other processes, written files."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN_FILES, MOST_OPEN_FILES))
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        mode, flags = args[1], args[2]
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & _WRITES):
            raise NotAllowed("writes a file")
    elif event.startswith(_SHUT):
        raise NotAllowed(event)


def _fail(status: int, reason: str) -> int:
    sys.stderr.write(" ".join(reason.split())[:500].encode("ascii", "backslashreplace").decode() + "\n")
    return status
