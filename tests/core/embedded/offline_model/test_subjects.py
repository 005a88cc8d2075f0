"""What a question is about is found in its own words, whatever they are."""

import pytest

from core.embedded.offline_model import domains, subjects


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("What would make the coffee better?", "the coffee"),
        ("Why did you cancel or keep your coffee subscription?", "my coffee subscription"),
        ("How could the hospital improve the waiting room?", "the waiting room"),
        ("What was the hardest part of waiting for your appointment?", "waiting for my appointment"),
        ("Which feature of the app do you use most, and why?", "the app"),
        ("What would make riding a scooter safer?", "riding a scooter"),
        ("How do you feel about removing sugary drinks from the canteen?", "removing sugary drinks"),
        ("What would keep you from choosing an electric car as your next car?", "an electric car"),
        ("How satisfied are you with the taste of the coffee?", "the taste of the coffee"),
        ("What do you need from a dealer when a machine breaks down?", "a dealer"),
        ("Adverts spoil a good film.", "a film"),
        ("What would you improve about the NHS?", "the NHS"),
        ("Thinking about your iPhone, what do you miss?", "my iPhone"),
        ("What in your life makes you see the nation's economy the way you do?", "the nation's economy"),
    ],
)
def test_the_main_noun_phrase_is_found(text: str, phrase: str) -> None:
    assert subjects.find(text).phrase == phrase


@pytest.mark.parametrize("text", ["", "Why?", "Please explain your answer.", "¿Qué piensa de la calidad del café?"])
def test_a_question_that_names_nothing_is_about_its_surroundings(text: str) -> None:
    assert subjects.find(text) == subjects.NOTHING
    assert subjects.find(text, ("Oat yoghurt concept test",)).phrase == "the oat yoghurt"
    assert subjects.find(text, ("Background", "What do you think of school meals?")).phrase == "school meals"


def test_forms_agree_with_the_subject() -> None:
    template = "{np} {has} gone, {np} work{s}, {it} {is} fine"
    meals = subjects.find("What would you change about school meals?")
    removing = subjects.find("How do you feel about removing sugary drinks?")
    assert meals.fill(template) == "school meals have gone, school meals work, they are fine"
    assert removing.fill("{np} work{s}") == "removing sugary drinks works"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("How satisfied are you with the taste of the coffee?", "food"),
        ("What would make riding a scooter safer?", "mobility"),
        ("Which employee benefit matters most?", "workplace"),
        ("Why would you cancel a streaming service?", "media"),
        ("How would you feel about feeding your dog insect protein?", "pets"),
        ("What do you make of it?", ""),
    ],
)
def test_the_kind_of_subject_is_known_by_its_words(text: str, domain: str) -> None:
    assert domains.domain_of(text, subjects.find(text).phrase, ()) == domain
