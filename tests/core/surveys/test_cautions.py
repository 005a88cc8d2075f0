"""What is told of a plan names the plan where other respondents are counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast
from uuid import UUID

from core.personas.schemas import PersonaSnapshot
from core.surveys.cautions import result_warnings
from core.surveys.models import Simulation
from core.surveys.repository import Alike

CLUSTERED = "300 respondents from 8 personas are worth about 30 independent ones."


def told(counted: int) -> list[str]:
    simulation = cast(
        "Simulation", SimpleNamespace(plan={"n": 300, "warnings": [CLUSTERED, "No persona is region Wales."]})
    )
    ada = PersonaSnapshot(persona_id=UUID(int=1), version=1, name="Ada", profile={}, attributes={}, weight=1.0)
    return result_warnings(simulation, [ada], [Alike(ada.persona_id, 1, 1.0, {}, counted)])


def test_the_number_of_a_plan_is_said_to_be_the_plans_where_others_are_counted() -> None:
    assert told(320) == [f"As planned: {CLUSTERED}", "No persona is region Wales."]
    assert told(300) == [CLUSTERED, "No persona is region Wales."]
