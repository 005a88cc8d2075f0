"""The application: middleware, error handlers and routers put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware

from api import errors
from api.middleware import BodyLimit, RequestContext
from api.routes import (
    auth,
    explorations,
    jobs,
    personas,
    population,
    questionnaires,
    reports,
    service,
    simulations,
    workspaces,
)
from api.watching import JobWatcher
from core.auth import service as users
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.jobs.queue import close_queue
from core.orgs import service as orgs
from core.settings import Settings, get_settings

log = structlog.get_logger(__name__)
EXPOSED_HEADERS: Final = (
    "Location",
    "Retry-After",
    "ETag",
    "Content-Disposition",
    "Idempotent-Replayed",
    "X-Request-ID",
)
DESCRIPTION: Final = """Studies of people who do not exist. Submitting work answers `202` with a Job; follow it at
`/jobs/{id}` (long poll with `?wait=`), as a stream at `/jobs/{id}/events`. Errors are problem documents (RFC 9457)."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application for these settings (by default the process's own)."""
    settings = settings or get_settings()
    app = FastAPI(title="Synthetic People", version="0.1.0", description=DESCRIPTION, lifespan=_lifespan)
    app.state.settings = settings
    app.state.watcher = JobWatcher(settings)
    errors.install(app)
    app.add_exception_handler(RequestValidationError, errors.on_invalid_request)
    for module in (
        service,
        auth,
        workspaces,
        explorations,
        personas,
        population,
        questionnaires,
        simulations,
        reports,
        jobs,
    ):
        app.include_router(module.router)
    app.add_middleware(BodyLimit)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=list(EXPOSED_HEADERS),
        )
    app.add_middleware(RequestContext)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await _ensure_superadmin(app.state.settings)
    await app.state.watcher.start()
    try:
        yield
    finally:
        await app.state.watcher.stop()
        await close_queue()
        await db.dispose()


async def _ensure_superadmin(settings: Settings) -> None:
    """Create or repair the superadmin; a database that is away is no reason not to start."""
    try:
        async with db.scope(db.SYSTEM) as session:
            await orgs.ensure_personal(session, await users.ensure_superadmin(session, settings))
    except DatabaseUnavailable:
        log.warning("superadmin_not_checked", reason="database unavailable")
