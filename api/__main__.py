"""Entry point of the web process: `python -m api`."""

from __future__ import annotations

import asyncio
import os
import sys

import uvicorn

from api.app import create_app
from core import garbage
from core.logs import configure_logging
from core.redis.connection import require_entry
from core.settings import SettingsInvalid, get_settings, require


def main() -> int:
    """Serve; a wrong setting ends it with one line."""
    try:
        settings = get_settings()
        require(settings.database_url, "DATABASE_URL")
        asyncio.run(require_entry(require(settings.redis_url, "REDIS_URL")))
    except SettingsInvalid as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    production = settings.environment == "production"
    configure_logging(settings.log_level, as_json=production)
    app = create_app(settings)
    garbage.settle_in()
    uvicorn.run(
        app,
        host=os.environ.get("HOST") or ("0.0.0.0" if production else "127.0.0.1"),  # noqa: S104 - behind a proxy
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # who asks is told by api.origin, from TRUSTED_PROXIES alone
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
