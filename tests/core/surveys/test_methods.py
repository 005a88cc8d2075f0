"""Which method each type of question is asked with, for each wish of the caller."""

from __future__ import annotations

from typing import get_args

import pytest

from core.questionnaires.content import QUESTION_TYPES
from core.surveys.methods import AUTOMATIC, Requested, method_for
from tests.factories.questionnaires import stored

WISHES: tuple[Requested, ...] = get_args(Requested)
#                   auto            direct    distribution    ssr
TAKEN = {
    "likert": ("ssr", "direct", "distribution", "ssr"),
    "nps": ("direct", "direct", "distribution", "ssr"),
    "single_choice": ("distribution", "direct", "distribution", "distribution"),
    "multiple_choice": ("distribution", "direct", "distribution", "distribution"),
    "numeric": ("direct", "direct", "direct", "direct"),
    "ranking": ("direct", "direct", "direct", "direct"),
    "matrix": ("ssr", "direct", "ssr", "ssr"),
    "max_diff": ("direct", "direct", "direct", "direct"),
    "open_ended": ("direct", "direct", "direct", "direct"),
}


@pytest.mark.parametrize("type_", QUESTION_TYPES)
def test_a_wish_is_followed_as_far_as_the_type_allows(type_: str) -> None:
    asked = stored(type_)
    assert tuple(method_for(asked, wish) for wish in ("auto", "direct", "distribution", "ssr")) == TAKEN[type_]


def test_every_type_and_wish_has_a_row_here() -> None:
    assert set(TAKEN) == set(QUESTION_TYPES) == set(AUTOMATIC)
    assert set(WISHES) == {"auto", "direct", "distribution", "ssr"}
