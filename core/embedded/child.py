"""Become another program that dies with its parent.

Run as a script (`python -I -S child.py PARENT_PID DEATH_SIGNAL UID COMMAND…`) instead of a `preexec_fn`,
which is unsafe in a process with threads. It imports nothing of the product, so it starts in milliseconds.
UID -1 keeps the caller's; otherwise root steps down to UID *before* asking for the death signal, because a
change of user clears it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Step down, tie this process to its parent, and replace it by the command."""
    parent_pid, death_signal, uid = (int(value) for value in argv[1:4])
    command = argv[4:]
    # Loaded now: Python's own folder may be closed to the user we become.
    libc = ctypes.CDLL(None)
    if uid >= 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent_pid:
            sys.exit("The parent ended before its child had started.")
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv)
