"""Under a budget each try is paid for before it is made: what is taken, what comes back, and what is refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from core.llm.client import ModelClient
from core.llm.contract import EMBEDDING_BATCH, Call
from core.llm.errors import BudgetExhausted, ModelError, ModelPaused, ModelUnavailable
from core.llm.prices import Prices
from core.llm.spending import most_input_tokens, paid_by, present_purse
from core.settings import Price
from tests.core.llm.conftest import MakeClient
from tests.core.llm.examples import BAD, QUESTION, WORD
from tests.core.llm.fault_server import FaultServer, Reply, chat, embedded, error

PRICES = Prices(
    {
        "asked-1": Price(input_per_million=Decimal(1), output_per_million=Decimal(10)),
        "vectors": Price(input_per_million=Decimal(1)),
    }
)


@dataclass
class Noted:
    """A purse that pays for so many tries and notes what was taken and what came back."""

    tries: int = 100
    taken: list[Decimal | None] = field(default_factory=list)
    back: list[Decimal] = field(default_factory=list)

    async def take(self, most: Decimal | None, model: str) -> None:
        assert model in {"asked-1", "vectors"}
        if len(self.taken) == self.tries:
            raise BudgetExhausted
        self.taken.append(most)

    def give_back(self, usd: Decimal) -> None:
        self.back.append(usd)

    @property
    def charged(self) -> Decimal:
        return sum((usd or Decimal(0) for usd in self.taken), Decimal(0)) - sum(self.back, Decimal(0))


@pytest.fixture
def client(make_client: MakeClient) -> ModelClient:
    return make_client(prices=PRICES)


async def paid(client: ModelClient, purse: Noted) -> tuple[Call, ...]:
    """Ask with a purse; return the calls, whatever came of it."""
    with paid_by(purse):
        try:
            return (await client.complete(WORD, QUESTION, seed=7)).calls
        except ModelError as refused:
            return refused.calls


async def test_the_most_is_taken_and_what_it_did_not_cost_comes_back(client: ModelClient) -> None:
    purse = Noted()
    [call] = await paid(client, purse)
    [most] = purse.taken
    assert most is not None
    assert most > Decimal("0.000010") * WORD.max_output_tokens
    assert purse.back == [most - Decimal("0.0003")]
    assert (call.cost_usd, call.most_usd) == (Decimal("0.0003"), None)
    assert present_purse() is None


async def test_each_try_and_the_repair_are_paid_for_anew(server: FaultServer, client: ModelClient) -> None:
    server.script = [error(500), chat(BAD)]
    purse = Noted()
    calls = await paid(client, purse)
    assert [call.outcome for call in calls] == ["transient", "invalid", "ok"]
    first, second, repair = (usd or Decimal(0) for usd in purse.taken)
    assert first == second < repair  # the faulty reply goes along
    assert purse.back[0] == first  # an error status is not billed
    assert purse.charged == Decimal("0.0006")


async def test_what_may_have_been_billed_counts_the_most(server: FaultServer, make_client: MakeClient) -> None:
    server.script = [Reply(wait_s=3, close=True)]
    purse = Noted()
    lost, _ = await paid(make_client(prices=PRICES, timeout_s=0.2), purse)
    assert (lost.cost_usd, lost.most_usd, lost.charged_usd) == (None, purse.taken[0], purse.taken[0])
    assert purse.back[0] == 0


async def test_where_nobody_listens_nothing_is_billed(make_client: MakeClient) -> None:
    purse = Noted()
    calls = await paid(make_client(prices=PRICES, base_url="http://127.0.0.1:9/v1", tries=2), purse)
    assert {call.cost_usd for call in calls} == {0}
    assert purse.charged == 0


async def test_a_call_that_is_not_made_costs_nothing(server: FaultServer, make_client: MakeClient) -> None:
    client, purse = make_client(prices=PRICES, requests_per_minute=1), Noted()
    await paid(client, purse)
    spent = purse.charged
    with paid_by(purse), pytest.raises(ModelPaused):
        await client.complete(WORD, QUESTION, seed=8)
    assert (len(purse.taken), purse.charged) == (2, spent)


async def test_a_call_that_is_cancelled_in_flight_counts_the_most(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: Reply(wait_s=3, close=True)
    purse = Noted()
    asking = asyncio.create_task(paid(client, purse))
    await asyncio.sleep(0.3)
    assert len(server.requests) == 1
    asking.cancel()
    await asyncio.wait([asking])
    assert purse.charged == purse.taken[0]


async def test_what_was_spent_before_a_refusal_is_told(server: FaultServer, client: ModelClient) -> None:
    server.script = [chat(BAD)]
    with paid_by(Noted(tries=1)), pytest.raises(BudgetExhausted) as refused:
        await client.complete(WORD, QUESTION, seed=7)
    assert [call.outcome for call in refused.value.calls] == ["invalid"]
    assert len(server.requests) == 1


async def test_a_refusal_does_not_cut_off_embeddings_under_way(server: FaultServer, client: ModelClient) -> None:
    server.default = embedded
    texts = [f"text {number}" for number in range(2 * EMBEDDING_BATCH)]
    with paid_by(Noted(tries=1)), pytest.raises(BudgetExhausted) as refused:
        await client.embed(texts)
    assert [call.outcome for call in refused.value.calls] == ["ok"]
    purse = Noted()
    with paid_by(purse):
        assert len((await client.embed(texts)).calls) == len(purse.taken) == 2


async def test_a_model_without_a_price_is_left_to_the_purse(make_client: MakeClient) -> None:
    purse = Noted()
    await paid(make_client(prices=Prices()), purse)
    assert purse.taken == [None]


async def test_the_repeats_of_a_failing_call_stop_with_the_money(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: error(500)
    assert len(await paid(client, Noted(tries=2))) == 2
    with pytest.raises(ModelUnavailable):  # without a budget all tries are made
        await client.complete(WORD, QUESTION, seed=7)
    assert len(server.requests) == 2 + 4


@pytest.mark.parametrize("text", ["plain words", "日本語のテキスト", "🧑‍🔬", "1 2 3 4 5", '{}[]\\"\n\t'])
def test_a_text_has_no_more_tokens_than_bytes(text: str) -> None:
    size = len(text.encode())
    alone = most_input_tokens([text], None)
    assert alone >= size
    assert most_input_tokens([{"role": "user", "content": text}], None) == alone
    assert most_input_tokens([text, text], {"a": text}) >= 3 * size
