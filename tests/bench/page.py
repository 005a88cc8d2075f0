"""The page of figures, RESULTS.md: one line per figure, each replaced when it is measured again."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).with_name("RESULTS.md")
LOAD: Final = os.getloadavg()[0]
_CELLS: Final = 7


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure is meant to reach: `least` or `most` of its number."""

    words: str
    least: float | None = None
    most: float | None = None

    def reached(self, number: float) -> bool:
        """Tell whether the number is good enough."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


PICKUP: Final = "Idle pickup, submit to first line of the body"
HTTP: Final = "Submits over HTTP, 20 clients"
NOOPS: Final = "Durable no-op jobs"
EFFICIENCY: Final = "Simulation efficiency, 2,000 calls of 200 ms, 50 in flight"
SCALING: Final = "Scaling of a latency-bound simulation"
CALLS: Final = "Calls per answer"
LARGE: Final = "Large simulation"
READING: Final = "Reading a run of 10,000 respondents and 50 questions"
READ: Final = (
    "results",
    "results of a segment",
    "results with a filter, weighted",
    "a table of two variables",
    "a banner page, 10 questions × 12 columns",
    "quality alarms",
    "a page of 200 responses",
    "a comparison of two such runs, asked again",
    "the list of simulations",
    "a weighting's report",
)
LOGIC: Final = "Thirty questions"
HEALTH: Final = "`/healthz` during 50 logins at once, p99"
ALIKE: Final = "Known and unknown addresses, times of an answer"
WEBHOOKS: Final = "10,000 events for 50 receivers, 10 dead: until the other 40 have theirs"
WAITING: Final = "1,000 clients wait, 500 long polls and 500 streams, one web process"
LOGICS: Final = ("with display logic", "without")
AIMS: Final = {
    f"{PICKUP}, p50": Aim("≤ 4 ms", most=4),
    f"{PICKUP}, p95": Aim("≤ 15 ms", most=15),
    f"{HTTP}, one web process": Aim("≥ 900/s", least=900),
    f"{HTTP}, two web processes": Aim("≥ 900/s", least=900),
    f"{NOOPS}, one worker of 20 slots": Aim("≥ 600/s", least=600),
    f"{NOOPS}, one worker, its CPU per job": Aim("< 1.2 ms", most=1.2),
    f"{NOOPS}, two workers of 20 slots": Aim("≥ 900/s", least=900),
    f"{NOOPS}, two workers, their CPU per job": Aim("< 1.2 ms", most=1.2),
    "Idle worker": Aim("< 2 % of a core", most=2),
    f"{EFFICIENCY}, one worker": Aim("ratio ≥ 1", least=1),
    f"{EFFICIENCY}, two workers": Aim("≥ 0.93", least=0.93),
    **{f"{SCALING}, {count} workers": Aim("≥ 0.9 of linear", least=0.9) for count in (2, 4, 8)},
    f"{SCALING}, 8 workers, short calls": Aim("where CPU is the limit"),
    f"{CALLS}, 5 % 429, 2 % 500, 2 % invalid": Aim("≤ 1.12, 0 lost", most=1.12),
    f"{CALLS}, a server that accepts 20, set to 50": Aim("≤ 1.05, 0 lost", most=1.05),
    f"{CALLS}, 6,000 requests a minute, two clients": Aim("≤ 1.01, 0 lost", most=1.01),
    f"{LARGE}, memory of the largest worker": Aim("< 300 MB", most=300),
    f"{LARGE}, memory of web while results and files are read": Aim("< 300 MB", most=300),
    f"{LARGE}, time": Aim("recorded"),
    f"{LARGE}, reading it": Aim("recorded"),
    **{f"{READING}, {name}, p95": Aim("≤ 300 ms", most=300) for name in READ},
    f"{READING}, the first reading after its end": Aim("recorded"),
    f"{READING}, the first comparison of two such runs": Aim("recorded"),
    **{f"{LOGIC}, {kind}, calls": Aim("within the estimate; equal without logic") for kind in LOGICS},
    **{f"{LOGIC}, {kind}, memory of the largest worker": Aim("< 300 MB", most=300) for kind in LOGICS},
    **{f"{LOGIC}, {kind}, time": Aim("recorded") for kind in LOGICS},
    WEBHOOKS: Aim("≤ 30 s, 0 lost", most=30),
    f"{WEBHOOKS}, a worker killed and Redis emptied": Aim("≤ 60 s, 0 lost", most=60),
    HEALTH: Aim("< 50 ms", most=50),
    **{f"{ALIKE}, {act}": Aim("ratio ≤ 1.1", most=1.1) for act in ("login", "signup", "forgot-password")},
    f"{WAITING}, database connections": Aim("≤ 25, its pool", most=25),
    f"{WAITING}, memory of web": Aim("< 300 MB", most=300),
    f"{WAITING}, cancel to answer, p95": Aim("≤ 250 ms", most=250),
    f"{WAITING}, cancel to answer, 500 at once, p95": Aim("≤ 2,000 ms", most=2000),
}
HEAD: Final = """# Figures

Made by `make bench`; `make bench ARGS='-k pickup'` measures a part anew and replaces its lines. What generates the
load, the servers and the product share the machine. The reference is the least that could be done instead
(`tests/bench/references.py`), on the same servers in the same minute; a ratio above 1.00 is better than the reference.
Load is that of the machine when the run began. It and the CPU used by others meanwhile spoil the figures when they are
anything but about 0, the ratios less so.

Machine: {cores} cores{model}, {system}, Python {python}. PostgreSQL and Valkey embedded, PostgreSQL durable; the model
is the offline one, in one process.

| Figure | Product | Reference | Ratio | Aim | Reached, or what was in the way | Load |
| --- | --- | --- | --- | --- | --- | --- |
"""


def record(
    name: str, product: str, number: float, *, reference: str = "", ratio: float | None = None, said: str = ""
) -> None:
    """Write a figure's line; `number` is what its aim is about, `said` what stands beside the verdict."""
    aim = AIMS[name]
    verdict = "" if (aim.least, aim.most) == (None, None) else "reached" if aim.reached(number) else "not reached"
    told = "; ".join(part for part in (verdict, said) if part)
    shown = "" if ratio is None else f"{ratio:.2f}"
    _write(name, [name, product, reference, shown, aim.words, told, f"{LOAD:.1f}"])
    print(f"\n{name}: {product}; reference {reference or 'none'}; ratio {shown or 'none'}; aim {aim.words}: {told}")


def _write(name: str, cells: list[str]) -> None:
    lines = _lines() | {name: f"| {' | '.join(cells)} |"}
    PAGE.write_text(_head() + "".join(f"{lines[known]}\n" for known in AIMS if known in lines))


def _lines() -> dict[str, str]:
    """Return the lines that the page has, by figure."""
    found: dict[str, str] = {}
    for line in PAGE.read_text().splitlines() if PAGE.exists() else ():
        cells = line.strip("|").split("|")
        if line.startswith("|") and len(cells) == _CELLS:
            found[cells[0].strip()] = line
    return found


def _head() -> str:
    infos = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((f" ({line.partition(':')[2].strip()})" for line in infos if line.startswith("model name")), "")
    facts = {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}
    return HEAD.format(**facts, model=model)
