"""What processes use meanwhile: CPU of ours by name, CPU of all others on the machine, memory. Read from /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

TICKS: Final = os.sysconf("SC_CLK_TCK")
CORES: Final = os.cpu_count() or 1
_PARENT, _CPU = 1, slice(11, 15)  # fields of /proc/PID/stat after the name


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_s(*roots: int) -> float:
    """Return the seconds of CPU that processes and all below them have used, ended children included."""
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it has ended meanwhile
                found[int(entry.name)] = _stat(int(entry.name))
    wanted: set[int] = set()
    more = set(roots) & set(found)
    while more:
        wanted |= more
        more = {pid for pid, stat in found.items() if int(stat[_PARENT]) in wanted} - wanted
    return sum(int(ticks) for pid in wanted for ticks in found[pid][_CPU]) / TICKS


def most_memory_mb(pid: int) -> float:
    """Return the most resident memory that a process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def forget_most_memory(pid: int) -> None:
    """Let the most memory of a process count anew from here (Linux)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _machine_s() -> float:
    """Return the seconds of CPU that the whole machine has spent, what its host took away included."""
    user, nice, system, _idle, _wait, *rest = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    return sum(map(int, (user, nice, system, *rest))) / TICKS


@dataclass(slots=True)
class Meter:
    """The CPU used during a block, by ourselves and by named processes with all below them."""

    processes: Mapping[str, tuple[int, ...]]
    seconds: float = 0.0
    used_s: dict[str, float] = field(default_factory=dict)
    elsewhere_s: float = 0.0

    def __enter__(self) -> Self:
        self.used_s, self.elsewhere_s, self.seconds = self._spent(), _machine_s(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self.seconds
        self.used_s = {name: used - self.used_s[name] for name, used in self._spent().items()}
        self.elsewhere_s = max(0.0, _machine_s() - self.elsewhere_s - sum(self.used_s.values()))

    def _spent(self) -> dict[str, float]:
        own = os.times()
        return {"load": own.user + own.system} | {name: cpu_s(*pids) for name, pids in self.processes.items()}

    def busy(self) -> str:
        """Tell in words how much of the machine was in use, and by whom."""
        parts = [f"{name} {self._share(used):.0f}" for name, used in self.used_s.items() if self._share(used) >= 1]
        ours = self._share(sum(self.used_s.values()))
        return f"CPU {ours:.0f} % ours ({', '.join(parts)}), {self._share(self.elsewhere_s):.0f} % others"

    def ms_each(self, count: int, *names: str) -> float:
        """Return the milliseconds of CPU per piece of work, of all our processes or of those named."""
        return 1000 * sum(used for name, used in self.used_s.items() if not names or name in names) / count

    def _share(self, used_s: float) -> float:
        return 100 * used_s / (self.seconds * CORES)
