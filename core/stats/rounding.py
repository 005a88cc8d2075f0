"""Numbers as text: a half is rounded away from zero, as readers do, and not to the even neighbour."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext


def rounded(value: float, decimals: int = 0) -> float:
    """Return a finite number rounded to so many decimals; a half goes away from zero (6.25 → 6.3, −0.5 → −1)."""
    with localcontext() as context:
        context.prec = 400  # enough for the largest float
        return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def fixed(value: float, decimals: int = 0, sign: str = "") -> str:
    """Write a finite number with so many decimals; `sign` is a format's sign and grouping, such as "+" or ","."""
    text = f"{rounded(value, decimals):{sign}.{decimals}f}"
    return (
        text.replace("-", "", 1) if text.startswith("-") and not any(digit in text for digit in "123456789") else text
    )


def percentage(share: float, decimals: int = 0) -> str:
    """Write a share (0–1) in per cent."""
    return f"{fixed(float(Decimal(repr(float(share))) * 100), decimals)}%"
