"""Render content in a process of its own, bounded in time, memory and output."""

from __future__ import annotations

import json
from pathlib import Path

from core.bounded import running
from core.bounded.running import Bounds, ProcessFailed, ProcessTimeout, TooMuchOutput
from core.reports.content import ReportContent
from core.reports.errors import RenderFailed, RenderTimeout

ROOT = Path(__file__).resolve().parents[2]
MODULE = "core.reports.render"


async def render(
    content: ReportContent,
    format: str,  # noqa: A002 -- the API's own word
    *,
    timeout_s: float = 60.0,
    memory_mb: int = 1024,
    max_bytes: int = 32 * 1024 * 1024,
) -> bytes:
    """Return `content` as a file in `format` ("pdf").

    Raises RenderTimeout after `timeout_s`, RenderFailed when the process fails, needs more than `memory_mb`
    or writes more than `max_bytes`. The process never outlives the call, be it timed out or cancelled.
    """
    document = json.dumps({"format": format, "content": content.model_dump(mode="json")}).encode()
    # The time that the document says it was made.
    environment = {"SOURCE_DATE_EPOCH": str(int(content.made_at.timestamp()))}
    try:
        bounds = Bounds(timeout_s, memory_mb, max_bytes)
        data = await running.run(MODULE, document, bounds, root=ROOT, environment=environment)
    except ProcessTimeout:
        raise RenderTimeout(f"The report was not rendered within {timeout_s:g} s.") from None
    except TooMuchOutput:
        raise RenderFailed(f"The renderer wrote more than {max_bytes:,} bytes.") from None
    except ProcessFailed as error:
        raise RenderFailed(f"The renderer {error}") from None
    if not data:
        raise RenderFailed("The renderer wrote nothing.")
    return data
