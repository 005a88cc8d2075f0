"""Postgres: data outlives stops and crashes, strangers stay out, folders closed to others do not matter."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.embedded.postgres import Postgres
from core.embedded.postgres_binaries import PostgresBinaries, PostgresMissing, find_binaries, usable_by
from core.embedded.processes import FolderInUse, identify
from core.embedded.server import ServerNotStarted


def query(url: str, statement: str) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(url, timeout=5, ssl=False)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("pg") / "postgres", durable=False) as server:
        query(server.url, "CREATE TABLE kept AS SELECT 7 AS number")
        yield server


def test_data_survives_a_restart_on_the_same_address(server: Postgres) -> None:
    url, pid = server.url, server.pid

    server.restart()

    assert server.url == url
    assert server.pid != pid
    assert query(url, "SELECT number FROM kept") == 7


def test_data_survives_a_kill(server: Postgres) -> None:
    server.kill()
    assert server.pid is None

    server.start()

    assert query(server.url, "SELECT number FROM kept") == 7


def test_stop_may_be_called_twice_and_frees_the_folder(server: Postgres) -> None:
    server.stop()
    server.stop()

    assert not (server.data / "postmaster.pid").exists()
    server.start()


def test_a_second_server_on_the_same_folder_is_refused(server: Postgres) -> None:
    with pytest.raises(FolderInUse):
        Postgres(server.folder).start()

    assert query(server.url, "SELECT 1") == 1


def test_a_server_left_behind_is_ended(server: Postgres) -> None:
    """As after the owner's SIGKILL on a system that does not end children with their parents."""
    abandoned, pid = server.process, server.pid
    assert abandoned is not None
    assert pid is not None
    server.process = None
    server._lock.release()

    server.start()

    assert abandoned.wait(timeout=5) == 0
    assert identify(pid) is None
    assert query(server.url, "SELECT number FROM kept") == 7


def test_a_stale_pid_file_that_names_another_program_does_no_harm(server: Postgres) -> None:
    server.kill()
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    server.start()

    assert query(server.url, "SELECT number FROM kept") == 7


def test_a_wrong_password_is_refused_and_the_right_one_is_private(server: Postgres) -> None:
    password = (server.folder / "password").read_text().strip()

    with pytest.raises(asyncpg.InvalidPasswordError):
        query(server.url.replace(password, "wrong"), "SELECT 1")
    assert stat.S_IMODE((server.folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


def test_text_is_unicode_and_case_folds_beyond_ascii(server: Postgres) -> None:
    assert query(server.url, "SHOW server_encoding") == "UTF8"
    if find_binaries().major >= 17:
        assert query(server.url, "SELECT lower('ÄÖÜ')") == "äöü"


def test_it_runs_below_a_folder_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with Postgres(closed / "postgres", durable=False) as server:
        assert query(server.url, "SELECT 1") == 1


def test_binaries_out_of_reach_are_copied_where_they_can_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.embedded.postgres_binaries.SHARED_FOLDERS", (str(tmp_path),))
    package = tmp_path / "closed" / "package"
    for name in ("bin/postgres", "bin/initdb", "share/postgres.bki", "include/large.h"):
        (package / "install" / name).parent.mkdir(parents=True, exist_ok=True)
        (package / "install" / name).write_text(name)
    (package / "install/bin/postgres").chmod(0o700)
    (tmp_path / "closed/package.libs").mkdir()
    (tmp_path / "closed/package.libs/libpq.so").write_text("library")
    (tmp_path / "closed").chmod(0o700)
    binaries = PostgresBinaries(package / "install/bin", 18)

    copy = usable_by(binaries, uid=65_534)

    assert copy.folder.is_relative_to(tmp_path)
    assert stat.S_IMODE((copy.folder / "postgres").stat().st_mode) == 0o755
    assert (copy.folder / "../../../package.libs/libpq.so").resolve().read_text() == "library"
    assert not (copy.folder / "../include").exists()
    assert usable_by(binaries, uid=65_534) == copy


def test_a_missing_version_is_named() -> None:
    with pytest.raises(PostgresMissing, match="made by PostgreSQL 9"):
        find_binaries(9)


def test_a_failed_start_shows_the_log_and_leaves_nothing(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    server.stop()
    with (server.data / "postgresql.conf").open("a") as file:
        file.write("\nno_such_setting = 1\n")

    with pytest.raises(ServerNotStarted, match="no_such_setting"):
        server.start()
    assert server.pid is None
