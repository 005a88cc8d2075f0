"""Operations on limits: set and show budgets, set money aside for a run, settle what was spent, ask for prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db.session import Opened
from core.errors import FieldError, Invalid
from core.limits import repository
from core.limits.repository import Holder, Settled
from core.limits.reserving import Budget, Grant, grant
from core.limits.schemas import BudgetsRead, BudgetsUpdate, Spending
from core.settings import Settings, get_settings

ModelKind = Literal["chat", "embedding"]
EVERY_MODEL: Final[tuple[ModelKind, ...]] = ("chat", "embedding")


async def reserve(session: AsyncSession, holder: Holder, *, offered: Decimal, need: Decimal) -> Grant | None:
    """Set money aside for a run in place of what it offers; None where its job is no longer its own.

    What is spent and set aside together never exceeds a budget by this. Runs of a workspace come one after the other
    here: each sees what those before it have set aside.
    """
    await repository.lock(session, holder.workspace_id)
    found = await repository.find_state(session, holder)
    if found is None or not found.mine:
        return None
    budgets = (
        Budget("job", found.max_cost_usd, found.spent_by_job, found.held_by_job)
        if found.max_cost_usd is not None
        else None,
        Budget("day", found.daily_usd, found.spent_today, found.held_by_all) if found.daily_usd is not None else None,
        Budget("month", found.monthly_usd, found.spent_in_month, found.held_by_all)
        if found.monthly_usd is not None
        else None,
    )
    granted = grant([budget for budget in budgets if budget is not None], offered, need)
    if granted.usd != offered:
        await repository.change_hold(session, holder, granted.usd - offered)
    if found.monthly_usd is not None and found.days_are_over:
        await repository.keep_days(session, holder.workspace_id)
    return granted


async def settle(session: Opened, settled: Sequence[Settled]) -> None:
    """Take from the holds of runs what their calls cost, in the transaction that writes the ledger."""
    await repository.settle(session, settled)


async def read_budgets(session: AsyncSession, workspace_id: UUID) -> BudgetsRead:
    """Return a workspace's budgets and what of them is spent and reserved."""
    row = await repository.get_spending(session, workspace_id)
    return BudgetsRead(
        daily_usd=row.daily_usd,
        monthly_usd=row.monthly_usd,
        today=Spending(
            since=row.today,
            until=row.tomorrow,
            spent_usd=row.on_day,
            reserved_usd=row.held,
            unknown_calls=row.unknown_on_day,
        ),
        month=Spending(
            since=row.month,
            until=row.next_month,
            spent_usd=row.in_month,
            reserved_usd=row.held,
            unknown_calls=row.unknown_in_month,
        ),
    )


async def update_budgets(session: AsyncSession, workspace_id: UUID, body: BudgetsUpdate) -> None:
    """Change the budgets that are named; raises Invalid where a model that may be asked has no price."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    for name, usd in changes.items():
        if usd is not None:
            require_prices(EVERY_MODEL, ("body", "budgets", name))
    if changes:
        await repository.set_limits(session, workspace_id, changes)


def require_prices(asked: Iterable[ModelKind], loc: tuple[str, ...], settings: Settings | None = None) -> None:
    """Refuse a budget for models whose price is unknown; raises Invalid naming the place and the models."""
    settings = settings or get_settings()
    names = {"chat": settings.chat_model, "embedding": settings.embedding_model}
    unpriced = [names[one] for one in asked if names[one] not in settings.model_prices]
    if unpriced:
        models = " and of ".join(dict.fromkeys(unpriced))
        raise Invalid([FieldError(loc, f"cannot be kept: MODEL_PRICES has no price of {models}")])
