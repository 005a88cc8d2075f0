"""Life stories: what code finds contradictory, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from core.personas.backstory import contradictions, read_backstory
from core.personas.traits import AgeRange, Profile

ADA: dict[str, Any] = {
    "name": "Ada Moreno", "age_range": AgeRange(min=30, max=34), "location_country": "United Kingdom",
    "family_size": 2, "marital_status": "Single", "occupation": "Registered nurse",
}  # fmt: skip


def codes(story: str, **traits: Any) -> list[str]:
    found = contradictions(story, Profile.model_validate(ADA | traits), year=2026)
    return [one.code for one in found]


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ("At the age of 52 she bought a boat.", "backstory_age_ahead"),
        ("She turned 60 in spring.", "backstory_age_ahead"),
        ("Ada is 45 years old.", "backstory_age"),
        ("She is a 19-year-old from Leeds.", "backstory_age"),
        ("Ada is 25, and a nurse.", "backstory_age"),
        ("By now Ada Moreno has a house, and she is 61.", "backstory_age"),
        ("Ada was born in Leeds in 1962.", "backstory_birth_year"),
        ("Ada is now retired and paints.", "backstory_retired"),
        ("She lives in Bengaluru, India.", "backstory_country"),
        ("Ada lives in Texas with a dog.", "backstory_country"),
        ("She lives alone by the river.", "backstory_alone"),
        ("She lives with her husband above a shop.", "backstory_partner"),
        ("She lives with her three young children.", "backstory_children"),
        ("Ada works as a lorry driver.", "backstory_occupation"),
        ("She is unemployed.", "backstory_occupation"),
    ],
)
def test_a_plain_contradiction_is_found(story: str, code: str) -> None:
    assert code in codes(story)


@pytest.mark.parametrize(
    "story",
    [
        "At the age of 12 she moved to Leeds. At 28, she became a nurse.",
        "Her mother is 60 years old and retired. At 70, her father still works as a lorry driver.",
        "Ada was born in 1994 and grew up in India.",
        "Ada is 31, her brother is 25. The team is 12, and Ada is 2 points ahead.",
        "Her sister lives in Texas with her husband and her three young children.",
        "She used to live alone. She never lives alone for long.",
        "She works as a nurse at night and also works as a volunteer driver at weekends.",
        "She once worked as a waitress. She dreams of a house in France.",
        "Her late husband and she shared a flat; he died young.",
        "Up at 5 with 100 emails; by 40 percent more. Her 12-year-old son plays chess.",
        "She lives in Leeds, England, and works as a registered nurse.",
    ],
)
def test_what_may_be_true_is_left_alone(story: str) -> None:
    assert codes(story) == []


def test_without_traits_nothing_is_contradicted() -> None:
    story = "At the age of 90 she lives alone in Texas and works as a clown."
    assert contradictions(story, Profile(name="Ada"), year=2026) == []


def reply(**members: Any) -> dict[str, Any]:
    event = {"age": 9, "event": "A move.", "shaped": ["values"]}
    return {"backstory": "She grew up by the sea. " * 8, "experiences": [event, event]} | members


@pytest.mark.parametrize(
    "broken",
    [
        {"backstory": "Short."},
        {"backstory": ""},
        {"experiences": []},
        {"experiences": [{"age": 9, "event": "A move.", "shaped": ["shoe_size"]}] * 2},
        {"experiences": [{"age": 9, "event": "A move.", "shaped": []}] * 2},
        {"experiences": [{"age": -1, "event": "A move.", "shaped": ["values"]}] * 2},
        {"mark": "valid"},
    ],
)
def test_a_reply_that_does_not_fit_is_refused(broken: dict[str, Any]) -> None:
    read_backstory(reply(), ["values"])
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's errors are among them
        read_backstory(reply(**broken), ["values"])


def test_experiences_are_judged_as_the_story_is() -> None:
    words = read_backstory(reply(experiences=[{"age": 50, "event": "A move.", "shaped": ["values"]}] * 2), ["values"])
    found = contradictions(words.backstory, Profile.model_validate(ADA), year=2026, experiences=words.experiences)
    assert [one.code for one in found] == ["backstory_age_ahead"]
