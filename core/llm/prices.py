"""Prices of models (`MODEL_PRICES`) and what a call costs; an unknown price is None, never zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from core.settings import SettingsInvalid

_MILLION = Decimal(1_000_000)
_QUANTUM = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input_per_million: Decimal
    output_per_million: Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model name."""

    by_model: Mapping[str, Price] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Mapping[str, Any]] | None) -> Prices:
        """Read `{"model": {"input_per_million": 0.25, "output_per_million": 2}}`.

        Raises SettingsInvalid naming MODEL_PRICES and the model. An embedding model needs no output price.
        """
        return cls({model: _price(model, entry) for model, entry in (raw or {}).items()})

    def cost(self, input_tokens: int, output_tokens: int, *models: str) -> Decimal | None:
        """Return the cost in dollars by the first of `models` with a price (name answered, name asked)."""
        for model in models:
            price = self.by_model.get(model)
            if price is not None:
                dollars = price.input_per_million * input_tokens + price.output_per_million * output_tokens
                return (dollars / _MILLION).quantize(_QUANTUM)
        return None


def _price(model: str, entry: Mapping[str, Any]) -> Price:
    unknown = set(entry) - {"input_per_million", "output_per_million"}
    if unknown or "input_per_million" not in entry:
        raise SettingsInvalid(f"MODEL_PRICES: {model} needs input_per_million and output_per_million only")
    return Price(_dollars(model, entry["input_per_million"]), _dollars(model, entry.get("output_per_million", 0)))


def _dollars(model: str, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise SettingsInvalid(f"MODEL_PRICES: {model} has a price that is no number") from None
    if not amount.is_finite() or amount < 0:
        raise SettingsInvalid(f"MODEL_PRICES: {model} has a price below zero or not finite")
    return amount
