"""The worker process starts with what its pools need, and no more."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from core.settings import Settings
from tests.fixtures.system import WorkerHandle
from worker.__main__ import _say_where_mails_go


@pytest.mark.usefixtures("database")
async def test_a_worker_of_deliveries_needs_no_model() -> None:
    no_model = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": "", "WORKER_POOLS": "delivery"}
    with contextlib.closing(WorkerHandle.start(no_model)) as worker:
        async with asyncio.timeout(60):
            while "worker_started" not in worker.log.read_text():
                assert worker.process.poll() is None, worker.log.read_text()
                await asyncio.sleep(0.1)


def said_of_mail(environment: str, pools: list[str], capsys: pytest.CaptureFixture[str], **more: str) -> str:
    """What a worker of some pools says of mails as it starts."""
    settings = Settings().model_copy(update={"environment": environment, "mail_server": None} | more)
    _say_where_mails_go(settings, pools)
    return capsys.readouterr().out


def test_a_worker_says_where_mails_go_that_have_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert "mails are written to" in said_of_mail("development", ["delivery"], capsys)


def test_a_worker_in_production_warns_that_mails_wait(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of_mail("production", ["batch", "delivery"], capsys)
    assert "warning" in said
    assert "MAIL_SERVER is not set: mails wait" in said


def test_a_worker_that_delivers_nothing_or_has_a_server_says_nothing_of_mails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said_of_mail("production", ["batch"], capsys) == ""
    assert said_of_mail("production", ["delivery"], capsys, mail_server="mail.example") == ""
