"""What all tables share: names of constraints, time-ordered ids, timestamps, JSON columns."""

from __future__ import annotations

import os
import time
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, Table, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlmodel import Field, SQLModel

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

SQLModel.metadata.naming_convention = NAMING_CONVENTION
metadata: MetaData = SQLModel.metadata


def uuid7() -> UUID:
    """Return a new time-ordered UUID (RFC 9562, version 7): new rows land at the end of an index."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def table_of(model: type[SQLModel]) -> Table:
    """Return a model's table, for statements that need no objects."""
    return metadata.tables[str(model.__tablename__)]


def id_field() -> Any:
    """Return the primary key column of a table: a time-ordered UUID."""
    return Field(default_factory=uuid7, primary_key=True)


def workspace_field(*, nullable: bool = False, index: bool = True) -> Any:
    """Return the column that row-level security reads; a deleted workspace takes its rows with it.

    A row without a workspace belongs to the service itself and only the system scope sees it.
    """
    return Field(
        default=None,
        sa_column=Column(
            PG_UUID(as_uuid=True), ForeignKey("workspace.id", ondelete="CASCADE"), nullable=nullable, index=index
        ),
    )


def created_at_field() -> Any:
    """Return a column holding the database's time at insert."""
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        nullable=False,
        sa_column_kwargs={"server_default": func.now()},
    )


def time_field(*, index: bool = False) -> Any:
    """Return a nullable column holding a moment in UTC."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=True, index=index)


def json_field(*, nullable: bool = False, server_default: str | None = None) -> Any:
    """Return a JSONB column."""
    return Field(
        default=None,
        sa_type=JSONB,
        nullable=nullable,
        sa_column_kwargs={"server_default": server_default} if server_default else {},
    )
