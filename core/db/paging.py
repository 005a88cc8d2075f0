"""Pages of a list, newest first, by (created_at, id)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])
Before = tuple[datetime, UUID] | None


def newest_first(query: Query, table: Any, *, limit: int, before: Before) -> Query:
    """Return `query` ordered by the table's created_at and id, from behind `before`, at most `limit` rows."""
    if before is not None:
        query = query.where(tuple_(table.created_at, table.id) < before)
    return query.order_by(table.created_at.desc(), table.id.desc()).limit(limit)
