"""Asks the external co-pilot from a job: its answer is a step, and without one the built-in co-pilot does the work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from core.llm.contract import Call
from core.omi.external import ExternalFailed, ExternalOmi, external
from core.settings import get_settings
from worker.context import JobContext

Out = TypeVar("Out", bound=BaseModel)


def outside() -> ExternalOmi | None:
    """Return the external co-pilot of the settings, None where there is none."""
    return external(get_settings())


async def ask_outside(
    ctx: JobContext,
    body: Mapping[str, Any],
    shape: type[Out],
    ask: Callable[[ExternalOmi, Mapping[str, Any]], Awaitable[Out]],
) -> tuple[Out | None, str | None]:
    """Return its answer, asked once for this job; where it gives none, a notice that says why."""
    service = outside()
    if service is None:
        return None, None

    async def call() -> tuple[dict[str, Any], Sequence[Call]]:
        return (await ask(service, body)).model_dump(mode="json"), ()

    try:
        return shape.model_validate(await ctx.step("external", body, call)), None
    except ExternalFailed as error:
        return None, f"{error.detail} The built-in co-pilot has validated instead."
