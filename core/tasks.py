"""Background tasks of a process, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_S: Final = 1.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until all have ended, whatever they end with.

    A task is cancelled anew as long as it goes on: a library that raises an error of its own while it is being
    cancelled (a connection that cannot be closed in time) has the loop around it try again, as if nobody had asked.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=AGAIN_S)
