"""Semantic rating takes clear statements at their word: the demonstration's own, and those of other people."""

import pytest

from core.embedded.offline_model.embeddings import Encoder, HashedWords, MiniLM, model_installed
from tests.core.embedded.offline_model import ordinals
from tests.core.embedded.offline_model.rated import agreement, as_asked, probabilities

QUESTIONS = (*ordinals.SAMPLES, *ordinals.MADE_UP)
PEOPLE = 80
# The sentence model takes its time: fewer people on every third question.
FEWER_PEOPLE, STEP = 20, 3

# What people might say, in words that the demonstration model does not use, and the point they mean.
SAID: dict[str, dict[str, int]] = {
    "How likely are you to recommend the oat yoghurt to a friend?": {
        "I tell everyone about the oat yoghurt.": 10,
        "I recommend the oat yoghurt to anybody who will listen.": 10,
        "I'd never suggest it to anyone.": 0,
        "I would definitely recommend it to my colleagues.": 10,
        "Probably not, I doubt my friends would care.": 3,
        "I might mention it, might not.": 5,
        "Yes, I'd gladly recommend it.": 8,
        "I wouldn't recommend it.": 2,
    },
    "How believable is the claim 'creamy without dairy'?": {
        "The claim is believable, deeply so.": 4,
        "I find it highly believable.": 4,
        "It is extremely convincing to me.": 5,
        "I don't believe a word of it.": 1,
        "I'm rather sceptical about that claim.": 2,
        "It sounds a little bit believable.": 2,
        "I completely believe that.": 5,
    },
    "Would you buy the oat yoghurt at 1.90 pounds for 400 g?": {
        "I would buy the oat yoghurt at that price in all probability.": 4,
        "No way, I'd never buy that.": 1,
        "I'm certain I would put it in my basket.": 5,
        "I probably wouldn't, it's too dear.": 2,
    },
    "Not counting weddings and funerals, how often do you attend religious services?": {
        "I don't go to services at all, not even once": 6,
        "I hardly ever go": 5,
        "I go to church every Sunday.": 2,
        "We attend two or three times a week.": 1,
        "Only at Christmas and Easter, a few times in a year.": 4,
    },
    "In general, how would you describe your own political viewpoint?": {
        "My politics are strongly progressive": 1,
        "I'm fairly conservative.": 4,
        "I sit in the middle of the road.": 3,
        "I lean to the left on most issues.": 2,
    },
    "How satisfied were you with the online course?": {
        "I was delighted with it.": 5,
        "It was a terrible experience, I hated it.": 1,
        "I'm not very happy with the course.": 2,
        "It was okay, neither good nor bad.": 3,
        "On the whole I'm pretty pleased.": 4,
    },
    "School uniforms make children feel equal.": {
        "I couldn't agree more.": 5,
        "That is complete nonsense, I totally disagree.": 1,
        "I don't think so.": 2,
        "I tend to agree.": 4,
        "I don't really agree with that.": 2,
    },
    "How concerned are you about noise from the airport?": {
        "It doesn't bother me at all.": 1,
        "It worries me a great deal.": 4,
        "I'm terribly worried, it keeps me awake at night.": 5,
        "I have a slight worry about it.": 2,
    },
    "How often do you eat yoghurt at breakfast?": {
        "Every single morning.": 6,
        "I have it once or twice a month.": 3,
        "I never eat yoghurt.": 1,
        "About four times a week.": 5,
    },
    "How often do you borrow books from the library?": {
        "All the time, I love it there.": 5,
        "Very seldom.": 2,
        "From time to time.": 3,
    },
    "To what extent do you support or oppose a ban on fireworks?": {
        "I'm all for it.": 5,
        "I'm against a ban.": 2,
        "I have no strong feelings either way.": 3,
    },
    "How important is it to you that clothes are made locally?": {
        "It couldn't matter less to me.": 1,
        "It matters a lot to me.": 4,
    },
    "How likely are you to travel abroad in the next year?": {
        "I'm very unlikely to go anywhere.": 1,
        "Fifty-fifty, I can't say yet.": 3,
        "There is a good chance.": 4,
    },
    "How would you rate the care at your local hospital?": {
        "The care was outstanding.": 5,
        "Pretty bad, to be honest.": 2,
        "It was all right.": 3,
    },
}


@pytest.fixture(scope="module", params=["hashed words", "sentence model"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    """Either source of sentence vectors."""
    if request.param == "hashed words":
        return HashedWords()
    if not model_installed():
        pytest.skip("the sentence model is not installed")
    return MiniLM(1)


def test_the_demonstrations_statements_are_drawn_near_the_point_they_mean(encoder: Encoder) -> None:
    people, step = (PEOPLE, 1) if isinstance(encoder, HashedWords) else (FEWER_PEOPLE, STEP)
    found = {text: agreement(encoder, text, labels, people) for text, labels in QUESTIONS[::step]}
    assert sum(one.near for one in found.values()) / len(found) >= 0.97
    assert sum(one.far for one in found.values()) / len(found) <= 0.05
    assert sum(one.r for one in found.values()) / len(found) >= 0.85
    assert {text: one.near for text, one in found.items() if one.near < 0.9} == {}


@pytest.mark.parametrize("text", SAID, ids=lambda text: text[:30])
def test_clear_statements_have_their_mode_at_or_next_to_their_own_point(encoder: Encoder, text: str) -> None:
    question = as_asked(text, dict(QUESTIONS)[text])
    rated = probabilities(encoder, question, list(SAID[text]))
    modes = [int(question.codes[p.index(max(p))]) for p in rated]
    far = [(said, mode) for (said, meant), mode in zip(SAID[text].items(), modes, strict=True) if abs(meant - mode) > 1]
    assert far == []


def test_opposite_statements_are_opposite(encoder: Encoder) -> None:
    question = as_asked("How likely are you to recommend the oat yoghurt to a friend?", ())
    loves, warns = probabilities(encoder, question, ["I tell everyone about it.", "I warn all my friends off it."])
    assert sum(loves[9:]) > 0.9
    assert sum(warns[:3]) > 0.9
