"""Clients that wait for jobs over plain sockets: hundreds of them cost this process next to nothing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

LIMIT: Final = 1 << 20


@dataclass
class Waiting:
    """One client: a long poll, or a stream. `woken_at` is when what it waited for arrived."""

    host: str
    port: int
    token: str
    path: str
    stream: bool
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    woken_at: float = 0.0
    status: str = ""

    async def run(self) -> None:
        """Ask, and wait for the job's end."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=LIMIT)
        try:
            head = f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n\r\n"
            writer.write(head.encode())
            await writer.drain()
            if self.stream:
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
                self.ready.set()
                await reader.readuntil(b"event: done")
                await reader.readuntil(b"\r\n\r\n")
            else:
                self.ready.set()
                answered = await reader.readuntil(b"\r\n\r\n")
                assert answered.startswith(b"HTTP/1.1 200"), answered
                self.status = (await reader.readuntil(b'"done":')).decode()
            self.woken_at = time.perf_counter()
        finally:
            writer.close()
