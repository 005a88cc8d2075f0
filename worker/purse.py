"""The money of one run of a job: drawn from its budgets in blocks, held for each try, settled with its commit.

What was drawn is a row in Postgres that counts while the run has its claim (`core.limits`). That row's amount is always
what is `left` here, what tries under way hold, and what those cost whose commit is to come.
"""

from __future__ import annotations

import asyncio
import functools
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.jobs.errors import LostClaim
from core.jobs.records import Claim
from core.limits import service as limits
from core.limits.repository import Holder
from core.limits.reserving import NOTHING, Budget, Grant
from core.llm.errors import BudgetExhausted, BudgetReserved, ModelError, PriceUnknown

# What takes longer to come back from calls under way is waited for without a place (a snooze).
LONGEST_WAIT_S: Final = 5.0
SNOOZE_S: Final = 1.0
LOOK_AGAIN_S: Final = (0.1, 0.4)
RETRY_S: Final = 0.25
NAMES: Final = {
    "job": "The job's budget (max_cost_usd)",
    "day": "The workspace's budget for the day (UTC)",
    "month": "The workspace's budget for the month (UTC)",
}


@dataclass(slots=True)
class RunPurse:
    """Pays for the tries of one run; those that find it empty stand in line, and the first one draws."""

    claim: Claim
    left: Decimal = NOTHING
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _short_since: float | None = None
    _refusal: Callable[[], ModelError] | None = None

    async def take(self, most: Decimal | None, model: str) -> None:
        """Take the most a try can cost. Waits while calls under way hold what is left of a budget.

        Raises BudgetExhausted, BudgetReserved after a few seconds, PriceUnknown, LostClaim. A run that was refused
        once is refused from then on: it ends, and its next run draws anew.
        """
        if most is None:
            raise PriceUnknown(f"There is a budget, and MODEL_PRICES has no price of {model} to keep it by.")
        if not most:
            return
        if self._line.locked() or self._refusal is not None or most > self.left:
            async with self._line:
                await self._until_affordable(most)
        self.left -= most

    def give_back(self, usd: Decimal) -> None:
        """Put back what a try did not cost."""
        self.left += usd
        self._news.set()

    async def _until_affordable(self, most: Decimal) -> None:
        while self._refusal is not None or most > self.left:
            if self._refusal is not None:
                raise self._refusal()
            self._news.clear()
            drawn = await self._draw(most)
            if drawn.exhausted is not None:
                self._refusal = functools.partial(exhausted, drawn.exhausted, most)
            elif most > self.left:
                await self._wait()
        self._short_since = None

    async def _draw(self, need: Decimal) -> Grant:
        """Give back what is left and get a block instead; a database that is away is waited for."""
        claim = self.claim
        assert claim.workspace_id is not None, "only jobs of a workspace have budgets"
        holder = Holder(claim.workspace_id, claim.job_id, claim.epoch, claim.root_id)
        while True:
            # Whatever becomes of the transaction, what it may have given back is not spent here.
            offered, self.left = self.left, NOTHING
            try:
                async with db.scope([claim.workspace_id]) as session:
                    granted = await limits.reserve(session, holder, offered=offered, need=need)
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_S)
                continue
            if granted is None:
                raise LostClaim
            self.left += granted.usd
            return granted

    async def _wait(self) -> None:
        """Wait for money that comes back here, or a moment for what comes back elsewhere."""
        now = time.monotonic()
        self._short_since = self._short_since or now
        if now - self._short_since > LONGEST_WAIT_S:
            self._refusal = functools.partial(BudgetReserved, retry_after_s=SNOOZE_S * random.uniform(0.5, 1.5))
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(random.uniform(*LOOK_AGAIN_S)):
                await self._news.wait()


def exhausted(budget: Budget, need: Decimal) -> BudgetExhausted:
    """Return the error of a call that a budget cannot pay for, in words and in numbers."""
    detail = (
        f"{NAMES[budget.which]} is used up: {_dollars(budget.spent)} of {_dollars(budget.limit)} USD are spent,"
        f" and the next call may cost up to {_dollars(need)} USD."
    )
    numbers = {
        "which": budget.which,
        "limit_usd": float(budget.limit),
        "spent_usd": float(budget.spent),
        "next_call_usd": float(need),
    }
    return BudgetExhausted(detail, budget=numbers)


def _dollars(usd: Decimal) -> str:
    return f"{usd.normalize():f}"
