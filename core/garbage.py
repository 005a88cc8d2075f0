"""What the collector of cycles costs a process that has all its modules loaded."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 20_000
"""Objects made, less those freed, between two looks at the young ones; with Python's 700, every few requests."""


def settle_in() -> None:
    """Leave what is loaded by now out of all later collections, and look for cycles less often.

    Called once, when a process is about to do its work: modules, classes and routes live as long as it does, and going
    through them again and again was 5 to 8 % of the CPU of a submit.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
