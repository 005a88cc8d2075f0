"""How much money a run of a job may set aside; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal

Which = Literal["job", "day", "month"]
NOTHING: Final = Decimal(0)
_QUANTUM: Final = Decimal("1e-10")  # as the ledger
# A run takes a part of what is free, so that others find some too, and never more than so many calls may cost.
SHARE: Final = 16
CALLS_AHEAD: Final = 64


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, what of it is spent, and what is set aside by runs under way (all of them)."""

    which: Which
    limit: Decimal
    spent: Decimal
    held: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        """What calls may still cost when all that is set aside comes back."""
        return self.limit - self.spent


@dataclass(frozen=True, slots=True)
class Grant:
    """What a run may use from now on, in place of what it offered; or the budget that cannot pay for its next call."""

    usd: Decimal
    exhausted: Budget | None = None


def grant(budgets: Sequence[Budget], offered: Decimal, need: Decimal) -> Grant:
    """Decide what a run gets that offers what it has set aside for no call yet and needs `need` for its next one.

    `offered` is part of `held`. Nothing is granted where others have set aside too much for now. A run always gives
    back what it offers first: two that wait for each other's rest would wait for ever.
    """
    unable = [budget for budget in budgets if budget.left < need]
    if unable:
        return Grant(NOTHING, min(unable, key=lambda budget: budget.left))
    ahead = need * CALLS_AHEAD
    if not budgets:
        return Grant(ahead)
    free = min(budget.left - budget.held for budget in budgets) + offered
    if free < need:
        return Grant(NOTHING)
    return Grant(max(need, min(ahead, (free / SHARE).quantize(_QUANTUM, ROUND_DOWN))))
