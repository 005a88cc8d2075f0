"""Whom a request for figures is about: its filters, segments and weighting, in the query."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from core.db.text import ShortText
from core.surveys.selecting import MOST_FILTERS, Selection


def _selection(
    filter_: Annotated[
        list[ShortText],
        Query(
            alias="filter",
            max_length=MOST_FILTERS,
            description="`<variable>=<value>`, such as `a:age=18-29` or `q:diet=2` (an option's code); all must hold.",
        ),
    ] = [],  # noqa: B006 - FastAPI's way to say that there may be none
    segment: Annotated[
        list[UUID],
        Query(max_length=MOST_FILTERS, description="Saved segments; respondents must be in all of them."),
    ] = [],  # noqa: B006
    weighting: Annotated[UUID | None, Query(description="A saved weighting of this simulation.")] = None,
) -> Selection:
    return Selection(tuple(filter_), tuple(segment), weighting)


Selecting = Annotated[Selection, Depends(_selection)]
