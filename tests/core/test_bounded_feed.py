"""A bounded process that is fed a piece at a time."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator

import pytest

from core.bounded import running
from core.bounded.running import Bounds, ProcessFailed, ProcessTimeout
from core.surveys.filing.making import MODULE, ROOT


async def fed(pieces: AsyncIterator[bytes], timeout_s: float = 30) -> None:
    with tempfile.TemporaryFile() as target:
        await running.feed(MODULE, pieces, target, Bounds(timeout_s, 512, 1000), root=ROOT, environment={})


async def test_what_it_refuses_it_says_though_more_is_to_come() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"{}\n"
        for _ in range(1000):
            yield b"x" * 65_536

    with pytest.raises(ProcessFailed, match="format: Field required") as caught:
        await fed(pieces())
    assert caught.value.status == 2


async def test_an_error_of_the_pieces_ends_it_and_is_raised() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b""
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await fed(pieces())


async def test_it_does_not_wait_longer_than_it_may() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b" "

    with pytest.raises(ProcessTimeout):
        await fed(pieces(), 0.2)
