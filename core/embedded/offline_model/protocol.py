"""The OpenAI protocol: what a request must look like, and the shapes of answers, chunks and errors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.embedded.offline_model.seeding import digest

CHAT_MODEL = "offline-demonstration-2"
EMBEDDING_MODEL = "offline-demonstration-embedding-2"
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_INPUTS = 2048

# Answers carry a fixed time, so that the same request gives the same bytes.
CREATED = 1_735_689_600


class ProtocolError(Exception):
    """The request cannot be answered; carries the error body an OpenAI client expects."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code

    def body(self) -> dict[str, Any]:
        """Return the error as the protocol writes it."""
        return error_body(self.status, self.message, self.param, self.code)


_ERROR_TYPES = {429: "rate_limit_error", 500: "server_error", 503: "server_error"}


def error_body(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """Return the body of an error answer."""
    kind = _ERROR_TYPES.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat completion request after checking. `schema_name` is None for plain text."""

    model: str
    system: str
    user: str
    seed: int
    schema_name: str | None
    schema: dict[str, Any]
    stream: bool
    include_usage: bool
    max_tokens: int | None
    choices: int
    prompt_tokens: int
    fingerprint: int


def parse_body(raw: bytes) -> dict[str, Any]:
    """Read a JSON object; raises ProtocolError on anything else."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(400, f"The request body is not valid JSON: {error}.", code="invalid_json") from None
    if not isinstance(body, dict):
        raise ProtocolError(400, "The request body must be a JSON object.", code="invalid_type")
    return body


def tokens(text: str) -> int:
    """Estimate the tokens of a text: one for every four characters."""
    return (len(text) + 3) // 4


def chat_request(body: dict[str, Any]) -> ChatRequest:
    """Check a chat completion request; raises ProtocolError naming the offending parameter."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ProtocolError(400, "'messages' must be a list of at least one message.", param="messages")
    system, user, prompt_chars = _read_messages(messages)
    schema_name, schema = _response_format(body.get("response_format"))
    seed = _integer(body, "seed", None)
    stream_options = body.get("stream_options")
    frozen = json.dumps([body.get("model"), messages, body.get("response_format"), seed], sort_keys=True)
    return ChatRequest(
        model=_model(body),
        system=system,
        user=user,
        seed=seed or 0,
        schema_name=schema_name,
        schema=schema,
        stream=body.get("stream") is True,
        include_usage=isinstance(stream_options, dict) and stream_options.get("include_usage") is True,
        max_tokens=_integer(body, "max_completion_tokens", 1) or _integer(body, "max_tokens", 1),
        choices=_integer(body, "n", 1, 8) or 1,
        prompt_tokens=(prompt_chars + 3) // 4 + 4 * len(messages),
        fingerprint=digest(frozen),
    )


def _model(body: dict[str, Any]) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise ProtocolError(400, "You must provide a model parameter.", param="model")
    return model


def _integer(body: dict[str, Any], name: str, low: int | None, high: int | None = None) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    wrong = isinstance(value, bool) or not isinstance(value, int)
    if wrong or (low is not None and value < low) or (high is not None and value > high):
        raise ProtocolError(400, f"Invalid value for '{name}'.", param=name, code="invalid_value")
    return int(value)


def _read_messages(messages: list[Any]) -> tuple[str, str, int]:
    """Return the system text, the last user text and the number of characters of all messages."""
    system: list[str] = []
    user = ""
    chars = 0
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise ProtocolError(400, "A message must be an object with a role.", param=f"messages[{number}]")
        text = _content_text(message.get("content"), number)
        chars += len(text)
        if message["role"] in {"system", "developer"}:
            system.append(text)
        elif message["role"] == "user":
            user = text
    return "\n".join(system), user, chars


def _content_text(content: object, number: int) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return "\n".join(str(part.get("text", "")) for part in content)
    where = f"messages[{number}].content"
    raise ProtocolError(400, "Message content must be a string or a list of parts.", param=where)


def _response_format(value: object) -> tuple[str | None, dict[str, Any]]:
    if value is None:
        return None, {}
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in {"text", "json_object", "json_schema"}:
        raise ProtocolError(400, "Unknown response_format.", param="response_format", code="invalid_value")
    if kind == "text":
        return None, {}
    if kind == "json_object":
        return "json_object", {"type": "object", "properties": {"answer": {"type": "string"}}}
    described = value.get("json_schema")
    name = described.get("name") if isinstance(described, dict) else None
    if not isinstance(described, dict) or not isinstance(name, str) or not name:
        raise ProtocolError(
            400, "Missing required parameter: 'response_format.json_schema.name'.", param="response_format"
        )
    schema = described.get("schema", {})
    if not isinstance(schema, dict):
        raise ProtocolError(400, "The schema must be an object.", param="response_format.json_schema.schema")
    return name, schema


@dataclass(frozen=True, slots=True)
class Reply:
    """One choice of an answer before it is put in the protocol's shape."""

    content: str | None
    finish_reason: str = "stop"
    refusal: str | None = None


def usage(prompt: int, completion: int) -> dict[str, int]:
    """Return the usage object of a chat completion."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def completion_tokens(replies: list[Reply]) -> int:
    """Return the estimated tokens of all choices."""
    return sum(tokens(reply.content or reply.refusal or "") for reply in replies)


def chat_body(request: ChatRequest, replies: list[Reply]) -> dict[str, Any]:
    """Return the body of a chat completion."""
    return {
        "id": _chat_id(request),
        "object": "chat.completion",
        "created": CREATED,
        "model": CHAT_MODEL,
        "system_fingerprint": "fp_offline_demonstration",
        "choices": [
            {
                "index": index,
                "message": {"role": "assistant", "content": reply.content, "refusal": reply.refusal},
                "logprobs": None,
                "finish_reason": reply.finish_reason,
            }
            for index, reply in enumerate(replies)
        ],
        "usage": usage(request.prompt_tokens, completion_tokens(replies)),
    }


def _chat_id(request: ChatRequest) -> str:
    return f"chatcmpl-demo{request.fingerprint:016x}"


def chat_events(request: ChatRequest, replies: list[Reply]) -> Iterator[bytes]:
    """Yield the server-sent events of a streamed chat completion."""
    head = {
        "id": _chat_id(request),
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": CHAT_MODEL,
        "system_fingerprint": "fp_offline_demonstration",
    }
    tail: dict[str, Any] = {"usage": None} if request.include_usage else {}
    for index, reply in enumerate(replies):
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        member = "refusal" if reply.content is None else "content"
        deltas += [{member: piece} for piece in _pieces(reply.content or reply.refusal or "")]
        for delta in deltas:
            choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}
            yield _event({**head, "choices": [choice], **tail})
        choice = {"index": index, "delta": {}, "logprobs": None, "finish_reason": reply.finish_reason}
        yield _event({**head, "choices": [choice], **tail})
    if request.include_usage:
        counted = usage(request.prompt_tokens, completion_tokens(replies))
        yield _event({**head, "choices": [], "usage": counted})
    yield b"data: [DONE]\n\n"


def _pieces(text: str, size: int = 24) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """An embedding request after checking."""

    texts: list[str]
    base64: bool
    dimensions: int | None
    prompt_tokens: int
    fingerprint: int


def embedding_request(body: dict[str, Any], width: int) -> EmbeddingRequest:
    """Check an embedding request; raises ProtocolError naming the offending parameter."""
    model = _model(body)
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 0 < len(texts) <= MAX_INPUTS:
        raise ProtocolError(400, f"'input' must be a text or a list of 1 to {MAX_INPUTS} texts.", param="input")
    if not all(isinstance(text, str) and text for text in texts):
        raise ProtocolError(400, "Every input must be a text that is not empty.", param="input")
    encoding = body.get("encoding_format", "float")
    if encoding not in {"float", "base64"}:
        raise ProtocolError(400, "'encoding_format' must be float or base64.", param="encoding_format")
    dimensions = _integer(body, "dimensions", 1, width)
    return EmbeddingRequest(
        texts=texts,
        base64=encoding == "base64",
        dimensions=dimensions,
        prompt_tokens=sum(tokens(text) for text in texts),
        fingerprint=digest("embedding", model, encoding, dimensions, *texts),
    )


def models_body() -> dict[str, Any]:
    """Return the list of models."""
    return {
        "object": "list",
        "data": [
            {"id": name, "object": "model", "created": CREATED, "owned_by": "offline-demonstration"}
            for name in (CHAT_MODEL, EMBEDDING_MODEL)
        ],
    }
