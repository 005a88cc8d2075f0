"""What the model client needs to know, read from the settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.llm.errors import ModelNotAllowed
from core.llm.prices import Prices
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Endpoint, models and bounds of a client.

    `tries` and `total_s` bound the HTTP tries of one request and the time they may take together, waits
    included; what takes longer than `longest_wait_s` is not waited for but told to the caller, as no more than
    `longest_pause_s`. Limits per minute hold for each model, together with all processes at the same `redis_url`.
    """

    model: str
    embedding_model: str
    base_url: str | None = None
    api_key: str | None = None
    timeout_s: float = 60.0
    connect_timeout_s: float = 5.0
    max_concurrency: int = 32
    tries: int = 4
    total_s: float = 150.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 5.0
    longest_pause_s: float = 3600.0
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    redis_url: str | None = None
    prices: Prices = field(default_factory=Prices)
    allowlist: frozenset[str] = frozenset()

    @classmethod
    def from_settings(cls, settings: Settings) -> ModelConfig:
        """Read the model settings."""
        return cls(
            model=settings.chat_model,
            embedding_model=settings.embedding_model,
            base_url=settings.openai_base_url,
            api_key=settings.openai_api_key,
            timeout_s=settings.model_timeout_s,
            max_concurrency=settings.model_max_concurrency,
            requests_per_minute=settings.model_requests_per_minute,
            tokens_per_minute=settings.model_tokens_per_minute,
            redis_url=settings.redis_url,
            prices=Prices(settings.model_prices),
            allowlist=frozenset(settings.model_allowlist),
        )

    def allowed(self, model: str) -> str:
        """Return `model` if it may be asked: the configured models always, others by MODEL_ALLOWLIST.

        An empty list allows every model. Raises ModelNotAllowed.
        """
        if self.allowlist and model not in self.allowlist | {self.model, self.embedding_model}:
            raise ModelNotAllowed(f"The model {model!r} is not on MODEL_ALLOWLIST.")
        return model
