"""A persona is written with the character that was asked for, and its words can be read back."""

from __future__ import annotations

import pytest

from core.embedded import samples
from core.embedded.offline_model import persona, temperament
from core.embedded.offline_model.seeding import Draws
from core.personas.mini_ipip import instrument
from core.personas.temperament import draw_targets

FLAT = {"openness": 72, "conscientiousness": 65, "extraversion": 63, "agreeableness": 73, "neuroticism": 43}
LETTERS = {trait[0].upper(): trait for trait in FLAT}


def test_the_average_it_knows_is_that_of_the_norms() -> None:
    norms = {letter: instrument().norms[trait] for letter, trait in LETTERS.items()}
    assert {letter: norm.mean_100 for letter, norm in norms.items()} == pytest.approx(temperament.MEAN)
    assert {letter: norm.sd_100 for letter, norm in norms.items()} == pytest.approx(temperament.SD)


@pytest.mark.parametrize("letter", list(LETTERS))
@pytest.mark.parametrize("score", [5, 100])
def test_a_plain_score_shows_in_words_of_that_trait_alone(letter: str, score: float) -> None:
    for seed in range(12):
        scores = temperament.scores_of(FLAT | {LETTERS[letter]: score})
        words = temperament.words_for(scores, Draws(seed))
        assert 3 <= len(words) <= 5
        read = temperament.read({"personality": words})
        assert set(read) == {letter}
        assert (read[letter] > 0) == (score > 50)


def test_a_portrait_says_what_was_asked_for() -> None:
    brief = samples.brief("us-economy-mood")
    for seed, ocean in enumerate(draw_targets(30, 3)):
        data = {"brief": brief, "cell": {"age": "30-44"}, "ocean": ocean.model_dump()}
        asked, read = temperament.scores_of(ocean.model_dump()), temperament.read(persona.write(data, seed))
        assert [letter for letter in read if read[letter] * asked[letter] < 0 and abs(asked[letter]) > 0.45] == []


def test_words_of_others_are_understood_and_silence_too() -> None:
    portrait = {"personality": ["Shy", "generous", "not anxious"], "backstory": "Ada is hard-working and never reads."}
    read = temperament.read(portrait)
    assert (read["E"] < 0, read["A"] > 0, read["C"] > 0) == (True, True, True)
    assert not {"N", "O"} & set(read)
