"""Prices of models (`MODEL_PRICES`) and what a call costs; an unknown price is None, never zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.settings import Price

_MILLION = Decimal(1_000_000)
_QUANTUM = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model name."""

    by_model: Mapping[str, Price] = field(default_factory=dict)

    def cost(self, input_tokens: int, output_tokens: int, *models: str) -> Decimal | None:
        """Return the cost in dollars by the first of `models` with a price (name answered, name asked)."""
        for model in models:
            price = self.by_model.get(model)
            if price is not None:
                dollars = price.input_per_million * input_tokens + price.output_per_million * output_tokens
                return (dollars / _MILLION).quantize(_QUANTUM)
        return None
