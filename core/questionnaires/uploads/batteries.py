"""Matrices, rankings and best-worst questions in running text: their rows, ranks and sets. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

_ROWS: Final = re.compile(r"(?i)^rows\s*:\s*(\S.*)$")
_CODED: Final = re.compile(r"^(\S.*?) \(([A-Za-z0-9_.\-]{1,64})\)(?::\s*_*)?$")
_SETS: Final = re.compile(r"(?i)\bin each of (\d{1,3}) sets of (\d{1,2})\b")
_TOP: Final = re.compile(r"(?i)^number (?:your|the) first (\d{1,3})\b")


def rows_in(text: str) -> list[dict[str, Any]] | None:
    """Return the rows that a line such as "Rows: Acme; Bestway" lists, None for any other line."""
    found = _ROWS.match(text)
    if found is None:
        return None
    return [{"label": one.strip()} for one in found[1].split(";") if one.strip()]


def coded(text: str) -> dict[str, Any] | None:
    """Return label and code of words such as "Acme (1)", None for any others."""
    found = _CODED.match(text.strip())
    return {"code": found[2], "label": found[1].strip()} if found else None


def points_in(parts: list[str]) -> list[dict[str, Any]] | None:
    """Return the points of a scale that the parts of a table's first row are; a label may hold what parts them."""
    made: list[dict[str, Any]] = []
    open_ = ""
    for part in parts:
        whole = f"{open_} / {part}" if open_ else part
        if (one := coded(whole)) is None:
            open_ = whole
            continue
        made.append(one)
        open_ = ""
    return made if made and not open_ else None


def told_of(hint: str) -> dict[str, Any]:
    """Return the members of a question that an instruction tells: `sets` of a max_diff, `rank_top` of a ranking."""
    if found := _SETS.search(hint):
        return {"sets": {"count": int(found[1]), "size": int(found[2])}}
    return {"rank_top": int(found[1])} if (found := _TOP.match(hint)) else {}
