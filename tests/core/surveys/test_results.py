"""Results count weights where respondents have them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from core.questionnaires.content import Question
from core.surveys.repository import Alike, Tally
from core.surveys.results import persona_bases, question_result, worth_of

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
    people = [Alike(ADA, 1, 0.5, {}, 2), Alike(BEN, 1, 2.0, {}, 1)]
    bases = persona_bases(people, NAMES)
    assert [(base.persona_name, base.n) for base in bases] == [("Ada", 2), ("Ben", 1)]
    assert [base.share for base in bases] == pytest.approx([1 / 3, 2 / 3])


def test_a_simulation_without_respondents_has_bases_of_none() -> None:
    assert [(base.n, base.share) for base in persona_bases([], NAMES)] == [(0, 0.0), (0, 0.0)]


def test_respondents_alike_are_worth_what_they_are_worth_one_by_one() -> None:
    together = [Alike(ADA, 1, 0.5, {}, 2), Alike(BEN, 1, 2.0, {}, 1)]
    apart = [Alike(ADA, 1, 0.5, {}, 1), Alike(BEN, 1, 2.0, {}, 1), Alike(ADA, 1, 0.5, {}, 1)]
    # (Σw)² / (0.8·Σw² + 0.2·ΣW²) = 9 / (0.8·4.5 + 0.2·5)
    assert worth_of(together) == worth_of(apart) == pytest.approx(9 / 4.6, abs=1e-6)
    assert worth_of([]) == 0.0
