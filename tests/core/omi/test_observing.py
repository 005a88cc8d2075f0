"""Encouragement and concern follow from data, with the numbers they rest on."""

from __future__ import annotations

from typing import Any

import pytest

from core.omi.digest import Digest, ObjectiveDigest, PersonasDigest, SimulationDigest, WorkDigest
from core.omi.observing import observe, of_panel
from core.omi.stages import Holdings
from core.personas.panel_schemas import FindingRead


def digest(**over: Any) -> Digest:
    """An exploration in short; `held` are its counts."""
    held = Holdings(**over.pop("held", {}))
    given: dict[str, Any] = {
        "title": "Mood",
        "description": "",
        "country": None,
        "stage": "persona_builder",
        "holdings": held,
        "personas": PersonasDigest(count=held.personas),
    }
    return Digest(**given | over)


def finished(size: int) -> list[SimulationDigest]:
    """A simulation that has ended."""
    return [SimulationDigest(title="Mood", status="succeeded", sample_size=size)]


VALIDATED = ObjectiveDigest(status="validated", score=83.4)
DOUBTED = ObjectiveDigest(status="needs_review", score=41, components={"geography": "missing"})
FAILED = [WorkDigest(kind="personas.generate", status="failed", detail="No model.")]
FULL = {"personas": 5, "evidence": 1, "objectives": 1}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"objective": VALIDATED}, [("encouragement", "objective_validated", "83")]),
        ({"objective": DOUBTED}, [("concern", "objective_needs_review", "geography")]),
        ({"objective": ObjectiveDigest(status="draft")}, []),
        ({"failed": FAILED}, [("concern", "job_failed", "No model.")]),
        ({"objective": VALIDATED, "held": FULL}, [("encouragement", "objective_validated", "validated"),
                                                  ("encouragement", "panel_distinct", "5 personas")]),
        ({"objective": VALIDATED, "held": FULL, "personas": PersonasDigest(count=5, near_duplicates=4)},
         [("concern", "panel_collapsed", "4 of 5"), ("encouragement", "objective_validated", "validated")]),
        ({"objective": VALIDATED, "held": FULL | {"personas": 1}},
         [("concern", "panel_small", "One persona"), ("encouragement", "objective_validated", "validated")]),
        ({"held": {"personas": 5}}, [("concern", "objective_absent", "no research objective"),
                                     ("concern", "evidence_absent", "low"),
                                     ("encouragement", "panel_distinct", "5 personas")]),
        ({"simulations": finished(400)}, [("encouragement", "simulation_finished", "400")]),
        ({"simulations": finished(20)}, [("concern", "sample_small", "20"),
                                         ("encouragement", "simulation_finished", "20")]),
    ],
)  # fmt: skip
def test_observations(given: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    found = observe(digest(**given))
    assert [(one.kind, one.code) for one in found] == [(kind, code) for kind, code, _ in expected]
    assert all(part in one.message for one, (_, _, part) in zip(found, expected, strict=True))


def test_what_is_wrong_with_a_panel_is_of_concern_up_to_a_few() -> None:
    findings = [FindingRead(code="near_duplicates", about="traits", reason="Two are 0.93 alike.")] * 9
    found = of_panel(findings)
    assert len(found) == 5
    assert (found[0].kind, found[0].code) == ("concern", "panel_near_duplicates")
    assert "0.93" in found[0].message
