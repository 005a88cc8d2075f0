"""The worker process with a clock that is wrong by CHAOS_SKEW_S seconds, from before its first import on."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from unittest.mock import patch

from core import clock

SKEW_S = float(os.environ["CHAOS_SKEW_S"])
_time, _time_ns, _now = time.time, time.time_ns, clock.now


def skewed_now() -> datetime:
    """Return what this worker takes for the present moment."""
    return _now() + timedelta(seconds=SKEW_S)


if __name__ == "__main__":
    patch.object(time, "time", lambda: _time() + SKEW_S).start()
    patch.object(time, "time_ns", lambda: _time_ns() + int(SKEW_S * 1e9)).start()
    patch.object(clock, "now", skewed_now).start()

    from worker.__main__ import main

    raise SystemExit(main([]))
