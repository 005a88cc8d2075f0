"""Ports: free ones are found, taken ones avoided, chosen ones remembered."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.embedded.ports import NEIGHBOURS, USUAL_PORTS, PortBook, accepts, find_free_port, is_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", find_free_port())) as server:
        yield server


def port_of(listener: socket.socket) -> int:
    port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


def test_a_port_someone_listens_on_is_not_free(listener: socket.socket) -> None:
    assert not is_free(port_of(listener))
    assert accepts(port_of(listener))


def test_a_found_port_is_free_and_no_outgoing_connection_will_be_given_it() -> None:
    port = find_free_port()

    assert is_free(port)
    assert port < 32_768
    assert not accepts(port)


def test_a_wanted_port_that_is_taken_gives_way_to_a_neighbour(tmp_path: Path, listener: socket.socket) -> None:
    chosen = PortBook(tmp_path).choose("web", wanted=port_of(listener))

    assert chosen > port_of(listener)
    assert is_free(chosen)


def test_the_choice_is_remembered(tmp_path: Path) -> None:
    first = PortBook(tmp_path).choose("postgres", wanted=find_free_port())

    assert first != USUAL_PORTS["postgres"]
    assert PortBook(tmp_path).choose("postgres") == first


def test_a_wanted_port_of_web_is_for_this_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = find_free_port()
    monkeypatch.setitem(USUAL_PORTS, "web", usual)
    wanted = find_free_port()
    assert PortBook(tmp_path).choose("web", wanted=wanted) == wanted
    assert PortBook(tmp_path).choose("web") == usual


def test_a_neighbour_of_webs_wanted_port_goes_before_last_times(tmp_path: Path, listener: socket.socket) -> None:
    remembered = PortBook(tmp_path).choose("web")

    chosen = PortBook(tmp_path).choose("web", wanted=port_of(listener))

    assert chosen != remembered
    assert port_of(listener) < chosen < port_of(listener) + NEIGHBOURS


def test_web_returns_to_its_usual_port_and_else_to_last_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    usual = port_of(listener)
    monkeypatch.setitem(USUAL_PORTS, "web", usual)
    other = PortBook(tmp_path).choose("web")
    assert other != usual
    assert PortBook(tmp_path).choose("web") == other
    listener.close()
    assert PortBook(tmp_path).choose("web") == usual


def test_two_servers_never_get_the_same_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = PortBook(tmp_path)
    usual = find_free_port()
    monkeypatch.setitem(USUAL_PORTS, "model", usual)

    book.choose("valkey", wanted=usual)  # chosen, though nothing listens there yet

    assert book.choose("model") not in {usual, book.choose("valkey")}


def test_a_damaged_memory_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"postgres": "no number", "valkey"')

    assert is_free(PortBook(tmp_path).choose("postgres"))
