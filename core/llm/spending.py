"""Who pays for calls: under a budget the most that a try can cost is taken from a purse before it is made.

The purse is set for all calls made inside `paid_by`, whoever makes them, so that none goes past it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol

# What a template adds to a request, and to each text of it.
_PER_REQUEST: Final = 256
_PER_TEXT: Final = 16


class Purse(Protocol):
    """The money of one run of a job."""

    async def take(self, most: Decimal | None, model: str) -> None:
        """Take the most that a try can cost, None where nobody knows; waits, or raises SpendingRefused."""
        ...

    def give_back(self, usd: Decimal) -> None:
        """Put back what was taken and not spent; less than nothing where a try cost more than it could."""
        ...


@dataclass(slots=True)
class Hold:
    """What was taken for one try, and what of it counts as spent."""

    most: Decimal
    charged: Decimal = Decimal(0)

    def sent(self) -> None:
        """Count it all as spent: from now on the try may be billed, whatever comes of it."""
        self.charged = self.most


_purse: ContextVar[Purse | None] = ContextVar("purse", default=None)


@contextmanager
def paid_by(purse: Purse | None) -> Iterator[None]:
    """Let a purse pay for all calls made inside; None is no budget."""
    token = _purse.set(purse)
    try:
        yield
    finally:
        _purse.reset(token)


def present_purse() -> Purse | None:
    """Return who pays for the calls made here."""
    return _purse.get()


@asynccontextmanager
async def held(purse: Purse, most: Decimal | None, model: str) -> AsyncIterator[Hold]:
    """Hold money for one try; what it does not cost goes back."""
    await purse.take(most, model)
    hold = Hold(most or Decimal(0))
    try:
        yield hold
    finally:
        purse.give_back(hold.most - hold.charged)


def most_input_tokens(texts: Sequence[Any], schema: Mapping[str, Any] | None) -> int:
    """Return the most tokens a request can count as: no tokenizer makes more of a text than it has bytes.

    `texts` are texts or chat messages; the schema of the reply is counted as well.
    """
    contents = [one["content"] if isinstance(one, dict) else one for one in texts]
    size = sum(len(content.encode("utf-8", "replace")) for content in contents)
    if schema is not None:
        size += len(json.dumps(schema, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    return size + _PER_REQUEST + _PER_TEXT * len(contents)
