"""The ASGI app: routes, counters, faults and the order in which they meet a request."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.embedded.offline_model import embeddings, faults, protocol
from core.embedded.offline_model.content import compose
from core.embedded.offline_model.counters import Counters
from core.embedded.offline_model.faults import FaultConfig, FaultPlan
from core.embedded.offline_model.limits import Limits
from core.embedded.offline_model.protocol import ChatRequest, ProtocolError, Reply

_MARK = {"x-demonstration": "true"}
_REFUSAL = "I'm sorry, but I can't help with that request."
_DISCONNECT_CHECK_S = 0.25


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    raw = json.dumps(body, separators=(",", ":")).encode()
    return Response(raw, status, {**_MARK, **(headers or {})}, "application/json")


class OfflineModel:
    """The server's state and its endpoints."""

    def __init__(self, embedding_threads: int = 1) -> None:
        self.config = FaultConfig()
        self.counters = Counters()
        self.limits = {"chat.completions": Limits(), "embeddings": Limits()}
        self.embedder = embeddings.Embedder(threads=embedding_threads)

    async def chat(self, request: Request) -> Response:
        """POST /v1/chat/completions."""
        return await self._serve(request, "chat.completions", self._chat)

    async def embed(self, request: Request) -> Response:
        """POST /v1/embeddings."""
        return await self._serve(request, "embeddings", self._embed)

    async def _serve(self, request: Request, endpoint: str, answer: "Endpoint") -> Response:
        try:
            body = protocol.parse_body(await _read(request))
            return await answer(request, endpoint, body)
        except ProtocolError as error:
            self.counters.errors[str(error.status)] += 1
            return _json(error.body(), error.status)

    async def _chat(self, request: Request, endpoint: str, body: dict[str, Any]) -> Response:
        asked = protocol.chat_request(body)
        occurrence = self.counters.arrive(endpoint, asked.fingerprint)
        wait_s, limits = self.limits[endpoint].take(self.config, asked.prompt_tokens)
        if wait_s is not None:
            return self._turn_away(429, "limit", "Rate limit reached.", wait_s, limits)
        faulty = await self._admit(request, asked.fingerprint, occurrence)
        if isinstance(faulty, Response):
            return faulty
        try:
            await self._wait(request, faulty)
            replies = _replies(asked, faulty.kind)
        finally:
            self.counters.leave()
        self._count_chat(endpoint, asked, replies)
        self.limits[endpoint].spend(protocol.completion_tokens(replies))
        if asked.stream:
            events = protocol.chat_events(asked, replies)
            return StreamingResponse(_each(events), 200, _MARK, "text/event-stream")
        return _json(protocol.chat_body(asked, replies), headers=limits)

    def _count_chat(self, endpoint: str, asked: ChatRequest, replies: list[Reply]) -> None:
        self.counters.calls[endpoint] += 1
        self.counters.schemas[asked.schema_name or "text"] += 1
        self.counters.prompt_tokens += asked.prompt_tokens
        self.counters.completion_tokens += protocol.completion_tokens(replies)

    async def _embed(self, request: Request, endpoint: str, body: dict[str, Any]) -> Response:
        asked = protocol.embedding_request(body, embeddings.WIDTH)
        occurrence = self.counters.arrive(endpoint, asked.fingerprint)
        wait_s, limits = self.limits[endpoint].take(self.config, asked.prompt_tokens)
        if wait_s is not None:
            return self._turn_away(429, "limit", "Rate limit reached.", wait_s, limits)
        faulty = await self._admit(request, asked.fingerprint, occurrence)
        if isinstance(faulty, Response):
            return faulty
        try:
            await self._wait(request, faulty)
            loop = asyncio.get_running_loop()
            vectors = await loop.run_in_executor(self.embedder.pool, self.embedder.embed, asked.texts)
        finally:
            self.counters.leave()
        self.counters.calls[endpoint] += 1
        self.counters.prompt_tokens += asked.prompt_tokens
        self.counters.embedded_texts += len(asked.texts)
        data = []
        for index, vector in enumerate(vectors):
            short = embeddings.shortened(vector, asked.dimensions)
            value = embeddings.as_base64(short) if asked.base64 else short.tolist()
            data.append({"object": "embedding", "index": index, "embedding": value})
        counted = {"prompt_tokens": asked.prompt_tokens, "total_tokens": asked.prompt_tokens}
        return _json(
            {"object": "list", "data": data, "model": protocol.EMBEDDING_MODEL, "usage": counted},
            headers=limits,
        )

    async def _admit(self, request: Request, fingerprint: int, occurrence: int) -> FaultPlan | Response:
        """Let the request in and return its plan, or the error answer that turns it away."""
        planned = faults.plan(self.config, fingerprint, occurrence)
        if self.config.max_concurrency and self.counters.in_flight >= self.config.max_concurrency:
            return self._turn_away(429, "max_concurrency", "Too many requests at the same time.")
        if planned.kind in {"429", "500"}:
            self.counters.enter()
            try:
                await self._wait(request, planned)
            finally:
                self.counters.leave()
            if planned.kind == "429":
                return self._turn_away(429, "429", "Rate limit reached (demonstration fault).")
            return self._turn_away(500, "500", "The server had an error (demonstration fault).")
        if planned.kind:
            self.counters.faults[planned.kind] += 1
        self.counters.enter()
        return planned

    def _turn_away(
        self,
        status: int,
        fault: str,
        message: str,
        wait_s: float | None = None,
        limits: dict[str, str] | None = None,
    ) -> Response:
        self.counters.faults[fault] += 1
        headers = {}
        if status == 429:
            wait_s = self.config.retry_after_s if wait_s is None else wait_s
            headers = {"retry-after": str(max(0, round(wait_s))), "retry-after-ms": str(round(wait_s * 1000))}
        code = "rate_limit_exceeded" if status == 429 else "server_error"
        return _json(protocol.error_body(status, message, None, code), status, headers | (limits or {}))

    async def _wait(self, request: Request, planned: FaultPlan) -> None:
        """Sleep as planned; a long sleep ends early when the client has gone."""
        left = planned.delay_s
        while left > 0:
            await asyncio.sleep(min(left, _DISCONNECT_CHECK_S))
            left -= _DISCONNECT_CHECK_S
            if left > 0 and await request.is_disconnected():
                return

    async def models(self, _: Request) -> Response:
        """GET /v1/models."""
        return _json(protocol.models_body())

    async def healthz(self, _: Request) -> Response:
        """GET /healthz."""
        return _json({"status": "ok", "demonstration": True, "model": protocol.CHAT_MODEL})

    async def stats(self, _: Request) -> Response:
        """GET /stats."""
        used = {"embedding_backend": self.embedder.backend, "embedding_cache_hits": self.embedder.cache_hits}
        return _json({**self.counters.as_dict(), **used})

    async def reset_stats(self, _: Request) -> Response:
        """POST /stats/reset."""
        self.counters.reset()
        self.embedder.cache_hits = 0
        return Response(status_code=204, headers=_MARK)

    async def read_config(self, _: Request) -> Response:
        """GET /config."""
        return _json(self.config.as_dict())

    async def write_config(self, request: Request) -> Response:
        """POST /config: set the members given and leave the others."""
        try:
            body = protocol.parse_body(await _read(request))
        except ProtocolError as error:
            return _problem(error.status, error.message, [])
        self.config, problems = faults.updated(self.config, body)
        if problems:
            errors = [{"loc": problem.loc, "msg": problem.msg} for problem in problems]
            return _problem(422, "The configuration is not valid; nothing was changed.", errors)
        return _json(self.config.as_dict())

    async def reset_config(self, _: Request) -> Response:
        """DELETE /config: no faults."""
        self.config = FaultConfig()
        self.limits = {endpoint: Limits() for endpoint in self.limits}
        return _json(self.config.as_dict())


Endpoint = Callable[[Request, str, dict[str, Any]], Awaitable[Response]]


async def _each(events: Any) -> Any:
    for event in events:
        yield event


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > protocol.MAX_BODY_BYTES:
            raise ProtocolError(413, "The request body is too large.", code="request_too_large")
    return bytes(body)


def _replies(asked: ChatRequest, fault: str | None) -> list[Reply]:
    if fault == "refusal":
        return [Reply(None, refusal=_REFUSAL)] * asked.choices
    replies = []
    for index in range(asked.choices):
        content = compose(asked, index)
        if fault == "truncated":
            replies.append(Reply(content[: len(content) * 3 // 5], "length"))
        elif fault == "invalid_json":
            replies.append(Reply("Here is the JSON you asked for: " + content[:-2]))
        elif asked.max_tokens is not None and protocol.tokens(content) > asked.max_tokens:
            replies.append(Reply(content[: asked.max_tokens * 4], "length"))
        else:
            replies.append(Reply(content))
    return replies


def _problem(status: int, detail: str, errors: list[dict[str, Any]]) -> Response:
    titles = {400: "Bad Request", 413: "Content Too Large", 422: "Unprocessable Content"}
    body = {
        "type": "about:blank",
        "title": titles[status],
        "status": status,
        "detail": detail,
        "errors": errors,
    }
    return Response(json.dumps(body), status, _MARK, "application/problem+json")


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    message = "Unknown path or method." if status in {404, 405} else "The request could not be read."
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _json(protocol.error_body(status, message, None, "unknown_url"), status, headers)


def create_app(*, embedding_threads: int = 1) -> Starlette:
    """Build the app; each has its own counters and faults."""
    model = OfflineModel(embedding_threads)
    routes = [
        Route("/v1/chat/completions", model.chat, methods=["POST"]),
        Route("/v1/embeddings", model.embed, methods=["POST"]),
        Route("/v1/models", model.models, methods=["GET"]),
        Route("/healthz", model.healthz, methods=["GET"]),
        Route("/stats", model.stats, methods=["GET"]),
        Route("/stats/reset", model.reset_stats, methods=["POST"]),
        Route("/config", model.read_config, methods=["GET"]),
        Route("/config", model.write_config, methods=["POST"]),
        Route("/config", model.reset_config, methods=["DELETE"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
