"""The worker process with one kind more: a job that does nothing, to see what everything around it costs."""

from __future__ import annotations

import time

from core.jobs.contract import JobArgs, JobContract
from worker import registry
from worker.__main__ import main
from worker.context import JobContext
from worker.registry import Done


class NoopArgs(JobArgs):
    """Nothing."""


NOOP: JobContract[NoopArgs] = JobContract(
    kind="test.noop", args=NoopArgs, pool="batch", subject="test", result=("began_s",)
)


async def noop(context: JobContext, args: NoopArgs) -> Done:
    """Tell when it began, on the clock that all processes of a machine share."""
    return Done({"began_s": time.monotonic()})


if __name__ == "__main__":
    registry.body(NOOP)(noop)
    raise SystemExit(main([]))
