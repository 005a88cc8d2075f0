"""The whole stack with real Postgres and Valkey and a small Procfile in place of the product's."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from core.embedded.model import API_KEY, OfflineModel
from core.embedded.ports import PortBook, accepts, find_free_port
from core.embedded.processes import identify
from core.embedded.stack import AlreadyRunning, Stack, StackNotStarted, StackOptions, without_password
from core.embedded.state import find_running, load_state
from core.settings import load_settings

GIVEN: dict[str, Any] = {
    "database_url": "postgresql://h/db", "redis_url": "redis://h/0", "web": False, "workers": 0
}  # fmt: skip
MODEL_URL = "http://127.0.0.1:9/v1"
PRINT_ENV = "import os, json; print(json.dumps(dict(os.environ)), flush=True)"
PROCFILE = f"""\
web: {sys.executable} -m http.server --bind 127.0.0.1 $PORT
worker: {sys.executable} -c "{PRINT_ENV}; import time; time.sleep(60)"
release: echo migrated
"""


def wait_for(condition: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def make_options(folder: Path, procfile: str = PROCFILE) -> StackOptions:
    (folder / "Procfile").write_text(procfile)
    data_dir = folder / "data"
    data_dir.mkdir(exist_ok=True)
    for name in ("postgres", "valkey", "model"):
        PortBook(data_dir).choose(name, wanted=find_free_port())  # remembered: tests may run side by side
    return StackOptions(data_dir, root=folder, openai_base_url=MODEL_URL, port=find_free_port(), workers=2)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(make_options(tmp_path_factory.mktemp("stack"))) as stack:
        yield stack


def test_everything_runs_and_the_state_file_says_where(stack: Stack) -> None:
    state = find_running(stack.data_dir)

    assert state is not None
    assert state.owner.pid == os.getpid()
    assert state.processes.keys() == {"postgres", "valkey", "web", "worker.1", "worker.2"}
    assert all(process.is_alive for process in state.processes.values())
    assert state.web_url is not None
    with urlopen(state.web_url, timeout=5) as answer:
        assert answer.status == 200


def test_children_are_told_the_addresses(stack: Stack) -> None:
    log = stack.data_dir / "logs" / "worker.1.log"
    assert wait_for(lambda: log.read_text().endswith("\n"))
    env = json.loads(log.read_text().splitlines()[0])

    assert env["DATABASE_URL"] == stack.database_url
    assert env["REDIS_URL"] == stack.redis_url
    assert env["OPENAI_BASE_URL"] == MODEL_URL
    assert env["PUBLIC_URL"] == stack.web_url
    assert stack.web_url == f"http://localhost:{env['PORT']}"
    assert env["DATA_DIR"] == str(stack.data_dir)


def test_a_second_stack_in_the_folder_is_told_of_the_first(stack: Stack) -> None:
    with pytest.raises(AlreadyRunning) as raised:
        Stack(stack.options).start()

    assert raised.value.state is not None
    assert raised.value.state.web_url == stack.web_url


def test_a_killed_worker_and_a_killed_server_come_back(stack: Stack) -> None:
    before = load_state(stack.data_dir)
    assert before is not None
    url = stack.database_url
    for name in ("worker.2", "valkey", "postgres"):
        os.kill(before.processes[name].pid, signal.SIGKILL)

    def is_back() -> bool:
        now = load_state(stack.data_dir)
        return now is not None and all(
            name in now.processes and now.processes[name] != before.processes[name] and now.processes[name].is_alive
            for name in ("worker.2", "valkey", "postgres")
        )

    assert wait_for(is_back)
    assert stack.database_url == url
    assert all(server.pid is not None and accepts(server.port) for server in stack.servers)


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    with Stack(make_options(tmp_path)) as stack:
        state = load_state(stack.data_dir)
        assert state is not None

    assert [name for name, process in state.processes.items() if identify(process.pid) is not None] == []
    assert find_running(stack.data_dir) is None
    assert not (stack.data_dir / "state.json").exists()


def test_addresses_that_are_given_are_used_and_nothing_is_started_for_them(tmp_path: Path) -> None:
    with Stack(replace(make_options(tmp_path), **GIVEN)) as stack:
        assert stack.servers == []
        assert stack.env["DATABASE_URL"] == "postgresql://h/db"


def test_without_a_model_address_the_offline_model_serves(tmp_path: Path) -> None:
    with Stack(replace(make_options(tmp_path), **GIVEN, openai_base_url=None)) as stack:
        assert [type(server) for server in stack.servers] == [OfflineModel]
        assert stack.env["OPENAI_BASE_URL"] == stack.servers[0].url
        assert stack.env["OPENAI_API_KEY"] == API_KEY


def test_failed_migrations_stop_everything(tmp_path: Path) -> None:
    stack = Stack(make_options(tmp_path, PROCFILE.replace("echo migrated", "sh -c 'exit 3'")))

    with pytest.raises(StackNotStarted, match="exit code 3"):
        stack.start()
    assert [server.pid for server in stack.servers] == [None, None]
    assert find_running(stack.data_dir) is None


def test_empty_settings_count_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)

    options = StackOptions.from_settings(load_settings())

    assert options.data_dir == tmp_path / ".data"
    assert {options.database_url, options.redis_url, options.openai_base_url, options.openai_api_key} == {None}


def test_shown_addresses_hide_the_password() -> None:
    assert without_password("postgresql://u:secret@127.0.0.1:1/db") == "postgresql://u@127.0.0.1:1/db"
    assert without_password("redis://:secret@127.0.0.1:1/0") == "redis://127.0.0.1:1/0"
    assert without_password("redis://127.0.0.1:1/0") == "redis://127.0.0.1:1/0"


def test_a_data_folder_that_cannot_be_used_is_named_with_its_setting(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(OSError, match=rf"^DATA_DIR: {taken} cannot be used"):
        Stack(StackOptions(data_dir=taken)).start()
