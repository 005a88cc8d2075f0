"""Valkey: its append-only file outlives stops, and it answers only to its password."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from core.embedded.server import ServerNotStarted
from core.embedded.valkey import Valkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    with Valkey(tmp_path / "valkey") as server:
        yield server


def test_data_survives_a_restart_and_a_kill(server: Valkey) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "7")
    server.restart()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"7"
    time.sleep(1.2)  # everysec: what is older than a second is on disk

    server.kill()
    server.start()

    with redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"7"


def test_without_the_password_it_answers_nothing(server: Valkey) -> None:
    with redis.Redis(port=server.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_failed_start_shows_the_log(tmp_path: Path) -> None:
    with Valkey(tmp_path / "first") as first:
        second = Valkey(tmp_path / "second", port=first.port)

        with pytest.raises(ServerNotStarted, match="Address already in use"):
            second.start()
        assert first.pid is not None
