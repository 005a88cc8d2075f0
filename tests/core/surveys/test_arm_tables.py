"""The test of an experiment: arms drawn within personas differ by chance in one of twenty tables, not more or less."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import numpy as np

from core.questionnaires.content import Arm, Split
from core.stats.assignment import block_randomised
from core.surveys.crosstab import Asked, drawn_by_lot, table_of
from core.surveys.samples import Crossed
from core.surveys.schemas import CrosstabRead
from core.surveys.variables import Variable
from tests.factories.questionnaires import stored

PERSONAS, EACH, RUNS = 6, 40, 100
SPLIT = Split(key="price", arms=(Arm(code="1", label="A", share=0.5), Arm(code="2", label="B", share=0.5)))
QUESTION = Variable("question", "buy", question=stored(key="buy"))
ARM = Variable("arm", "price", split=SPLIT)


def table(seed: int, effect: float, *, by_lot: bool) -> CrosstabRead:
    """Return the table of one made-up run: personas differ widely, the second arm says no more often by `effect`."""
    generator = np.random.default_rng(seed)
    leanings = generator.beta(2, 2, PERSONAS)
    strata = [(str(persona),) for persona in range(PERSONAS) for _ in range(EACH)]
    arms = block_randomised(strata, [0.5, 0.5], seed)
    counted = Counter(
        (
            "1" if generator.random() < leanings[int(persona)] * (1 - effect * arm) else "2",
            SPLIT.arms[arm].code,
            int(persona),
        )
        for (persona,), arm in zip(strata, arms, strict=True)
    )
    rows = [Crossed(value, arm, UUID(int=persona), 1.0, n) for (value, arm, persona), n in sorted(counted.items())]
    return table_of(Asked(QUESTION, ARM, 0.05, "holm", by_lot), rows, {}, {})


def rate(effect: float, *, by_lot: bool) -> float:
    """Return in how many of the runs the arms are said to differ."""
    tested = [table(seed, effect, by_lot=by_lot).chi2 for seed in range(RUNS)]
    return sum(found is not None and found.p < 0.05 for found in tested) / RUNS


def test_arms_that_do_not_differ_are_rarely_said_to_and_those_that_do_mostly_are() -> None:
    none, some = rate(0, by_lot=True), rate(0.5, by_lot=True)
    assert none <= 0.08
    assert some >= 0.8


def test_the_interval_of_a_share_counts_personas_all_the_same() -> None:
    one, other = table(1, 0, by_lot=True), table(1, 0, by_lot=False)
    assert one.cells[0][0].ci == other.cells[0][0].ci


def test_what_is_stated_for_a_whole_cell_is_not_by_lot() -> None:
    assert drawn_by_lot(QUESTION, ARM, "direct")
    assert not drawn_by_lot(QUESTION, ARM, "auto")
    assert not drawn_by_lot(QUESTION, Variable("attribute", "age"), "direct")
