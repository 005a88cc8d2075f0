"""Settings from the environment and `.env`: read once, checked at start, wrong ones named in one line."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from core import addresses

DEVELOPMENT_SECRET = "development-secret-do-not-use-in-production"  # noqa: S105 - refused in production
DEVELOPMENT_PASSWORD = "change-me-please"  # noqa: S105 - refused in production
OFFLINE_MODEL = "offline-demonstration-2"
OFFLINE_EMBEDDING_MODEL = "offline-demonstration-embedding-2"
POOLS = ("interactive", "batch", "delivery")
MINIMUM_SECRET_LENGTH = 32
LARGEST_PASSWORD = 256

HttpUrl = Annotated[str, AfterValidator(addresses.http_url)]
Mailbox = Annotated[str, AfterValidator(addresses.mailbox)]
Origin = Annotated[str, AfterValidator(addresses.origin)]
Network = Annotated[str, AfterValidator(addresses.network)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class SettingsInvalid(Exception):
    """A setting is missing or wrong; the message is one line that names it."""


class Price(BaseModel):
    """US dollars per million tokens; an embedding model needs no output price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input_per_million: Dollars
    output_per_million: Dollars = Decimal(0)


RateName = Literal[
    "requests", "anonymous",
    "login_pair", "login_account", "login_ip",
    "signup_account", "signup_ip",
    "reset_account", "reset_ip",
    "resend_account", "resend_ip",
    "token_ip",
    "invitation_account", "invitation_ip",
    "invite_account", "invite_ip",
    "password_account", "password_ip",
]  # fmt: skip


class Rate(BaseModel):
    """A limit: `quota` at once, and as many again, evenly, in `window_s` seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quota: int = Field(ge=1, le=1_000_000_000)
    window_s: int = Field(ge=1, le=86_400)


class Settings(BaseSettings):
    """All settings of the product; the README's table lists each with its default."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    environment: Literal["development", "production"] = "development"
    database_url: Annotated[str, AfterValidator(addresses.postgres_url)] | None = None
    database_pool_size: int = Field(default=20, ge=1, le=200)
    database_statement_cache: bool = True
    redis_url: Annotated[str, AfterValidator(addresses.redis_url)] | None = None
    data_dir: Path = Path(".data")
    port: int = Field(default=8000, ge=1, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    jwt_secret: str = DEVELOPMENT_SECRET
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    access_token_expire_minutes: int = Field(default=30, ge=1, le=1440)
    idle_timeout: int = Field(default=60, ge=1, le=43200, description="minutes without activity")
    session_limit_hours: int = Field(default=720, ge=1, le=8760)

    mail_username: str | None = None
    mail_password: str | None = None
    mail_from: Mailbox = "no-reply@synthetic-people.example"
    mail_port: int = Field(default=587, ge=1, le=65535)
    mail_server: str | None = None
    mail_starttls: bool = True
    mail_ssl_tls: bool = False
    mail_cert_bundle: FilePath | None = None
    mail_timeout_s: float = Field(default=60.0, gt=0, le=600)

    superadmin_name: str = "Superadmin"
    superadmin_email: Annotated[Mailbox, AfterValidator(str.lower)] = "admin@synthetic-people.example"
    superadmin_password: str = Field(default=DEVELOPMENT_PASSWORD, max_length=LARGEST_PASSWORD)

    openai_api_key: str | None = None
    openai_base_url: HttpUrl | None = None
    openai_model: str | None = None
    openai_embedding_model: str | None = None
    model_allowlist: Annotated[list[str], NoDecode] = []
    model_prices: dict[str, Price] = {}
    model_max_concurrency: int = Field(default=32, ge=1, le=1000)
    model_timeout_s: float = Field(default=60.0, gt=0, le=600)
    model_requests_per_minute: float | None = Field(default=None, ge=1)
    model_tokens_per_minute: float | None = Field(default=None, ge=1)

    public_url: HttpUrl = "http://localhost:8000"
    ui_url: HttpUrl = "http://localhost:3000"
    encryption_keys: Annotated[list[str], NoDecode] = []
    cors_origins: Annotated[list[Origin], NoDecode] = []
    trusted_proxies: Annotated[list[Network], NoDecode] = []
    rate_limit_enabled: bool = True
    rate_limits: dict[RateName, Rate] = {}

    worker_pools: Annotated[list[str], NoDecode] = list(POOLS)
    worker_slots: int = Field(default=20, ge=1, le=500)
    worker_grace_s: float = Field(default=10.0, ge=0, le=600)
    job_lease_s: float = Field(default=30.0, ge=1, le=3600)

    omi_base_url: HttpUrl | None = None
    omi_token: str | None = None
    webhook_allow_private: bool = False

    @field_validator(
        "model_allowlist", "encryption_keys", "cors_origins", "trusted_proxies", "worker_pools", mode="before"
    )
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        """Take a JSON list or words separated by commas."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            try:
                return json.loads(value)
            except ValueError:
                raise ValueError("must be a JSON list, or words separated by commas") from None
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("worker_pools")
    @classmethod
    def _known_pools(cls, value: list[str]) -> list[str]:
        unknown = [pool for pool in value if pool not in POOLS]
        if unknown or not value:
            raise ValueError(f"must name one or more of {', '.join(POOLS)}")
        return value

    @model_validator(mode="after")
    def _refuse_defaults_in_production(self) -> Self:
        if self.environment != "production":
            return self
        # As long as the hash is (RFC 7518, 3.2): 32, 48 or 64 bytes.
        least = int(self.jwt_algorithm.removeprefix("HS")) // 8
        if self.jwt_secret == DEVELOPMENT_SECRET or len(self.jwt_secret.encode()) < least:
            raise ValueError(f"JWT_SECRET must be set to {least} characters or more in production")
        if self.superadmin_password == DEVELOPMENT_PASSWORD or len(self.superadmin_password) < 12:
            raise ValueError("SUPERADMIN_PASSWORD must be set to 12 characters or more in production")
        if not self.encryption_keys or any(len(k) < MINIMUM_SECRET_LENGTH for k in self.encryption_keys):
            raise ValueError(
                f"ENCRYPTION_KEYS must hold keys of {MINIMUM_SECRET_LENGTH} characters or more in production"
            )
        if self.webhook_allow_private:
            raise ValueError("WEBHOOK_ALLOW_PRIVATE is for development, not for production")
        for name in ("database_url", "redis_url"):
            if getattr(self, name) is None:
                raise ValueError(f"{name.upper()} must be set in production")
        return self

    @property
    def offline_model(self) -> bool:
        """Tell whether no model endpoint is configured, so that the offline model serves."""
        return not self.openai_base_url and not self.openai_api_key

    @property
    def chat_model(self) -> str:
        """Name of the model asked when a workspace names none."""
        return self.openai_model or (OFFLINE_MODEL if self._asks_offline else "gpt-5-mini")

    @property
    def embedding_model(self) -> str:
        """Name of the embedding model."""
        return self.openai_embedding_model or (
            OFFLINE_EMBEDDING_MODEL if self._asks_offline else "text-embedding-3-small"
        )

    @property
    def _asks_offline(self) -> bool:
        return self.offline_model or self.openai_api_key == "offline"


def load_settings(**overrides: Any) -> Settings:
    """Read and check the settings; raises SettingsInvalid with one line that names what is wrong."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsInvalid("; ".join(_line(item) for item in error.errors())) from None
    except SettingsError as error:  # a JSON-valued variable that is no JSON
        name = str(error).partition('field "')[2].partition('"')[0].upper()
        raise SettingsInvalid(f"{name}: must be JSON" if name else str(error)) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return this process's settings, read on first use."""
    return load_settings()


def require(value: str | None, name: str) -> str:
    """Return `value`, or raise SettingsInvalid naming the missing setting."""
    if not value:
        raise SettingsInvalid(f"{name} is not set (run `synthetic-people up` to start embedded servers)")
    return value


def _line(item: Any) -> str:
    name = "_".join(str(part) for part in item["loc"][:1]).upper()
    message = str(item["msg"]).removeprefix("Value error, ")
    if name == "MODEL_PRICES" and len(item["loc"]) > 1:  # a member is wrong: said with its place and what is wanted
        place = ".".join(str(part) for part in item["loc"][1:])
        return f'{name}: {place}: {message}; wanted is {{"MODEL": {{"input_per_million": 1, "output_per_million": 2}}}}'
    if name == "RATE_LIMITS" and len(item["loc"]) > 1:
        place = ".".join(str(part) for part in item["loc"][1:] if part != "[key]")
        return f'{name}: {place}: {message}; wanted is {{"requests": {{"quota": 60000, "window_s": 60}}}}'
    return f"{name}: {message}" if name else message
