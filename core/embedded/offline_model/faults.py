"""Faults that tests switch on: latency, refused requests, broken answers and hangs, drawn by a seed."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.embedded.offline_model.seeding import unit

_MAX_WAIT_S = 3600.0
_MAX_PER_MINUTE = 1e9


@dataclass(frozen=True, slots=True)
class FaultConfig:
    """What the server does wrong on purpose. All rates are probabilities per request.

    Draws depend on `seed`, on the request and on how often the same request has come before, so that a retry
    of a failed request can succeed, and a run meets the same faults in whatever order its requests arrive.

    Limits per minute (0: none) are kept as endpoints keep them: `limit_burst_s` seconds' worth can be used at once and
    comes back steadily; replies carry `x-ratelimit-*`, refusals `Retry-After` as well.
    """

    latency_ms: float = 0.0
    jitter_ms: float = 0.0
    rate_429: float = 0.0
    rate_500: float = 0.0
    rate_invalid_json: float = 0.0
    rate_refusal: float = 0.0
    rate_truncated: float = 0.0
    rate_hang: float = 0.0
    hang_s: float = 60.0
    retry_after_s: float = 1.0
    max_concurrency: int = 0
    requests_per_minute: float = 0.0
    tokens_per_minute: float = 0.0
    limit_burst_s: float = 60.0
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What happens to one request: a wait, then at most one fault."""

    delay_s: float = 0.0
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a configuration was not accepted."""

    loc: list[str]
    msg: str


def updated(config: FaultConfig, body: object) -> tuple[FaultConfig, list[Problem]]:
    """Return `config` with the members of `body` set, or the list of what is wrong with them."""
    if not isinstance(body, dict):
        return config, [Problem(["body"], "must be a JSON object")]
    known = {field.name for field in fields(FaultConfig)}
    problems = []
    changes: dict[str, Any] = {}
    for name, value in body.items():
        message = "unknown field" if name not in known else _complaint(name, value)
        if message:
            problems.append(Problem(["body", str(name)], message))
        else:
            changes[name] = value
    if problems:
        return config, problems
    return replace(config, **changes), []


def _complaint(name: str, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "must be a number"
    if name in {"seed", "max_concurrency"}:
        if not isinstance(value, int) or not 0 <= value < 2**63:
            return "must be a whole number of at least 0"
        return None
    if name.startswith("rate_"):
        return None if 0.0 <= value <= 1.0 else "must lie between 0 and 1"
    if name.endswith("_per_minute"):
        return None if 0.0 <= value <= _MAX_PER_MINUTE else f"must lie between 0 and {_MAX_PER_MINUTE:g}"
    limit = _MAX_WAIT_S * 1000 if name.endswith("_ms") else _MAX_WAIT_S
    return None if 0.0 <= value <= limit else f"must lie between 0 and {limit:g}"


_KINDS = (
    ("hang", "rate_hang"),
    ("429", "rate_429"),
    ("500", "rate_500"),
    ("refusal", "rate_refusal"),
    ("truncated", "rate_truncated"),
    ("invalid_json", "rate_invalid_json"),
)


def plan(config: FaultConfig, fingerprint: int, occurrence: int) -> FaultPlan:
    """Draw the faults of the `occurrence`-th arrival of a request."""
    delay_s = config.latency_ms / 1000.0
    if config.jitter_ms:
        delay_s += config.jitter_ms / 1000.0 * unit(config.seed, "jitter", fingerprint, occurrence)
    for kind, rate_name in _KINDS:
        rate = getattr(config, rate_name)
        if rate and unit(config.seed, kind, fingerprint, occurrence) < rate:
            return FaultPlan(delay_s + (config.hang_s if kind == "hang" else 0.0), kind)
    return FaultPlan(delay_s)
