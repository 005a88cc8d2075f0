"""What to ask about an objective that is not clear enough: the heaviest gaps first, in the model's words or our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.db.base import uuid7
from core.objectives.components import ComponentName, Components
from core.objectives.orders import orders_in
from core.objectives.scoring import WEIGHTS, WORTH

MOST_ROUNDS: Final = 2
MOST_QUESTIONS: Final = 5
SHORTEST, LONGEST = 12, 300
OWN_WORDS: Final[Mapping[ComponentName, str]] = {
    "business_context": "Who is asking, and what has happened that makes you look into this now?",
    "decision_problem": "Which decision will the results settle, between which alternatives, and by when?",
    "information_gap": "What exactly do you not know yet that you need for this decision?",
    "primary_hypothesis": "What do you expect to find above all, and why?",
    "secondary_hypotheses": "What else do you expect, for example of particular groups of people?",
    "target_audience": "Whom is this about: what ages, in what situation, users or non-users?",
    "segmentation_logic": "Which groups should be compared with each other?",
    "competitive_frame": "What would people choose instead: which other brands, offers or habits?",
    "behaviours_attitudes": "Which behaviour, feelings or barriers do you want to understand?",
    "geography": "In which country, region or city should this be studied?",
}


def open_questions(components: Components, suggested: Mapping[ComponentName, str]) -> list[dict[str, Any]]:
    """Return at most five questions, each with an id of its own, about components that are not clear.

    Those come first by which the score gains most. What a person has set is not asked about.
    """
    gaps = {
        name: WEIGHTS[name] * (1 - WORTH[one.status])
        for name, one in components.items()
        if one.status != "clear" and one.origin != "user"
    }
    asked = sorted(gaps, key=lambda name: -gaps[name])[:MOST_QUESTIONS]
    return [
        {"id": str(uuid7()), "component": name, "text": _usable(suggested.get(name)) or OWN_WORDS[name]}
        for name in asked
    ]


def _usable(text: str | None) -> str | None:
    """Return a model's question if it reads like one."""
    plain = " ".join((text or "").split())
    if not SHORTEST <= len(plain) <= LONGEST or not plain.endswith(("?", "？", "؟")) or orders_in(plain):
        return None
    return plain
