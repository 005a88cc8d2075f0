"""Direction and degree are read from the part of a text that answers, and become cosines that fall with distance."""

import math

import pytest

from core.embedded.offline_model import direction


def place(text: str, axis: str) -> float:
    """Return the weightiest place of a text on an axis."""
    found = [finding for finding in direction.read(text) if finding.axis == axis]
    return max(found, key=lambda finding: finding.weight).place


def likeness(first: str, second: str) -> float:
    return math.fsum(a * b for a, b in zip(direction.features(first), direction.features(second), strict=True))


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        ("worried", ["Not at all worried", "Slightly worried", "Moderately worried", "Very worried",
                     "Extremely worried"]),
        ("agree", ["I totally disagree.", "I disagree.", "I neither agree nor disagree.", "I agree.",
                   "I fully agree."]),
        ("likely", ["I would definitely not buy it.", "I probably won't buy it.", "I might or might not buy it.",
                    "I'd probably buy it.", "I would buy it without a doubt."]),
        ("better", ["It is much worse.", "It is a little worse.", "It is about the same.", "It is somewhat better.",
                    "It is a lot better."]),
        ("frequency", ["I never go.", "I hardly ever go.", "A few times a year.", "Once a month.", "Once a week.",
                       "Several times a week.", "Every single day."]),
        ("ideology", ["I'm extremely liberal.", "I lean to the left.", "I'm in the middle politically.",
                      "I'm on the right.", "I'm a staunch conservative."]),
    ],
)  # fmt: skip
def test_degrees_are_in_order(axis: str, texts: list[str]) -> None:
    places = [place(text, axis) for text in texts]
    assert places == sorted(set(places))


def test_the_answering_part_counts() -> None:
    question = "How likely or unlikely are you to buy it?"
    assert direction.read(f"{question} Very unlikely.") == direction.read("Very unlikely.")
    assert direction.read(f"{question} My answer: very unlikely.") == direction.read("very unlikely.")
    assert place("I can never find a seat. So I'm fairly satisfied with it.", "feel") > 0
    assert place("I'm satisfied, because it is never bad and hardly ever difficult.", "feel") > 0


def test_likeness_falls_with_distance() -> None:
    levels = [f"{degree} important" for degree in ("Not at all", "Slightly", "Moderately", "Very", "Extremely")]
    for index, level in enumerate(levels):
        nearness = [likeness(level, other) for other in levels]
        assert max(nearness) == nearness[index] == pytest.approx(1.0)
        assert nearness[: index + 1] == sorted(nearness[: index + 1])
        assert nearness[index:] == sorted(nearness[index:], reverse=True)


def test_a_text_that_says_no_direction_has_none() -> None:
    assert not any(direction.features("The kettle stands on the table."))
    assert not any(direction.features(""))
