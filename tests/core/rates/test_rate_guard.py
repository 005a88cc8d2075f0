"""Limits of acts: by account, by address and by both, exact, and nobody is locked out of what is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.embedded.valkey import Valkey, running_valkey
from core.rates.errors import TooManyAttempts
from core.rates.guard import Guard
from core.settings import Rate, RateName, Settings

LIMITS: dict[RateName, Rate] = {
    "login_pair": Rate(quota=3, window_s=600),
    "login_account": Rate(quota=5, window_s=3600),
    "login_ip": Rate(quota=8, window_s=600),
}


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of the test's own, to be killed."""
    with running_valkey(tmp_path / "valkey", durable=False) as server:
        yield server


@asynccontextmanager
async def guarding(url: str, **more: Any) -> AsyncIterator[Guard]:
    made = Guard(Settings(redis_url=url, rate_limits=LIMITS, **more))
    try:
        yield made
    finally:
        await made.aclose()


@pytest.fixture
async def guard(valkey_server: Valkey) -> AsyncIterator[Guard]:
    """A guard with small limits."""
    async with guarding(valkey_server.url) as made:
        yield made


def new(kind: str) -> str:
    return f"{kind}-{uuid4().hex}"


async def passed(guard: Guard, tries: list[tuple[str, str]]) -> int:
    """Try to log in to accounts from addresses, one after the other; return how many tries were let in."""
    count = 0
    for account, ip in tries:
        try:
            await guard.enter("login", account=account, ip=ip)
            count += 1
        except TooManyAttempts:
            pass
    return count


async def test_who_guesses_at_one_account_is_stopped_by_the_pair(guard: Guard) -> None:
    account, ip = new("account"), new("ip")
    assert await passed(guard, [(account, ip)] * 10) == 3
    with pytest.raises(TooManyAttempts) as refused:
        await guard.enter("login", account=account, ip=ip)
    assert 190 < refused.value.retry_after_s <= 200
    assert [(s.policy.name, s.left) for s in refused.value.standings] == [("login_pair", 0), ("login_ip", 5)]


async def test_who_guesses_at_many_accounts_is_stopped_by_the_address(guard: Guard) -> None:
    ip = new("ip")
    assert await passed(guard, [(new("account"), ip) for _ in range(20)]) == 8


async def test_who_guesses_from_many_places_is_stopped_by_the_account(guard: Guard) -> None:
    account = new("account")
    assert await passed(guard, [(account, new("ip")) for _ in range(20)]) == 5


async def test_a_refused_try_is_not_counted_anywhere(guard: Guard) -> None:
    account, ip = new("account"), new("ip")
    await passed(guard, [(account, ip)] * 50)
    assert await passed(guard, [(new("account"), ip) for _ in range(20)]) == 5


async def test_an_owner_gets_in_from_a_known_place_however_many_others_try(guard: Guard) -> None:
    account, home = new("account"), new("ip")
    await guard.succeeded(await guard.enter("login", account=account, ip=home))
    assert await passed(guard, [(account, new("ip")) for _ in range(20)]) == 5
    assert await passed(guard, [(account, home)]) == 1
    assert await passed(guard, [(account, new("ip"))]) == 0


async def test_an_owner_who_shows_it_otherwise_gets_in_from_there(guard: Guard) -> None:
    account, elsewhere = new("account"), new("ip")
    await passed(guard, [(account, new("ip")) for _ in range(20)])
    assert await passed(guard, [(account, elsewhere)]) == 0
    await guard.remember(account, elsewhere)
    assert await passed(guard, [(account, elsewhere)] * 10) == 3


async def test_who_shows_it_otherwise_after_trying_in_vain_gets_in(guard: Guard) -> None:
    account, ip = new("account"), new("ip")
    assert await passed(guard, [(account, ip)] * 10) == 3
    await guard.remember(account, ip)
    assert await passed(guard, [(account, ip)] * 10) == 3


async def test_logging_in_rightly_uses_nothing_up(guard: Guard) -> None:
    account, ip = new("account"), new("ip")
    for _ in range(30):
        await guard.succeeded(await guard.enter("login", account=account, ip=ip))
    assert await passed(guard, [(account, ip)] * 10) == 3


async def test_logging_in_rightly_does_not_clear_what_was_guessed_before(guard: Guard) -> None:
    mine, theirs, ip = new("account"), new("account"), new("ip")
    let_in = 0
    for _ in range(10):
        let_in += await passed(guard, [(theirs, ip)])
        await guard.succeeded(await guard.enter("login", account=mine, ip=ip))
    assert let_in == 3


async def test_of_fifty_tries_at_once_as_many_pass_as_one_after_the_other(valkey_server: Valkey) -> None:
    account, ip = new("account"), new("ip")
    async with guarding(valkey_server.url) as one, guarding(valkey_server.url) as other:
        tries = [passed(guard, [(account, ip)]) for _ in range(25) for guard in (one, other)]
        assert sum(await asyncio.gather(*tries)) == 3


async def test_what_was_used_up_comes_back_with_time(valkey_server: Valkey) -> None:
    limits: dict[RateName, Rate] = {"token_ip": Rate(quota=2, window_s=3)}
    made, ip = Guard(Settings(redis_url=valkey_server.url, rate_limits=limits)), new("ip")
    try:
        for _ in range(2):
            await made.enter("token", ip=ip)
        with pytest.raises(TooManyAttempts) as refused:
            await made.enter("token", ip=ip)
        assert refused.value.retry_after_s in (1, 2)
        await asyncio.sleep(1.6)
        await made.enter("token", ip=ip)
    finally:
        await made.aclose()


async def test_without_redis_this_process_counts_alone(mortal: Valkey) -> None:
    async with guarding(mortal.url) as guard:
        account, ip = new("account"), new("ip")
        assert await passed(guard, [(account, ip)]) == 1
        mortal.kill()
        assert await passed(guard, [(account, ip)] * 10) == 3
        assert await passed(guard, [(new("account"), ip) for _ in range(20)]) == 5


async def test_when_redis_is_back_it_counts_again(mortal: Valkey) -> None:
    async with guarding(mortal.url) as guard, guarding(mortal.url) as other:
        mortal.kill()
        await passed(guard, [(new("account"), new("ip"))])
        mortal.start()
        await asyncio.sleep(1.1)  # the pause after a failure
        account, ip = new("account"), new("ip")
        assert await passed(guard, [(account, ip)] * 2) == 2
        assert await passed(other, [(account, ip)] * 10) == 1


async def test_switched_off_nothing_is_counted(valkey_server: Valkey) -> None:
    async with guarding(valkey_server.url, rate_limit_enabled=False) as guard:
        assert await passed(guard, [(new("account"), "ip")] * 100) == 100
        await guard.succeeded(None)


async def test_nobody_reads_an_account_or_an_address_in_redis(mortal: Valkey) -> None:
    async with guarding(mortal.url) as guard:
        await guard.succeeded(await guard.enter("login", account="ada@example.org", ip="192.0.2.7"))
        keys = [key async for key in guard._redis.scan_iter()]
        lives = [await guard._redis.ttl(key) for key in keys]
    assert len(keys) == 4
    assert b"ada" not in b"".join(keys)
    assert b"192" not in b"".join(keys)
    assert min(lives) >= 0
