"""The co-pilot as an external HTTP service (OMI_BASE_URL): called with a time limit, behind a circuit breaker.

Redirects are not followed, proxies of the environment not used, and no database session is held meanwhile. Nothing of
an answer is believed before it fits the shape that is wanted.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import httpx
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from core.db.text import storable
from core.settings import Settings

TOTAL_S: Final = 10.0
CONNECT_S: Final = 3.0
LARGEST_ANSWER: Final = 262_144
FAILURES_TO_OPEN: Final = 3
OPEN_S: Final = 30.0
WORTH_ANOTHER_TIME: Final = frozenset({401, 403, 408, 409, 425, 429})
"""Refusals that another time may not meet: a token that is put right meanwhile, a service that is busy."""
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600), AfterValidator(storable)]


class ExternalFailed(Exception):
    """The external co-pilot gave no answer that can be used.

    `detail` is fit to be shown; `passing` tells whether another time may do; `opened` that it was not even asked.
    """

    def __init__(
        self, detail: str, *, passing: bool = True, opened: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.passing = passing
        self.opened = opened
        self.retry_after_s = retry_after_s


class ExternalIssue(BaseModel):
    """Something the external co-pilot finds wrong."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    field: Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)] = ""
    message: Said


def _as_issue(value: Any) -> Any:
    return {"message": value} if isinstance(value, str) else value


class ExternalVerdict(BaseModel):
    """Its answer to a validation; issues may be texts or {field, message}."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    valid: Annotated[bool, Field(strict=True)]
    issues: Annotated[list[Annotated[ExternalIssue, BeforeValidator(_as_issue)]], Field(max_length=50)] = []
    suggestions: Annotated[list[Said], Field(max_length=20)] = []


class ExternalTrait(BaseModel):
    """What it holds of one trait."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Annotated[str, StringConstraints(max_length=200), AfterValidator(storable)]
    valid: Annotated[bool, Field(strict=True)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=600), AfterValidator(storable)] = ""


class ExternalTraits(BaseModel):
    """Its answer to a validation of traits; those it says nothing of are left open."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    traits: Annotated[list[ExternalTrait], Field(max_length=200)]


@dataclass(slots=True)
class Circuit:
    """Counts failures in a row; after three nobody asks for half a minute, then one tries."""

    failures: int = 0
    open_until: float = 0.0

    def check(self) -> None:
        """Raise ExternalFailed while the circuit is open."""
        rest_s = self.open_until - time.monotonic()
        if rest_s > 0:
            raise ExternalFailed(
                "The external co-pilot has failed several times in a row and is left alone for a while.",
                opened=True,
                retry_after_s=rest_s,
            )

    def failed(self) -> None:
        """Count a failure."""
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            self.open_until = time.monotonic() + OPEN_S

    def succeeded(self) -> None:
        """Close the circuit."""
        self.failures = 0
        self.open_until = 0.0


@dataclass(slots=True)
class ExternalOmi:
    """The external co-pilot as one process meets it."""

    base_url: str
    token: str | None
    total_s: float = TOTAL_S
    circuit: Circuit = field(default_factory=Circuit)

    async def notify(self, body: Mapping[str, Any], key: str) -> None:
        """Tell of a change; `key` is the same however often it is told. Raises ExternalFailed."""
        await self._guarded("/stage-changes", body, key, None)

    async def validate(self, body: Mapping[str, Any]) -> ExternalVerdict:
        """Have data of a stage validated; raises ExternalFailed."""
        found = await self._guarded("/validate", body, None, ExternalVerdict)
        assert isinstance(found, ExternalVerdict)
        return found

    async def judge_traits(self, body: Mapping[str, Any]) -> ExternalTraits:
        """Have traits of a persona judged; raises ExternalFailed."""
        found = await self._guarded("/traits-validation", body, None, ExternalTraits)
        assert isinstance(found, ExternalTraits)
        return found

    async def _guarded(
        self, path: str, body: Mapping[str, Any], key: str | None, shape: type[BaseModel] | None
    ) -> BaseModel | None:
        self.circuit.check()
        try:
            found = await self._post(path, body, key, shape)
        except ExternalFailed:
            self.circuit.failed()
            raise
        self.circuit.succeeded()
        return found

    async def _post(
        self, path: str, body: Mapping[str, Any], key: str | None, shape: type[BaseModel] | None
    ) -> BaseModel | None:
        """Post, and read the answer where one of a shape is wanted; else its status says all."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            async with (
                asyncio.timeout(self.total_s),
                httpx.AsyncClient(
                    trust_env=False, follow_redirects=False, timeout=httpx.Timeout(self.total_s, connect=CONNECT_S)
                ) as client,
                client.stream(
                    "POST", self.base_url.rstrip("/") + path, content=json.dumps(body).encode(), headers=headers
                ) as answer,
            ):
                _require_success(answer)
                return _read(await _bounded(answer), shape) if shape is not None else None
        except TimeoutError:
            raise ExternalFailed(f"The external co-pilot gave no answer within {self.total_s:g} s.") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            kind = "cannot be reached" if isinstance(error, httpx.ConnectError) else "broke off its answer"
            raise ExternalFailed(f"The external co-pilot {kind}.") from None


def _require_success(answer: httpx.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise ExternalFailed(f"The external co-pilot redirects (HTTP {status}), which is not followed.", passing=False)
    passing = status >= 500 or status in WORTH_ANOTHER_TIME
    wait = answer.headers.get("retry-after", "")
    raise ExternalFailed(
        f"The external co-pilot answered HTTP {status}.",
        passing=passing,
        retry_after_s=float(wait) if wait.isdecimal() and len(wait) < 6 else None,
    )


async def _bounded(answer: httpx.Response) -> bytes:
    found = bytearray()
    async for piece in answer.aiter_bytes():
        found += piece
        if len(found) > LARGEST_ANSWER:
            raise ExternalFailed("The external co-pilot answered more than is read.", passing=False)
    return bytes(found)


def _read(content: bytes, shape: type[BaseModel]) -> BaseModel:
    try:
        return shape.model_validate_json(content)
    except (ValidationError, RecursionError):
        raise ExternalFailed("The external co-pilot answered something that is no verdict.", passing=False) from None


_met: list[tuple[Settings, ExternalOmi]] = []


def external(settings: Settings) -> ExternalOmi | None:
    """Return this process's view of the external co-pilot, None where there is none."""
    if settings.omi_base_url is None:
        return None
    if not _met or _met[0][0] is not settings:
        _met[:] = [(settings, ExternalOmi(str(settings.omi_base_url), settings.omi_token, TOTAL_S))]
    return _met[0][1]
