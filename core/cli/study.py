"""The product's main job as a caller does it: objective, personas, plan, questionnaire, simulation, report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.client.client import Client
from core.client.models import Job, Usage
from core.embedded import samples

BRIEF = "us-economy-mood"
EXTRA_SECTION = {
    "title": "Everyday life",
    "questions": [
        {
            "key": "economy_why",
            "type": "open_ended",
            "text": "What in your everyday life makes you see the nation's economy the way you do?",
        },
        {
            "key": "bank_nps",
            "type": "nps",
            "text": "How likely are you to recommend your main bank to a friend or a colleague?",
        },
    ],
}


class JobDisplay(Protocol):
    """Shows the progress of one job."""

    def __call__(self, job: Job) -> None:
        """Show a job as it is now."""


@dataclass
class Step:
    """A finished step of the study and how long it took."""

    name: str
    seconds: float
    usage: Usage | None = None


@dataclass
class Study:
    """What the demonstration made: figures, files, and what it took."""

    results: dict[str, Any]
    results_path: str
    plan: dict[str, Any]
    personas: list[dict[str, Any]]
    report: bytes
    steps: list[Step] = field(default_factory=list)
    objective: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StudySize:
    """How many respondents and personas, and the seed of all that is drawn."""

    respondents: int
    personas: int
    seed: int


def run_study(api: Client, size: StudySize, show: Callable[[str], JobDisplay]) -> Study:
    """Run the brief's study; `show(title)` gives each job its display. Raises ClientError."""
    steps: list[Step] = []
    brief = samples.brief(BRIEF)
    targets = {"cells": [{"values": cell["values"], "share": cell["share"]} for cell in samples.ces_cells()]}

    with _timed(steps, "Set up"):
        workspace = api.post("/workspaces", {"name": "Demonstration workspace"})
        exploration = api.post(
            f"/workspaces/{workspace['id']}/explorations",
            {
                "title": brief["title"],
                "description": brief["description"],
                "country": brief["country"],
                **brief["method"],
            },
        )
    base = f"/workspaces/{workspace['id']}/explorations/{exploration['id']}"

    def run(name: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with _timed(steps, name) as step:
            display = show(name)  # before the request: its clock is the step's
            job = api.result(api.submit(f"{base}/{path}", body), on_change=display)
            step.usage = job.usage
        return job.result or {}

    objectives = f"/workspaces/{workspace['id']}/research-objectives"
    objective = api.post(objectives, {"exploration_id": exploration["id"]})
    with _timed(steps, "Objective") as step:
        job = api.result(
            api.submit(f"{objectives}/{objective['id']}/analyze", {"seed": size.seed}), on_change=show("Objective")
        )
        step.usage = job.usage
    objective = api.get(f"{objectives}/{objective['id']}")
    made = run(
        "Personas",
        "personas/auto-generate",
        {"count": size.personas, "seed": size.seed, "targets": targets},
    )
    persona_ids = made["persona_ids"]
    with _timed(steps, "Plan and questionnaire"):
        personas = [api.get(f"{base}/personas/{persona_id}") for persona_id in persona_ids]
        plan = api.post(
            f"{base}/population/plan",
            {"persona_ids": persona_ids, "n": size.respondents, "targets": targets},
        )
        questionnaire = api.post(f"{base}/questionnaires", _questionnaire())
    simulated = run(
        "Simulation",
        "simulations",
        {"questionnaire_id": questionnaire["id"], "plan_id": plan["id"], "seed": size.seed, "method": "auto"},
    )
    simulation_id = simulated["simulation_id"]
    results_path = f"{base}/simulations/{simulation_id}/results"
    with _timed(steps, "Results"):
        results = api.get(results_path)
    built = run("Report", "reports", {"kind": "survey", "formats": ["pdf"], "simulation_id": simulation_id})
    report = api.read_bytes(f"{base}/reports/{built['report_id']}/files/pdf")
    return Study(results, results_path, plan, personas, report, steps, objective)


def _questionnaire() -> dict[str, Any]:
    asked = samples.ces_questionnaire()
    return {**asked, "sections": [*asked["sections"], EXTRA_SECTION]}


@contextmanager
def _timed(steps: list[Step], name: str) -> Iterator[Step]:
    step = Step(name, 0.0)
    started = time.monotonic()
    yield step
    step.seconds = time.monotonic() - started
    steps.append(step)
