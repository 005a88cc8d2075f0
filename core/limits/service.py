"""Operations on limits: choose the model, set budgets, set money aside for a run, settle it, ask for prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal
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
    model = await chat_model(session, workspace_id)
    for name, usd in changes.items():
        if usd is not None:
            require_prices(EVERY_MODEL, ("body", "budgets", name), model=model)
    if changes:
        await repository.set_limits(session, workspace_id, changes)


@dataclass(frozen=True, slots=True)
class Asking:
    """How a workspace's jobs ask: by which model, how many calls at once; None is what the settings say."""

    model: str | None = None
    concurrency: int | None = None


async def read_asking(session: AsyncSession, workspace_id: UUID) -> Asking:
    """Return how a workspace's jobs ask."""
    found = await repository.find_setting(session, workspace_id)
    return Asking(found.model, found.concurrency) if found is not None else Asking()


async def chat_model(session: AsyncSession, workspace_id: UUID | None) -> str | None:
    """Return the model a workspace has chosen, None for that of the settings."""
    return (await read_asking(session, workspace_id)).model if workspace_id is not None else None


async def update_asking(session: AsyncSession, workspace_id: UUID, changes: Mapping[str, Any]) -> None:
    """Change `model` or `concurrency`, those that are named; jobs submitted from now on have the model.

    Raises Invalid for a model that is not on MODEL_ALLOWLIST, or has no price where there is a budget.
    """
    if (model := changes.get("model")) is not None:
        if model not in (choice := models_to_choose()):
            raise Invalid([FieldError(("body", "model"), f"must be one of {', '.join(choice)}")])
        if await repository.has_budget(session, workspace_id):
            require_prices(["chat"], ("body", "model"), model=model)
    if changes:
        await repository.set_setting(session, workspace_id, changes)


def models_to_choose(settings: Settings | None = None) -> list[str]:
    """Return the models a workspace may choose: that of the settings first, then those of MODEL_ALLOWLIST."""
    settings = settings or get_settings()
    return list(dict.fromkeys([settings.chat_model, *settings.model_allowlist]))


def require_prices(
    asked: Iterable[ModelKind], loc: tuple[str, ...], settings: Settings | None = None, *, model: str | None = None
) -> None:
    """Refuse a budget for models whose price is unknown; raises Invalid naming the place and the models.

    `model` is the one that answers questions, if not that of the settings.
    """
    settings = settings or get_settings()
    names = {"chat": model or settings.chat_model, "embedding": settings.embedding_model}
    unpriced = [names[one] for one in asked if names[one] not in settings.model_prices]
    if unpriced:
        models = " and of ".join(dict.fromkeys(unpriced))
        raise Invalid([FieldError(loc, f"cannot be kept: MODEL_PRICES has no price of {models}")])
