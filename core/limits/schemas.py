"""Shapes of limits over HTTP."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from core.db.numbers import number_only

Dollars = Annotated[Decimal, BeforeValidator(number_only), Field(ge=0, le=1_000_000)]
Shown = Annotated[Decimal, PlainSerializer(float, return_type=float)]


class BudgetsUpdate(BaseModel):
    """Budgets to change, in US dollars; null lifts one, what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    daily_usd: Dollars | None = Field(default=None, description="most to spend in a day (UTC)")
    monthly_usd: Dollars | None = Field(default=None, description="most to spend in a calendar month (UTC)")


NO_BUDGETS: Final = BudgetsUpdate(daily_usd=None, monthly_usd=None)
"""Lifts what there is."""


class Spending(BaseModel):
    """What a workspace's model calls cost between two moments, and what calls to come have reserved now.

    A call whose tokens nobody told counts the most it can have cost. `unknown_calls` are those whose cost is not known;
    without a price in `MODEL_PRICES` they count nothing.
    """

    since: datetime
    until: datetime
    spent_usd: Shown
    reserved_usd: Shown
    unknown_calls: int


class BudgetsRead(BaseModel):
    """A workspace's budgets in US dollars, null where there is none, and its spending. Days and months are UTC's."""

    daily_usd: Shown | None
    monthly_usd: Shown | None
    today: Spending
    month: Spending
