"""Results count weights where respondents have them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from core.questionnaires.content import Question
from core.surveys.models import Respondent
from core.surveys.repository import Tally
from core.surveys.results import persona_bases, question_result

ADA, BEN = UUID(int=1), UUID(int=2)
NAMES = {ADA: "Ada", BEN: "Ben"}


def test_a_number_has_weighted_classes() -> None:
    asked = Question(id=uuid4(), key="hours", type="numeric", text="How many hours?", position=0)
    given = [
        Tally("hours", who, weight, value, "direct", None, n)
        for who, weight, value, n in ((ADA, 1.0, 2, 3), (BEN, 3.0, 4, 1))
    ]
    refused = Tally("hours", BEN, 3.0, None, "direct", "refused", 2)
    result = question_result(asked, [*given, refused], NAMES)
    assert (result.min, result.max, result.n, result.missing) == (2, 4, 4, {"refused": 2})
    assert [(b.label, b.count, b.pct, b.weighted_pct) for b in result.histogram] == [
        ("2", 3, 75, 50),
        ("3", 0, 0, 0),
        ("4", 1, 25, 50),
    ]


def test_a_personas_share_is_that_of_its_weight() -> None:
    drawn = [(ADA, 0.5), (ADA, 0.5), (BEN, 2.0)]
    people = [
        Respondent(workspace_id=uuid4(), simulation_id=uuid4(), number=n, persona_id=who, persona_version=1, weight=w)
        for n, (who, w) in enumerate(drawn, start=1)
    ]
    bases = persona_bases(people, NAMES)
    assert [(base.persona_name, base.n) for base in bases] == [("Ada", 2), ("Ben", 1)]
    assert [base.share for base in bases] == pytest.approx([1 / 3, 2 / 3])


def test_a_simulation_without_respondents_has_bases_of_none() -> None:
    assert [(base.n, base.share) for base in persona_bases([], NAMES)] == [(0, 0.0), (0, 0.0)]
