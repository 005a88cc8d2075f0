"""The limits by name: their defaults, and which of them an act has to pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from core.settings import Rate, RateName, Settings

Act = Literal["login", "signup", "reset", "resend", "token", "invitation", "invite", "password"]
MINUTE_S: Final = 60
TEN_MINUTES_S: Final = 600
HOUR_S: Final = 3600
DEFAULTS: Final[Mapping[RateName, Rate]] = {
    "requests": Rate(quota=60_000, window_s=MINUTE_S),
    "anonymous": Rate(quota=1_200, window_s=MINUTE_S),
    "login_pair": Rate(quota=10, window_s=TEN_MINUTES_S),
    "login_account": Rate(quota=100, window_s=HOUR_S),
    "login_ip": Rate(quota=100, window_s=TEN_MINUTES_S),
    "signup_account": Rate(quota=5, window_s=HOUR_S),
    "signup_ip": Rate(quota=30, window_s=HOUR_S),
    "reset_account": Rate(quota=5, window_s=HOUR_S),
    "reset_ip": Rate(quota=30, window_s=HOUR_S),
    "resend_account": Rate(quota=5, window_s=HOUR_S),
    "resend_ip": Rate(quota=30, window_s=HOUR_S),
    "token_ip": Rate(quota=60, window_s=TEN_MINUTES_S),
    "invitation_account": Rate(quota=30, window_s=TEN_MINUTES_S),
    "invitation_ip": Rate(quota=60, window_s=TEN_MINUTES_S),
    "invite_account": Rate(quota=100, window_s=HOUR_S),
    "invite_ip": Rate(quota=200, window_s=HOUR_S),
    "password_account": Rate(quota=10, window_s=TEN_MINUTES_S),
    "password_ip": Rate(quota=60, window_s=TEN_MINUTES_S),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A bucket's size and how fast it fills: `quota` at once, and as many again, evenly, in `window_s` seconds."""

    name: str
    quota: int
    window_s: int

    @property
    def each_s(self) -> float:
        """Seconds in which one comes back."""
        return self.window_s / self.quota

    @property
    def told(self) -> str:
        """The policy as an item of the header RateLimit-Policy."""
        return f'"{self.name}";q={self.quota};w={self.window_s}'


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with a policy: how many are left, in how many seconds all are back."""

    policy: Policy
    backlog_s: float

    @property
    def left(self) -> int:
        """How many more would pass now."""
        return max(0, int((self.policy.window_s - self.backlog_s) / self.policy.each_s + 1e-6))

    @property
    def told(self) -> str:
        """The standing as an item of the header RateLimit."""
        return f'"{self.policy.name}";r={self.left};t={int(self.backlog_s) + 1}'


def policies(settings: Settings) -> dict[RateName, Policy]:
    """Return all limits: those of RATE_LIMITS, else the defaults."""
    rates = {**DEFAULTS, **settings.rate_limits}
    return {name: Policy(name, rate.quota, rate.window_s) for name, rate in rates.items()}


def kinds_of(act: Act) -> list[tuple[str, RateName]]:
    """Return what an act is counted by (pair, account, ip) and the limit of each."""
    prefix = f"{act}_"
    return [(name.removeprefix(prefix), name) for name in get_args(RateName) if name.startswith(prefix)]
