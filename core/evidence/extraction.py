"""Extract passages from a file, in a process of its own that is bounded in time, memory and output."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from core.bounded import running
from core.bounded.inside import OUT_OF_MEMORY
from core.bounded.running import Bounds, ProcessFailed, ProcessTimeout, TooMuchOutput
from core.evidence.files import FileKind
from core.evidence.passages import Piece, Position

ROOT: Final = Path(__file__).resolve().parents[2]
MODULE: Final = "core.evidence.extract"
BOUNDS: Final = Bounds(timeout_s=180.0, cpu_s=90, memory_mb=512, max_bytes=48 * 1024 * 1024)
AT_ONCE: Final = 2
"""Files extracted at the same time by one worker: each may need a processor and half a gigabyte."""
_places: Final = asyncio.Semaphore(AT_ONCE)


class NotExtracted(Exception):
    """A file cannot be extracted, now or ever; `code` is stable, `reason` a sentence for its owner."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class ExtractionHeldUp(Exception):
    """The process was ended by the machine or did not get a turn; another try may work."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file gave: its passages, how much was redacted of which kind, what could not be read, and by what."""

    pieces: Sequence[Piece]
    redactions: Mapping[str, int]
    left_out: Sequence[str]
    extractor: str


class _Failed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str
    reason: str


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    passages: list[tuple[str, Position]] = []
    redactions: dict[str, int] = {}
    left_out: list[str] = []
    extractor: str = ""
    failed: _Failed | None = None


async def extract(kind: FileKind, data: bytes, *, redact: bool, bounds: Bounds = BOUNDS) -> Extracted:
    """Return what a file gives; the process never outlives the call.

    Raises NotExtracted where no other try will help, ExtractionHeldUp where one may.
    """
    request = json.dumps({"kind": kind, "redact": redact}).encode() + b"\n" + data
    async with _places:
        try:
            made = await running.run(MODULE, request, bounds, root=ROOT, environment={})
        except ProcessFailed as error:
            raise _meaning(error, bounds) from None
        except TooMuchOutput:
            raise NotExtracted("file_too_large", "It has more text than is kept of one file.") from None
        except ProcessTimeout:
            raise ExtractionHeldUp(f"The file was not read within {bounds.timeout_s:g} s.") from None
    return await asyncio.to_thread(_read, made)


def _read(made: bytes) -> Extracted:
    try:
        reply = _Reply.model_validate_json(made)
    except ValidationError:
        raise NotExtracted("file_broken", "Reading it failed.") from None
    if reply.failed is not None:
        raise NotExtracted(reply.failed.code, reply.failed.reason)
    pieces = [Piece(text, position) for text, position in reply.passages]
    return Extracted(pieces, reply.redactions, reply.left_out, reply.extractor)


def _meaning(error: ProcessFailed, bounds: Bounds) -> NotExtracted | ExtractionHeldUp:
    """Say what the end of a process means; its own word may hold something of the file and is not repeated."""
    if error.status == OUT_OF_MEMORY:
        return NotExtracted("file_too_large", f"Reading it takes more than {bounds.memory_mb} MB of memory.")
    if error.status == -signal.SIGXCPU:
        return NotExtracted("file_too_slow", f"Reading it takes more than {bounds.cpu_s} s.")
    if error.status < 0:
        return ExtractionHeldUp("Reading the file was ended by the machine.")
    return NotExtracted("file_broken", "Reading it failed: it is broken, or not what its name says.")
