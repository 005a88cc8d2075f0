"""Find free TCP ports on the loopback address and remember those chosen, so that addresses stay the same."""

import json
import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
USUAL_PORTS = {"web": 8000, "postgres": 54329, "valkey": 63799, "model": 11435}
NEIGHBOURS = 50
# Below Linux' range for outgoing connections: a client that reconnects in a loop while its server is down
# can otherwise be given the server's port, connect to itself, and keep the server from coming back.
QUIET_PORTS = range(20_000, 32_000)


class NoFreePort(RuntimeError):
    """No free TCP port was found on the loopback address."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """Return a free port that no outgoing connection will be given."""
    for port in random.SystemRandom().sample(QUIET_PORTS, 200):
        if is_free(port):
            return port
    raise NoFreePort("None of 200 ports tried on 127.0.0.1 is free.")


def accepts(port: int, host: str = LOOPBACK, timeout_s: float = 0.5) -> bool:
    """Tell whether something answers a TCP connection on `port`."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


class PortBook:
    """The ports last used in a data folder, kept in its `ports.json`."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "ports.json"

    def choose(self, name: str, wanted: int | None = None) -> int:
        """Return the first free one of: the wanted port, last time's, the usual one, its neighbours, any.

        For web, which people know by its port, the usual one goes before last time's. One wanted is for this time, and
        its neighbours go before last time's too.
        """
        remembered = self._read()
        usual = wanted or USUAL_PORTS[name]
        first = usual if name == "web" else wanted or remembered.get(name)
        host = "0.0.0.0" if name == "web" else LOOPBACK  # noqa: S104 - web may listen on every address
        taken = {port for other, port in remembered.items() if other != name}
        neighbours = [port for port in range(usual, min(usual + NEIGHBOURS, 65_536)) if port not in taken]
        wished = [first, remembered.get(name), *neighbours]
        if name == "web" and wanted is not None:
            wished = [wanted, *neighbours, remembered.get(name)]
        port = next((port for port in wished if port and is_free(port, host)), None) or find_free_port()
        if name != "web" or wanted is None:
            self._path.write_text(json.dumps(remembered | {name: port}, indent=2) + "\n")
        return port

    def _read(self) -> dict[str, int]:
        try:
            content = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {str(name): port for name, port in content.items() if isinstance(port, int) and 0 < port < 65_536}
