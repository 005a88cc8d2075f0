"""One HTTP try against an OpenAI-compatible endpoint: send, read, and say in our words what went wrong.

Requests go through the SDK's own `post` with the raw response as result: its typed `create` methods cost
about 2 ms of CPU more per call, and headers are needed. The SDK loads on first use (1.5 s).
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal

from core import clock
from core.llm.config import ModelConfig
from core.llm.errors import ModelRejected
from core.llm.replies import cleaned
from core.llm.streaming import Hear, StreamBroken, assembled

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

_TRANSIENT_STATUS: Final = frozenset({408, 409, 425, 429})
_OVERLOADED: Final = frozenset({429, 503, 529})
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_DETAIL_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Answered:
    """A success: the decoded body and what the headers told."""

    body: dict[str, Any]
    status: int
    request_id: str | None
    headers: Mapping[str, str]


class TryFailed(Exception):
    """One HTTP try failed. `kind` says what to do about it.

    transient: try again; overloaded: the same, with fewer calls in flight; unsupported: a 400 or 422 that may
    name a parameter to leave out; filtered: the provider's filter refused the input; rejected: give up.
    """

    def __init__(
        self,
        kind: Literal["transient", "overloaded", "unsupported", "filtered", "rejected"],
        detail: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        refused: str = "",
        headers: Mapping[str, str] | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status = status
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        self.refused = refused
        self.headers = headers or {}
        self.unreachable = unreachable  # nothing was asked
        self.learned = False  # the client knows better next time

    @property
    def passing(self) -> bool:
        """Tell whether another try may succeed."""
        return self.kind in {"transient", "overloaded"}

    @property
    def outage(self) -> bool:
        """Tell whether it is the endpoint that fails, whatever it was asked."""
        return self.passing and (self.status is None or self.status >= _SERVER_ERROR)

    @property
    def unpaid(self) -> bool:
        """Tell whether it is surely not billed: an error status, or nobody there to ask."""
        return self.unreachable or (self.status is not None and self.status >= _CLIENT_ERROR)


# 128 long embeddings as decimal numbers; a chat reply has a bound of its own.
LARGEST_BODY = 16_000_000


class Transport:
    """A connection pool to one endpoint."""

    def __init__(self, config: ModelConfig) -> None:
        self._config = config
        self._sdk: AsyncOpenAI | None = None

    async def post(self, path: str, body: dict[str, Any], hear: Hear | None = None) -> Answered:
        """Send one request once, with `hear` as a stream whose content it is told; raises TryFailed."""
        sdk = self.open()
        import httpx2
        import openai

        config = self._config
        try:
            # The read timeout starts anew with each byte; the whole try has an end as well.
            async with asyncio.timeout(config.timeout_s + config.connect_timeout_s):
                if hear is not None:
                    return await self._stream(sdk, path, body, hear)
                response = await sdk.post(path, body=body, cast_to=httpx2.Response)
        except (openai.APIConnectionError, TimeoutError) as error:
            raise _connection_failure(error, config.timeout_s) from error
        except openai.APIStatusError as error:
            raise _status_failure(error) from None
        except TryFailed:
            raise
        except Exception as error:  # what is no HTTP at all comes out in the words of the library below the SDK
            raise TryFailed("transient", f"no HTTP reply ({_cause(error)})") from error
        return _answered(response)

    @staticmethod
    async def _stream(sdk: AsyncOpenAI, path: str, body: dict[str, Any], hear: Hear) -> Answered:
        """Read a reply while it is being written; one that an endpoint sends at once all the same, as ever."""
        import httpx2
        import openai

        asked = body | {"stream": True, "stream_options": {"include_usage": True}}
        # What is asked to be cast to a response comes as it is, its body unread.
        response: Any = await sdk.post(
            path, body=asked, cast_to=httpx2.Response, stream=True, stream_cls=openai.AsyncStream[Any]
        )
        try:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                await response.aread()
                return _answered(response)
            found = await assembled(response.aiter_lines(), hear, LARGEST_BODY)
        except StreamBroken as broken:
            request_id = response.headers.get("x-request-id")
            raise TryFailed("transient", str(broken), status=response.status_code, request_id=request_id) from None
        finally:
            await response.aclose()
        return Answered(found, response.status_code, response.headers.get("x-request-id"), response.headers)

    def open(self) -> AsyncOpenAI:
        """Load the SDK and make the client, once; connections are made when needed."""
        if self._sdk is None:
            self._sdk = _client(self._config)
        return self._sdk

    async def aclose(self) -> None:
        """Close all connections."""
        sdk, self._sdk = self._sdk, None
        if sdk is not None:
            await sdk.close()


def _answered(response: Any) -> Answered:
    """Return a whole reply; raises TryFailed for what is no JSON object or too large."""
    request_id = response.headers.get("x-request-id")
    if len(response.content) > LARGEST_BODY:
        detail = f"the endpoint replied with more than {LARGEST_BODY // 1_000_000} MB"
        raise TryFailed("transient", detail, status=response.status_code, request_id=request_id)
    try:
        decoded = json.loads(response.content)
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        detail = "the endpoint replied without JSON; does OPENAI_BASE_URL end in /v1?"
        raise TryFailed("transient", detail, status=response.status_code, request_id=request_id)
    return Answered(decoded, response.status_code, request_id, response.headers)


def _client(config: ModelConfig) -> AsyncOpenAI:
    import httpx2
    import openai

    if not config.api_key and not config.base_url:
        raise ModelRejected("No model endpoint is set: OPENAI_API_KEY or OPENAI_BASE_URL is needed.")
    timeout = httpx2.Timeout(config.timeout_s, connect=config.connect_timeout_s)
    # One connection per call in flight, kept open between calls; calls wait at the gate, not at the pool.
    limits = httpx2.Limits(
        max_connections=config.max_concurrency + 8,
        max_keepalive_connections=config.max_concurrency + 8,
        keepalive_expiry=30.0,
    )
    try:  # aiohttp halves the CPU of a call
        http: Any = openai.DefaultAioHttpClient(timeout=timeout, limits=limits)
    except RuntimeError:
        http = openai.DefaultAsyncHttpxClient(timeout=timeout, limits=limits)
    return openai.AsyncOpenAI(
        api_key=config.api_key or "none",
        base_url=config.base_url,
        max_retries=0,
        timeout=timeout,
        http_client=http,
    )


def _connection_failure(error: Exception, timeout_s: float) -> TryFailed:
    import httpx2
    import openai

    # aiohttp's refused connections arrive as timeouts of connecting.
    if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
        return TryFailed("transient", "no connection", unreachable=True)
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return TryFailed("transient", f"no reply within {timeout_s:g} s")
    return TryFailed("transient", f"no connection ({_cause(error)})")


def _status_failure(error: APIStatusError) -> TryFailed:
    status, code = error.status_code, str(error.code or "")
    told = cleaned(f"{error.message} {error.param or ''}")
    common: dict[str, Any] = {"status": status, "request_id": error.request_id, "headers": error.response.headers}
    if code == "insufficient_quota":
        return TryFailed("rejected", "The account behind OPENAI_API_KEY has no quota left.", **common)
    if status in _TRANSIENT_STATUS or status >= _SERVER_ERROR:
        return TryFailed(
            "overloaded" if status in _OVERLOADED else "transient",
            f"HTTP {status} {_phrase(status)}".rstrip(),
            retry_after_s=retry_after_s(error.response.headers),
            **common,
        )
    if code == "context_length_exceeded":
        return TryFailed("rejected", "The prompt is longer than the context of this model (OPENAI_MODEL).", **common)
    if code in {"content_filter", "content_policy_violation"}:
        return TryFailed("filtered", "The provider's content filter refused the prompt.", **common)
    detail = _REJECTED.get(status, f"The endpoint refuses the request (HTTP {status}): {told[:_DETAIL_LIMIT]}")
    return TryFailed("unsupported" if status in {400, 422} else "rejected", detail, refused=told, **common)


_REJECTED: Final[Mapping[int, str]] = {
    401: "The endpoint refuses the key (HTTP 401): check OPENAI_API_KEY.",
    403: "The key may not use this model or endpoint (HTTP 403): check OPENAI_API_KEY and OPENAI_MODEL.",
    404: "The endpoint knows no such model or path (HTTP 404): check OPENAI_MODEL and OPENAI_BASE_URL.",
}


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read the wait the endpoint asks for, in seconds: retry-after-ms, or Retry-After as number or date."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        raw = headers.get(name, "")
        try:
            seconds = float(raw) * scale
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(raw) - clock.now()).total_seconds()
            except (ValueError, TypeError, OverflowError):
                continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _cause(error: BaseException) -> str:
    return type(error.__cause__ or error).__name__
