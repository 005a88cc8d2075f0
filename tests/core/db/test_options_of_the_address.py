"""What DATABASE_URL says behind its question mark holds for the engine as for bare connections."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.db.session import create_engine
from core.settings import Settings


@pytest.mark.parametrize("statement_cache", [True, False])
async def test_the_engine_takes_the_options_that_hosts_write(
    settings: Settings, database: str, statement_cache: bool
) -> None:
    options = "sslmode=prefer&application_name=told"
    url = f"{database}{'&' if '?' in database else '?'}{options}"
    engine = create_engine(
        settings.model_copy(update={"database_url": url, "database_statement_cache": statement_cache})
    )
    try:
        async with engine.connect() as opened:
            assert (await opened.execute(text("SHOW application_name"))).scalar_one() == "told"
    finally:
        await engine.dispose()
