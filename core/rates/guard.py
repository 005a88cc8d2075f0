"""The limits of acts that are worth repeating to an attacker: exact, in Redis; while that is away, in this process."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from redis.asyncio import Redis

from core.rates.buckets import GIVE, TAKE, LocalBuckets, key_of, whole_seconds
from core.rates.errors import TooManyAttempts
from core.rates.policies import Act, Policy, Standing, kinds_of, policies
from core.redis.connection import REDIS_ERRORS, connection_pool
from core.settings import Settings, require

log = structlog.get_logger(__name__)
REDIS_TIMEOUT_S: Final = 0.5
PAUSE_AFTER_FAILURE_S: Final = 1.0
# How long a place stays known from which an account was logged in to.
KNOWN_FOR_S: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Passage:
    """What one act took, to be given back if it turns out to be its owner's."""

    taken: tuple[tuple[str, Policy], ...]
    mark: str
    standings: tuple[Standing, ...]


class Guard:
    """Counts acts by account, by address and by both: `passage = await guard.enter("login", account=…, ip=…)`.

    The limit of the pair stops who guesses; that of the account who guesses from many places. The account's is not
    held against places from which it was logged in to before, so that nobody can lock its owner out.
    """

    def __init__(self, settings: Settings) -> None:
        self._policies = policies(settings)
        self._enabled = settings.rate_limit_enabled
        pool = connection_pool(require(settings.redis_url, "REDIS_URL"), timeout_s=REDIS_TIMEOUT_S, retries=0)
        self._redis = Redis(connection_pool=pool)
        self._take = self._redis.register_script(TAKE)
        self._give = self._redis.register_script(GIVE)
        self._local = LocalBuckets()
        self._away_until = 0.0

    async def enter(self, act: Act, *, ip: str, account: str | None = None) -> Passage | None:
        """Count one act; None where limits are switched off. Raises TooManyAttempts, and counts nothing then."""
        if not self._enabled:
            return None
        wanted: list[tuple[str, Policy]] = []
        opened_by_mark = 0
        for kind, name in kinds_of(act):
            if kind != "ip" and account is None:
                continue
            of = {"ip": (ip,), "account": (account or "",), "pair": (account or "", ip)}[kind]
            wanted.append((key_of(name, *of), self._policies[name]))
            if kind == "account":
                opened_by_mark = len(wanted)
        mark = key_of("known", account or "", ip)
        wait_s, open_bucket, backlogs = await self._taken(wanted, mark, opened_by_mark)
        # What others try at an account is told to nobody.
        standings = [
            Standing(policy, backlog_s)
            for (_, policy), backlog_s in zip(wanted, backlogs, strict=True)
            if not policy.name.endswith("_account")
        ]
        if wait_s > 0:
            raise TooManyAttempts(retry_after_s=whole_seconds(wait_s), standings=standings)
        taken = [one for number, one in enumerate(wanted, 1) if number != open_bucket]
        return Passage(tuple(taken), mark, tuple(standings))

    async def succeeded(self, passage: Passage | None) -> None:
        """Give back what an act took that was its owner's, and remember the place."""
        if passage is None:
            return
        self._local.give(passage.taken)
        if time.monotonic() < self._away_until:
            return
        keys, pieces = [key for key, _ in passage.taken], [policy.each_s for _, policy in passage.taken]
        try:
            await self._give(keys=[*keys, passage.mark], args=[KNOWN_FOR_S, *pieces])
        except REDIS_ERRORS as error:
            self._failed(error)

    async def remember(self, account: str, ip: str) -> None:
        """Take an address for one of the account's owner, who has shown it in another way than by logging in.

        What was tried there before is forgotten: who forgot a password has mostly tried some.
        """
        if not self._enabled:
            return
        tried = key_of("login_pair", account, ip)
        self._local.full_at.pop(tried, None)
        if time.monotonic() < self._away_until:
            return
        try:
            await self._redis.delete(tried)
            await self._redis.set(key_of("known", account, ip), 1, ex=KNOWN_FOR_S)
        except REDIS_ERRORS as error:
            self._failed(error)

    async def aclose(self) -> None:
        """Close the connections."""
        with suppress(*REDIS_ERRORS):
            await self._redis.aclose(close_connection_pool=True)

    async def _taken(
        self, wanted: list[tuple[str, Policy]], mark: str, opened_by_mark: int
    ) -> tuple[float, int, list[float]]:
        if time.monotonic() >= self._away_until:
            sizes = [size for _, policy in wanted for size in (policy.each_s, policy.window_s)]
            try:
                found = await self._take(keys=[*(key for key, _ in wanted), mark], args=[opened_by_mark, *sizes])
            except REDIS_ERRORS as error:
                self._failed(error)
            else:
                wait_s, open_bucket, *backlogs = found
                return float(wait_s), int(open_bucket), [float(one) for one in backlogs]
        wait, left = self._local.take(wanted)
        return wait, 0, left

    def _failed(self, error: BaseException) -> None:
        self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
        log.warning("rates_without_redis", error=type(error).__name__)
