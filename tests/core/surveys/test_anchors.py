"""Which anchors rate a question: those of a common scale by its labels, else the question with its labels."""

from __future__ import annotations

import pytest

from core.db.text import look_of
from core.questionnaires.content import Question
from core.surveys.anchors import BUILT_IN_VERSION, built_in, chosen, ladders, sets_of
from core.surveys.elicitation import anchor_sets
from tests.factories.questionnaires import stored

COMMON: dict[str, list[tuple[str, ...]]] = {
    "agreement": [
        ("Disagree", "Neither agree nor disagree", "Agree"),
        ("Strongly disagree", "Somewhat disagree", "Somewhat agree", "Strongly agree"),
        ("1 - Strongly disagree", "2 - Disagree", "3 - Neither agree nor disagree", "4 - Agree", "5 - Strongly agree"),
        ("Strongly disagree", "Disagree", "Somewhat disagree", "Neutral", "Somewhat agree", "Agree", "Strongly agree"),
    ],
    "likelihood": [("Very unlikely", "Unlikely", "Neither likely nor unlikely", "Likely", "Very likely")],
    "likelihood_from_none": [("Not at all likely", "Slightly likely", "Moderately likely", "Very likely")],
    "intention": [("Definitely not", "Probably not", "Might or might not", "Probably", "Definitely")],
    "satisfaction": [("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "VERY SATISFIED!")],
    "satisfaction_from_none": [
        ("Not at all satisfied", "Slightly satisfied", "Moderately satisfied", "Very satisfied")
    ],
    "importance": [
        ("Not at all important", "Slightly important", "Important", "Very important", "Extremely important")
    ],
    "importance_both_ways": [("Very unimportant", "Unimportant", "Neutral", "Important", "Very important")],
    "frequency": [("Never", "Rarely", "Sometimes", "Often", "Always"), ("Always (4)", "Often (3)", "Rarely (2)")],
    "quality": [("Poor", "Fair", "Good", "Very good", "Excellent"), ("Very poor", "Poor", "Average", "Good")],
}


def likert(labels: tuple[str, ...], text: str = "Trains are on time.") -> Question:
    """Return a likert question with these labels."""
    return stored("likert", text=text, scale=None, options=list(labels))


@pytest.mark.parametrize(("scale", "labels"), [(scale, one) for scale, several in COMMON.items() for one in several])
def test_a_common_scale_is_known_by_its_labels(scale: str, labels: tuple[str, ...]) -> None:
    found = chosen(likert(labels), "en-GB", "auto")
    assert (found.source, found.name, found.version) == ("built_in", scale, BUILT_IN_VERSION)
    assert len(found.sets) >= 2
    for sentences in found.sets:
        assert len({look_of(one) for one in sentences}) == len(labels)


def test_a_reversed_scale_has_its_sentences_reversed() -> None:
    labels = COMMON["agreement"][1]
    up, down = built_in(likert(labels), "en"), built_in(likert(labels[::-1]), "en")
    assert up is not None
    assert down is not None
    assert [sentences[::-1] for sentences in down[1]] == up[1]


@pytest.mark.parametrize(
    "labels",
    [
        ("Agree", "Disagree", "Neutral"),
        ("Strongly disagree", "Disagree", "Often", "Always"),
        ("Strongly disagree", "Disagree", "It depends", "Agree"),
        ("1", "2", "3", "4", "5"),
        ("Unlikely", "Not likely at all", "Likely"),
    ],
)
def test_other_labels_rate_with_the_question_and_the_labels(labels: tuple[str, ...]) -> None:
    question = likert(labels)
    found = chosen(question, "en", "auto")
    assert (found.source, found.sets, found.version) == ("labels", anchor_sets(question), None)


def test_another_language_and_the_wish_for_labels_rate_with_labels() -> None:
    question = likert(COMMON["agreement"][1])
    assert chosen(question, "de", "auto").source == "labels"
    assert chosen(question, "en", "labels").source == "labels"


def test_every_built_in_set_has_a_sentence_of_its_own_per_level() -> None:
    for ladder in ladders():
        levels = set(ladder.levels.values())
        assert levels == set(range(len(levels)))
        for sentences in ladder.sets:
            assert len({look_of(one) for one in sentences}) == len(sentences) == len(levels)


def test_a_simulation_is_rated_by_the_anchors_it_kept() -> None:
    question = likert(COMMON["agreement"][1])
    kept = {question.key: chosen(question, "en", "auto").recorded()}
    kept[question.key]["sets"] = [["a", "b", "c", "d"]]
    assert sets_of(kept, question) == [["a", "b", "c", "d"]]
    assert sets_of(None, question) == sets_of({}, question) == anchor_sets(question)


@pytest.mark.parametrize(
    ("points", "ends", "first"),
    [
        (5, ("Disagree", "Agree"), "I disagree with this."),
        (7, ("Disagree", "Agree"), "I strongly disagree with this."),
        (5, ("Agree", "Disagree"), "I agree with this."),
    ],
)
def test_numbers_between_named_ends_have_the_sentences_between(points: int, ends: tuple[str, str], first: str) -> None:
    question = stored("likert", scale={"min": 1, "max": points, "labels": list(ends)})
    found = chosen(question, "en", "auto")
    assert (found.name, found.sets[0][0]) == ("agreement", first)
    assert found.sets[0][points // 2] == "I neither agree nor disagree with this."
    assert len(set(found.sets[0])) == points


def test_more_numbers_than_a_scale_has_levels_are_rated_by_labels() -> None:
    assert built_in(stored("likert", scale={"min": 1, "max": 10, "labels": ["Never", "Always"]}), "en") is None
