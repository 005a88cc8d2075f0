"""The application: middleware, error handlers and routers put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline

from api import errors, openapi
from api.entrance import Entrance
from api.limiting import KnownKeys, RateLimit
from api.middleware import BodyLimit, LastResort, RequestContext
from api.origin import TrustedProxies
from api.routes import (
    accounts,
    admin,
    admin_jobs,
    anchor_sets,
    api_keys,
    audit,
    auth,
    evidence,
    explorations,
    exports,
    invitations,
    jobs,
    members,
    objective_files,
    objectives,
    omi,
    organizations,
    persona_checks,
    persona_panel,
    persona_profiles,
    persona_transfer,
    personas,
    population,
    questionnaire_files,
    questionnaire_questions,
    questionnaire_revisions,
    questionnaire_sections,
    questionnaires,
    reports,
    segments,
    service,
    simulation_estimates,
    simulation_methods,
    simulation_runs,
    simulation_tables,
    simulation_themes,
    simulations,
    tickets,
    webhooks,
    weightings,
    workspaces,
)
from api.watching import JobWatcher
from core import tasks
from core.auth import service as users
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.jobs.queue import close_queue
from core.orgs import service as orgs
from core.rates.guard import Guard
from core.rates.meter import Meter
from core.settings import Settings, get_settings
from core.webhooks.guard import Guard as Receivers

log = structlog.get_logger(__name__)
EXPOSED_HEADERS: Final = (
    "Location",
    "Retry-After",
    "ETag",
    "Content-Disposition",
    "Idempotent-Replayed",
    "X-Request-ID",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
)
RETRY_SUPERADMIN_S: Final = 5.0
ROUTERS: Final = tuple(
    module.router
    for module in (
        service,
        auth,
        accounts,
        organizations,
        workspaces,
        members,
        invitations,
        exports,
        api_keys,
        webhooks,
        explorations,
        objectives,
        objective_files,
        persona_checks,  # these three before personas: their paths are no ids
        persona_transfer,
        persona_panel,
        persona_profiles,
        evidence,
        personas,
        population,
        anchor_sets,
        questionnaire_files,
        questionnaire_revisions,
        questionnaire_sections,
        questionnaire_questions,
        questionnaires,
        simulation_estimates,
        simulation_methods,
        simulation_runs,
        simulation_tables,
        simulation_themes,
        segments,
        weightings,
        simulations,
        reports,
        omi,
        jobs,
        audit,
        admin,
        admin_jobs,
        tickets,
    )
)
DESCRIPTION: Final = """Studies of people who do not exist.

Submitting work answers `202` with a Job; follow it at `/jobs/{id}` (long poll with `?wait=`), as a stream at
`/jobs/{id}/events`. Errors are problem documents (RFC 9457); their codes are below.

## A first study

`docs/first-study.md` in the repository has these calls as they stand, with the types of questions and the methods.

1. `POST /auth/login`: a token, for `Authorization: Bearer …`. On this page: the Authorize button.
2. `POST /workspaces`, then `POST /workspaces/{ws}/explorations` with title, description and country of the brief. All
   that follows is under the exploration.
3. `POST …/personas/auto-generate` (a job), or `POST …/personas` by hand.
4. `POST …/population/plan`: how many respondents, modelled on whom.
5. `POST …/questionnaires`: all sections and questions in one body.
6. `POST …/simulations` with `questionnaire_id` and `plan_id` (a job).
7. `GET …/simulations/{id}/results` and `…/export`.
8. `POST …/reports` (a job), then `GET …/reports/{id}/files/pdf`."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application for these settings (by default the process's own)."""
    settings = settings or get_settings()
    # The docs page serves its own scripts: it works where no content network can be reached.
    app = FastAPIOffline(
        redoc_url=None, title="Synthetic People", version="0.1.0", description=DESCRIPTION, lifespan=_lifespan
    )
    app.state.settings = settings
    app.state.watcher = JobWatcher(settings)
    app.state.entrance = Entrance(settings)
    app.state.guard = Guard(settings)
    app.state.meter = Meter(settings)
    app.state.receivers = Receivers(private=settings.webhook_allow_private)
    app.state.known_keys = KnownKeys()
    errors.install(app, ROUTERS)
    for router in ROUTERS:
        app.include_router(router)
    openapi.complete(app, ROUTERS)
    # The last one added is the outermost.
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit)
    if settings.rate_limit_enabled:
        app.add_middleware(RateLimit, settings, app.state.meter, app.state.known_keys)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=list(EXPOSED_HEADERS),
        )
    production = settings.environment == "production"
    app.add_middleware(RequestContext, TrustedProxies(settings.trusted_proxies), https_only=production)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    keeper = None
    if not await _ensure_superadmin(app.state.settings):
        keeper = asyncio.create_task(_keep_trying(app.state.settings))
    await app.state.watcher.start()
    await app.state.meter.start()
    try:
        yield
    finally:
        if keeper is not None:
            await tasks.end([keeper])
        await app.state.watcher.stop()
        await app.state.meter.stop()
        await app.state.guard.aclose()
        await app.state.receivers.aclose()
        await close_queue()
        await db.dispose()


async def _ensure_superadmin(settings: Settings) -> bool:
    """Create or repair the superadmin; False while the database is away or not migrated yet."""
    try:
        async with db.scope(db.SYSTEM) as session:
            await orgs.ensure_personal(session, await users.ensure_superadmin(session, settings))
    except (DatabaseUnavailable, *db.STATEMENT_ERRORS) as error:
        log.warning("superadmin_not_checked", reason=type(error).__name__)
        return False
    return True


async def _keep_trying(settings: Settings) -> None:
    while True:
        await asyncio.sleep(RETRY_SUPERADMIN_S)
        if await _ensure_superadmin(settings):
            return


def __getattr__(name: str) -> Any:
    """Make `app` on first use, for servers told `api.app:app`; importing this module starts nothing."""
    if name != "app":
        raise AttributeError(name)
    made = create_app()
    globals()["app"] = made
    return made
