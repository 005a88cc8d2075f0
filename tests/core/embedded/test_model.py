"""The offline model as a server: it answers, and comes back on the same address."""

from pathlib import Path

import httpx

from core.embedded.model import running_offline_model


def test_it_answers_and_comes_back_on_the_same_address(tmp_path: Path) -> None:
    with running_offline_model(tmp_path) as server:
        url = server.url
        assert httpx.get(f"{url}/models", trust_env=False).is_success

        server.kill()
        server.start()

        assert server.url == url
        assert httpx.get(f"{server.origin}/stats", trust_env=False).is_success
    assert server.pid is None
