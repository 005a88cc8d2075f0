"""Server-sent events (WHATWG HTML, 9.2), as far as the job stream uses them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from core.client.models import JobEvent


def read_events(lines: Iterable[str]) -> Iterator[JobEvent]:
    """Turn the lines of an event stream into events; comments and what breaks off in the middle are passed over."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        if "data" in fields and "id" in fields:
            data = json.loads("\n".join(fields["data"]))
            yield JobEvent(id=int(fields["id"][-1]), event=fields.get("event", ["message"])[-1], data=data)
        fields = {}
