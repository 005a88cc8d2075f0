"""Inside a bounded process: take the limits, do the work, say in one line why it failed.

Exit status: 0 done, 2 the input is refused, 3 out of memory, 4 the work failed, 5 the file is larger than allowed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import IO, Any, Final

REFUSED, OUT_OF_MEMORY, FAILED, TOO_LARGE = 2, 3, 4, 5
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
    arguments = _arguments()
    confine(arguments.memory_mb, arguments.cpu_s)
    if shut:
        shut_off()
    return _attempt(lambda: sys.stdout.buffer.write(work(sys.stdin.buffer.read())))


def serve_stream(work: Callable[[IO[bytes], IO[bytes]], None]) -> int:
    """Run `work` on stdin, as it comes, and on a file as stdout, which can be sought in; return the exit status.

    No file that it writes may become larger than what `--max-bytes` allows.
    """
    arguments = _arguments()
    confine(arguments.memory_mb, arguments.cpu_s)
    resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.max_bytes, arguments.max_bytes))
    return _attempt(lambda: work(sys.stdin.buffer, sys.stdout.buffer))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-mb", type=int, default=1024)
    parser.add_argument("--cpu-s", type=int, default=60)
    parser.add_argument("--max-bytes", type=int, default=32 * 1024 * 1024)
    logging.disable(logging.CRITICAL)  # what a library has to say of a file is for nobody to read
    return parser.parse_args()


def _attempt(work: Callable[[], object]) -> int:
    try:
        work()
        sys.stdout.buffer.flush()
    except Refused as error:
        return _fail(REFUSED, str(error))
    except MemoryError:
        return _fail(OUT_OF_MEMORY, "out of memory")
    except RecursionError:
        return _fail(FAILED, "the content is nested too deeply")
    except Exception as error:  # noqa: BLE001 -- the edge of the process: whatever it is becomes a status and a line
        large = isinstance(error, OSError) and error.errno == errno.EFBIG
        return _fail(TOO_LARGE if large else FAILED, f"{type(error).__name__}: {error}")
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
