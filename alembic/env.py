"""Runs migrations over asyncpg, one at a time, waiting for locks no longer than a bounded time."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import pkgutil

from alembic import context
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import core
from core.db.base import metadata
from core.db.session import DIALECT, connect_arguments
from core.settings import SettingsInvalid, get_settings

MIGRATION_LOCK = 7_246_110_953


def load_models() -> None:
    """Import every module that defines tables."""
    for package in pkgutil.iter_modules(core.__path__):
        name = f"core.{package.name}.models"
        if package.ispkg and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


def run(connection: Connection) -> None:
    """Migrate over an open connection."""
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        # Two releases that start at once migrate one after the other.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


async def online() -> None:
    """Connect and migrate."""
    engine = create_async_engine(DIALECT, poolclass=NullPool, connect_args=connect_arguments(get_settings()))
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


load_models()
if context.is_offline_mode():
    raise SystemExit("migrations need a database: set DATABASE_URL")
try:
    asyncio.run(online())
except SettingsInvalid as error:
    raise SystemExit(f"settings: {error}") from None
