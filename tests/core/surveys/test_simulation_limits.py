"""Whatever a plan takes, a simulation takes: their limits are the same, and the docs tell them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError

from core.population.schemas import MAX_PERSONAS, MAX_RESPONDENTS, PlanCreate
from core.surveys.schemas import SimulationCreate

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "population.md"


def takes(model: type[BaseModel], **members: Any) -> bool:
    """Tell whether a body with these members is taken."""
    try:
        model.model_validate(members)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("over", "taken"), [(0, True), (1, False)])
def test_a_plan_and_a_simulation_have_the_same_limits(*, over: int, taken: bool) -> None:
    one, many, n = [uuid4()], [uuid4()] * (MAX_PERSONAS + over), MAX_RESPONDENTS + over
    asked = {"questionnaire_id": uuid4()}
    assert takes(PlanCreate, persona_ids=one, n=n) is taken
    assert takes(SimulationCreate, persona_ids=one, sample_size=n, **asked) is taken
    assert takes(PlanCreate, persona_ids=many, n=10) is taken
    assert takes(SimulationCreate, persona_ids=many, sample_size=10, **asked) is taken


def test_the_docs_tell_them() -> None:
    [told] = re.findall(r"up to ([\d,]+) respondents and (\d+) personas", DOCUMENT.read_text())
    assert told == (f"{MAX_RESPONDENTS:,}", str(MAX_PERSONAS))
