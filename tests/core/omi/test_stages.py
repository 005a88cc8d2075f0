"""The stage follows from what an exploration holds: a table."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from core.omi import greetings
from core.omi.stages import STATE_OF, TITLES, Holdings, OmiState, Stage, stage_of
from core.omi.workflow import VISUAL_STATES

QUANT: dict[str, Any] = {}
QUAL = {"is_quantitative": False, "is_qualitative": True}
BOTH = {"is_qualitative": True}
TABLE: list[tuple[dict[str, Any], Stage]] = [
    ({}, "workspace_setup"),
    ({"evidence": 1}, "research_objectives"),
    ({"objectives": 1}, "research_objectives"),
    ({"objectives": 2, "validated_objectives": 1}, "persona_builder"),
    ({"questionnaires": 1}, "persona_builder"),
    (QUAL | {"guides": 1}, "persona_builder"),
    ({"personas": 1}, "survey_builder"),
    ({"personas": 5, "objectives": 1}, "survey_builder"),
    (QUAL | {"personas": 5}, "discussion_guide"),
    (QUAL | {"personas": 5, "guides": 1}, "discussion_guide"),
    (BOTH | {"personas": 5}, "survey_builder"),
    (BOTH | {"personas": 5, "finished_simulations": 1}, "discussion_guide"),
    (BOTH | {"personas": 5, "finished_interviews": 3}, "survey_builder"),
    (BOTH | {"personas": 5, "finished_simulations": 1, "finished_interviews": 3}, "insights"),
    ({"personas": 5, "finished_simulations": 1}, "insights"),
    ({"finished_simulations": 1}, "insights"),
    ({"personas": 5, "finished_simulations": 1, "rebuttals": 1}, "rebuttal_mode"),
    ({"personas": 5, "finished_simulations": 1, "rebuttals": 1, "finished_reports": 1}, "insights"),
    (QUAL | {"is_quantitative": False, "is_qualitative": False, "personas": 1}, "survey_builder"),
    ({"is_ended": True}, "completed"),
    ({"is_ended": True, "personas": 5, "finished_simulations": 1, "rebuttals": 1}, "completed"),
]


@pytest.mark.parametrize(("held", "stage"), TABLE)
def test_the_stage_follows_from_what_is_there(held: dict[str, Any], stage: Stage) -> None:
    assert stage_of(Holdings(**held)) == stage


def test_every_stage_is_reached_by_some_row_and_has_words() -> None:
    stages = set(get_args(Stage))
    assert {stage for _, stage in TABLE} == stages == set(TITLES) == set(greetings.NEXT_STEP)


def test_every_state_has_a_look_and_every_message_type_a_state() -> None:
    assert set(VISUAL_STATES) == set(get_args(OmiState))
    assert set(STATE_OF.values()) <= set(get_args(OmiState))


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({}, "it holds nothing yet but its brief"),
        ({"personas": 1}, "it holds 1 persona"),
        ({"objectives": 2, "personas": 5, "evidence": 1},
         "it holds 2 research objectives, 1 document of evidence and 5 personas"),
    ],
)  # fmt: skip
def test_holdings_in_words(held: dict[str, Any], words: str) -> None:
    assert greetings.holdings_in_words(Holdings(**held)) == words
