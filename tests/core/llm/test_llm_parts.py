"""Prices, headers, replies, settings, the stand-in and the ban on real calls."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from core import clock
from core.errors import Invalid, Unavailable
from core.llm import replies
from core.llm.config import ModelConfig
from core.llm.contract import Usage, is_demonstration, usage_of
from core.llm.errors import ModelCallsForbidden, ModelNotAllowed, ModelRefused, ModelUnavailable
from core.llm.prices import Prices
from core.llm.refusal import model_calls_forbidden
from core.llm.scripted import ScriptedModel
from core.llm.transport import retry_after_s
from core.settings import SettingsInvalid, load_settings
from tests.core.llm.conftest import MakeClient
from tests.core.llm.examples import CHOICE, QUESTION, WORD
from tests.core.llm.fault_server import FaultServer


def test_cost_is_exact_and_unknown_prices_are_none() -> None:
    prices = Prices(
        load_settings(model_prices={"m": {"input_per_million": 0.15, "output_per_million": 0.6}}).model_prices
    )
    assert prices.cost(1_000, 500, "m-2026", "m") == Decimal("0.00045")
    assert prices.cost(1_000, 500, "other") is None
    assert Prices().cost(1, 1, "m") is None


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"input_per_million": "x"},
        {"input_per_million": -1},
        {"input_per_million": float("nan")},
        {"input_per_million": float("inf")},
        {"input_per_million": 1, "output": 1},
    ],
)
def test_wrong_prices_name_the_setting(entry: dict[str, object]) -> None:
    with pytest.raises(SettingsInvalid, match=r"^MODEL_PRICES: m\..*; wanted is {"):
        load_settings(model_prices={"m": entry})


def test_one_unknown_cost_makes_the_sum_unknown() -> None:
    known = Usage(1, 10, 5, Decimal("0.5"))
    assert known + known == Usage(2, 20, 10, Decimal("1.0"))
    assert (known + Usage(1, 1, 1, None)).cost_usd is None
    assert usage_of([]) == Usage(0, 0, 0, Decimal(0))


def test_the_wait_asked_for_is_read_in_all_its_forms() -> None:
    later = format_datetime(clock.now() + timedelta(seconds=30), usegmt=True)
    assert retry_after_s({"retry-after": "1.5"}) == 1.5
    assert retry_after_s({"retry-after": "9", "retry-after-ms": "250"}) == 0.25
    assert 25 < (retry_after_s({"retry-after": later}) or 0) <= 30
    assert retry_after_s({"retry-after": "-5"}) == 0
    assert retry_after_s({"retry-after": "soon"}) is None
    assert retry_after_s({}) is None


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('  ```\n{"a": 1}```  ', {"a": 1}),
        ('{"a": "```"}', {"a": "```"}),
        (r'{"a\u0000": ["x\u0000y", "\ud83d"]}', {"a": ["xy", "\ufffd"]}),
        (r'{"a": "\ud83d\ude00 \\u0000"}', {"a": "😀 \\u0000"}),
    ],
)
def test_replies_are_decoded_to_what_can_be_stored(content: str, value: object) -> None:
    assert replies.decode(content) == value


def test_the_configuration_comes_from_the_settings() -> None:
    settings = load_settings(
        _env_file=None,
        openai_base_url="http://127.0.0.1:1/v1",
        openai_model="m",
        model_prices={"m": {"input_per_million": 1}},
        model_allowlist="x, y",
        model_max_concurrency=3,
    )
    config = ModelConfig.from_settings(settings)
    assert (config.model, config.max_concurrency, config.base_url) == ("m", 3, "http://127.0.0.1:1/v1")
    assert config.prices.cost(1_000_000, 0, "m") == 1
    assert config.allowed("m") == "m"
    assert config.allowed("x") == "x"
    with pytest.raises(ModelNotAllowed):
        config.allowed("z")


def test_errors_carry_what_the_edge_and_the_engine_need() -> None:
    away = ModelUnavailable(retry_after_s=3)
    assert isinstance(away, Unavailable)
    assert (away.retry_after_s, away.retryable, away.calls) == (3, True, ())
    assert away.detail == "The model endpoint is overloaded or cannot be reached; try again later."
    assert ModelRefused().detail == "The model declined to answer."
    not_allowed = ModelNotAllowed("The model 'z' is not on MODEL_ALLOWLIST.")
    assert isinstance(not_allowed, Invalid)
    assert not_allowed.errors[0].msg == not_allowed.detail


async def test_calls_can_be_forbidden(server: FaultServer, make_client: MakeClient) -> None:
    client = make_client()
    with model_calls_forbidden():
        with pytest.raises(ModelCallsForbidden, match="ScriptedModel"):
            await client.complete(WORD, QUESTION, seed=1)
        with pytest.raises(ModelCallsForbidden):
            await client.embed(["a"])
    assert server.requests == []
    assert (await client.complete(WORD, QUESTION, seed=1)).output.count == 3


async def test_the_stand_in_answers_from_its_script() -> None:
    model = ScriptedModel(
        {
            "word": [{"word": "a", "count": 1}, ModelRefused(), {"word": "b", "count": 2}],
            "choice": lambda asked: {"choice": asked.data.options[asked.seed]},
        }
    )
    with model_calls_forbidden():
        assert (await model.complete(WORD, QUESTION, seed=1)).output.word == "a"
        with pytest.raises(ModelRefused):
            await model.complete(WORD, QUESTION, seed=1)
        assert [(await model.complete(WORD, QUESTION, seed=1)).output.word for _ in range(2)] == ["b", "b"]
        assert (await model.complete(CHOICE, QUESTION, seed=1)).output == "no"
    assert [asked.prompt for asked in model.asked] == ["word", "word", "word", "word", "choice"]
    same = (await model.embed(["x", "y", "x"])).vectors
    assert same[0] == same[2] != same[1]


async def test_the_stand_in_validates_like_the_real_client() -> None:
    with pytest.raises(ValueError, match="count"):
        await ScriptedModel({"word": {"word": "a", "count": -1}}).complete(WORD, QUESTION, seed=1)
    with pytest.raises(KeyError):
        await ScriptedModel({}).complete(WORD, QUESTION, seed=1)


def test_demonstrations_are_known_by_name() -> None:
    assert is_demonstration("offline-demonstration-2")
    assert not is_demonstration("gpt-5-mini")


def test_the_sdk_loads_on_first_use_only() -> None:
    code = (
        "import sys, core.llm.client, core.llm.service, core.llm.scripted\n"
        "from core.llm.config import ModelConfig\n"
        "core.llm.client.ModelClient(ModelConfig(model='m', embedding_model='e'))\n"
        "assert not {'openai', 'numpy', 'httpx2', 'aiohttp'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
