"""Which names an expression of display logic reads; pure. What they mean is in `logic.py`."""

from __future__ import annotations

import ast
from functools import lru_cache


@lru_cache(maxsize=4096)
def names_in(expression: str) -> frozenset[str]:
    """Return the keys that an expression reads; none of a text that is no expression."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, Warning, ValueError, RecursionError, MemoryError):
        return frozenset()
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called)
