"""Cursor pages: opaque cursors over (created_at, id) or over a number."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from core.errors import FieldError, Invalid

Item = TypeVar("Item")
LARGEST_NUMBER: Final = 2**31 - 1
Limit = Annotated[int, Query(ge=1, le=200)]


class Page(BaseModel, Generic[Item]):
    """Some items of a list, and the cursor of the next ones (null at the end)."""

    items: Sequence[Item]
    next_cursor: str | None


def encode_cursor(created_at: datetime, id_: UUID) -> str:
    """Return the cursor of the items after this one."""
    return _encode(f"{created_at.isoformat()} {id_}")


def decode_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return what a cursor points at; raises Invalid naming `cursor`."""
    if cursor is None:
        return None
    try:
        moment, _, id_ = _decode(cursor).partition(" ")
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None:
            raise _bad_cursor()
        return created_at.astimezone(UTC), UUID(id_)
    except (ValueError, OverflowError):
        raise _bad_cursor() from None


def encode_number(number: int) -> str:
    """Return the cursor of the items after this number."""
    return _encode(str(number))


def decode_number(cursor: str | None, *, default: int) -> int:
    """Return the number a cursor points at; raises Invalid naming `cursor`."""
    if cursor is None:
        return default
    try:
        number = int(_decode(cursor))
    except ValueError:
        raise _bad_cursor() from None
    if not 0 <= number <= LARGEST_NUMBER:
        raise _bad_cursor()
    return number


def page(found: Sequence[Any], limit: int, items: Sequence[Item]) -> Page[Item]:
    """Return a page of `limit` items, given up to one more row with created_at and id."""
    more = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page(items=items[:limit], next_cursor=more)


def _encode(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeError):
        raise _bad_cursor() from None


def _bad_cursor() -> Invalid:
    return Invalid([FieldError(("query", "cursor"), "is not a cursor of this list")])
