"""Columns that hold sealed bytes; the rotation of keys finds them by their mark."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

MARK: Final = "sealed"


def sealed_field(*, nullable: bool = False) -> Any:
    """Return a column of bytes that `service.encrypt` made."""
    return Field(default=None, sa_column=Column(LargeBinary, nullable=nullable, info={MARK: True}))
