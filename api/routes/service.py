"""What this is, is it up, and is it ready."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text

from api.openapi import with_headers
from core.db import session as db
from core.db.migrations import head_revision
from core.db.session import DatabaseUnavailable
from core.jobs.queue import queue

router = APIRouter(tags=["service"])
POSTGRES_WITHIN_S: Final = 2.0
NOT_READY: Final = {"description": "Requests cannot be served yet.", "content": {"application/json": {"schema": {}}}}


@lru_cache(maxsize=1)
def _head() -> str:
    return head_revision()


@router.get("/", operation_id="index")
async def index(request: Request) -> dict[str, str]:
    """Say what this is and where to read on."""
    app = request.app
    return {
        "name": app.title,
        "version": app.version,
        "docs": "/docs",
        "openapi": app.openapi_url,
        "health": "/healthz",
        "ready": "/readyz",
    }


@router.get("/healthz", operation_id="health")
async def health() -> dict[str, str]:
    """Say that the process is up."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="ready", responses={503: NOT_READY | with_headers("Retry-After")})
async def ready() -> JSONResponse:
    """Say whether requests can be served: 503 while Postgres is away, silent for 2 seconds, or not migrated."""
    state: dict[str, Any] = {"postgres": "ok", "migrations": "ok", "redis": "ok"}
    try:
        async with asyncio.timeout(POSTGRES_WITHIN_S), db.scope(db.SYSTEM) as session:
            present = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
        if present != _head():
            state["migrations"] = "pending"
    except (DatabaseUnavailable, TimeoutError):
        state["postgres"] = "unavailable"
    except db.STATEMENT_ERRORS:  # no table yet, or no role
        state["migrations"] = "pending"
    if not await queue().ping():
        state["redis"] = "degraded"
    good = state["postgres"] == "ok" and state["migrations"] == "ok"
    return JSONResponse(
        {"status": "ready" if good else "not_ready", **state},
        200 if good else 503,
        None if good else {"Retry-After": "2"},
    )
