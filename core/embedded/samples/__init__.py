"""Research material that ships with the product: briefs and real survey cells.

It owns no table and may import no other package.
"""

import csv
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_CELL_ATTRIBUTES = ("gender", "age", "race", "education")
_CELL_QUESTION = "economy_retro"


def _load(name: str) -> Any:
    return json.loads((_HERE / name).read_text(encoding="utf-8"))


def briefs() -> list[dict[str, Any]]:
    """Return all research briefs."""
    loaded: list[dict[str, Any]] = _load("briefs.json")
    return loaded


def brief(slug: str) -> dict[str, Any]:
    """Return the brief of that name; raises KeyError."""
    for candidate in briefs():
        if candidate["slug"] == slug:
            return candidate
    raise KeyError(slug)


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    with (_HERE / "ces2024" / "cells.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def ces_rows() -> list[dict[str, Any]]:
    """Return the benchmark: a row per cell, question and option, with `share` (0-1) and `n` (people)."""
    return [{**row, "share": float(row["share"]), "n": int(row["n"])} for row in _rows()]


def ces_cells() -> list[dict[str, Any]]:
    """Return the joint distribution of the adults surveyed: `{values, n, share}` per cell, shares sum to 1.

    A cell's n is that of one question, the view of the economy.
    """
    counts: dict[tuple[str, ...], int] = {}
    for row in _rows():
        if row["question"] == _CELL_QUESTION:
            counts[tuple(row[name] for name in _CELL_ATTRIBUTES)] = int(row["n"])
    total = sum(counts.values())
    return [
        {"values": dict(zip(_CELL_ATTRIBUTES, cell, strict=True)), "n": n, "share": n / total}
        for cell, n in counts.items()
    ]


def ces_questionnaire() -> dict[str, Any]:
    """Return the three questions of the study, worded for this product."""
    loaded: dict[str, Any] = _load("ces2024/questionnaire.json")
    return loaded
