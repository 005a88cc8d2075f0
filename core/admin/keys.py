"""Rotation of ENCRYPTION_KEYS: all that is sealed in the database is sealed anew with the first key."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Table, func, select, tuple_, update

import core
from core.admin.accounts import BY_HAND
from core.audit import service as audit
from core.crypto import service as crypto
from core.crypto.columns import MARK
from core.crypto.service import NotOpened
from core.db import session as db
from core.db.base import metadata
from core.settings import Settings

BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many values were sealed anew, and how many no key opens."""

    resealed: int = 0
    unopened: int = 0

    def __add__(self, other: Rotated) -> Rotated:
        return Rotated(self.resealed + other.resealed, self.unopened + other.unopened)


async def rotate(settings: Settings) -> Rotated:
    """Seal with the first key what others sealed; a few rows at a time, so it may be broken off and begun again.

    What is sealed with the first key already is left as it is. What no key opens is left, too, and counted.
    """
    done = Rotated()
    for column in sealed_columns():
        after: Sequence[Any] | None = None
        while True:
            after, part = await _rotate_some(settings, column, after)
            done += part
            if after is None:
                break
    async with db.scope(db.SYSTEM) as session:
        told = {"resealed": done.resealed, "unopened": done.unopened}
        await audit.record(session, "keys.rotated", actor_type=BY_HAND.type, actor_id=BY_HAND.id, data=told)
    return done


def sealed_columns() -> list[Column[Any]]:
    """Return all columns of the product that hold sealed bytes."""
    for package in pkgutil.iter_modules(core.__path__):
        name = f"core.{package.name}.models"
        if package.ispkg and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
    return [column for table in metadata.sorted_tables for column in table.columns if column.info.get(MARK)]


async def _rotate_some(
    settings: Settings, column: Column[Any], after: Sequence[Any] | None
) -> tuple[Sequence[Any] | None, Rotated]:
    """Seal a batch of rows anew, those behind `after`; return the last one's key, None when there are no more."""
    assert isinstance(column.table, Table)
    table, keys = column.table, list(column.table.primary_key.columns)
    current = crypto.prefix(settings)
    others = select(*keys, column).where(column.is_not(None), func.substring(column, 1, len(current)) != current)
    if after is not None:
        others = others.where(tuple_(*keys) > tuple(after))
    done = Rotated()
    async with db.scope(db.SYSTEM) as session:
        rows = (await session.execute(others.order_by(*keys).limit(BATCH).with_for_update())).all()
        for row in rows:
            try:
                sealed = crypto.encrypt(settings, crypto.decrypt(settings, bytes(row[-1])))
            except NotOpened:
                done += Rotated(unopened=1)
                continue
            at = [key == value for key, value in zip(keys, row[:-1], strict=True)]
            await session.execute(update(table).where(*at).values({column.name: sealed}))
            done += Rotated(resealed=1)
    return (rows[-1][:-1] if len(rows) == BATCH else None), done
