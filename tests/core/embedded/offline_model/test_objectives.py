"""Briefs that are no samples, taken apart by the demonstration model: what is found is what the text says."""

from __future__ import annotations

from core.embedded.offline_model.objective import take_apart

BAKERIES = (
    "A chain of 12 bakeries in Lyon wonders if it should open on Sundays. The owners will decide in May between opening"
    " until noon and staying closed. How often and why people buy bread on Sundays is not known."
)
NURSES = (
    "Hospitals in Kenya are short of nurses. We need to understand why nurses leave within two years of qualifying, in"
    " order to advise the Ministry of Health on retention bonuses versus housing."
)


def quotes(source: str, component: str) -> list[str]:
    found: list[str] = take_apart({"source": source}, 1)["components"][component]["quotes"]
    return found


def test_a_decision_that_somebody_will_take_is_one() -> None:
    assert quotes(BAKERIES, "decision_problem") == [
        "The owners will decide in May between opening until noon and staying closed"
    ]


def test_advice_between_alternatives_is_a_decision_and_no_competition() -> None:
    assert "bonuses versus housing" in quotes(NURSES, "decision_problem")[0]
    assert quotes(NURSES, "competitive_frame") == []


def test_a_ministry_is_no_place() -> None:
    assert quotes(NURSES, "geography") == ["Kenya"]


def test_why_somebody_leaves_is_a_behaviour_of_theirs() -> None:
    assert quotes(NURSES, "behaviours_attitudes") == ["why nurses leave within two years of qualifying"]
