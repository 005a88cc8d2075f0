"""Free text: the statements that semantic rating embeds, and answers to open questions."""

import re
from typing import Any

from core.embedded.offline_model import (
    aspects,
    dialect,
    facts,
    factual,
    position,
    reasons,
    recall,
    stances,
    subjects,
    wording,
)
from core.embedded.offline_model.aspect_banks import Aspect
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.recall import Said
from core.embedded.offline_model.seeding import Draws
from core.embedded.offline_model.traits import Outlook

# A sentence that names the respondent's own situation, where the economy, politics or religion is the topic.
_SITUATIONS = (
    ("parent", "With kids at home I notice every change in what a week costs."),
    ("renter", "I rent, and that colors how I see most things."),
    ("retired", "I'm retired, so I have time to look at these things closely."),
    ("young", "At my age you are still trying to get a foothold."),
    ("no_degree", "I never finished a degree, so I've had to find my own way."),
    ("religious", "My faith is a big part of how I get by."),
    ("low_income", "There is not much slack in my budget."),
    ("high_income", "I know I'm luckier than many."),
    ("rural", "Out where I live things move slowly."),
    ("urban", "In the city you see both ends of it on one street."),
    ("owner", "I own my home, which steadies things."),
    ("married", "My other half and I talk about this a lot."),
)
# What a respondent says of themself, by the score that made them bring a thing up.
_SELVES = {
    ("price_sensitivity", 1): "I'm careful with money, always have been.",
    ("price_sensitivity", -1): "I don't look at every price.",
    ("openness", 1): "I like trying new things.",
    ("openness", -1): "I'd rather stick with what I know.",
    ("trust", -1): "I don't take promises on trust.",
    ("tech_affinity", 1): "That sort of technology comes easily to me.",
    ("tech_affinity", -1): "I'm no friend of gadgets.",
    ("sociability", 1): "I go by what people around me say.",
    ("pressure", 1): "I have a lot on my plate as it is.",
    ("green_concern", 1): "I do think about what we leave behind.",
    ("green_concern", -1): "I can't save the planet by myself.",
    ("brand_loyalty", 1): "I stay with a name once it has earned it.",
    ("health_need", 1): "I have to watch my health.",
    ("conservatism", 1): "I like things to be orderly.",
    ("conservatism", -1): "I care about people getting a fair chance.",
    ("family_focus", 1): "As a parent I see it through the children's eyes.",
}
_CLOSERS = {
    -1: ("I don't see it turning around soon.", "It wears you down after a while.",
    "I'd want to see real change before I say otherwise."),
    0: ("I try not to get carried away either way.", "It could still go one way or the other.", "I keep an open mind."),
    1: ("I hope it stays that way.", "I feel good about that.", "I don't take it for granted."),
}  # fmt: skip
# What an open question asks for, the first pattern that fits.
_INTENTS = (
    ("barrier",
     (
         r"(keep|stop|prevent|put)s? you (from|off)|hold(s|ing)? you back|worr(y|ies)|annoy|hardest|worst|dislike"
         r"|hate|fear|frustrat|bother|concern|problem|difficult|disappoint|cancel|struggle|(made|make) you (stop"
         r"|leave|quit|drop)|drawback|why not|against"
     )),
    ("wish",
     (
         r"what (would|could|should|might|can)|how (could|can|should|might)|suggest|improve|chang(e|ing) about"
         r"|missing|would help|wish|what do you (need|want|expect)|would you (like|want|need)|kept you"
     )),
    ("criteria",
     (
         r"how do you (decide|choose|pick|select|go about)|look for|matters? most|most important|which .*(most"
         r"|prefer)|what matters|(when|before) you (choose|buy|pick)|influence|factors?"
     )),
    ("liking",
     (
         r"do you (most )?(like|love|enjoy|value|appreciate)|best (thing|part)|makes you (happy|come back)"
         r"|advantage|benefits? of"
     )),
    ("story", r"describe|tell (us|me) about|last time|walk (us|me) through|remember|your experience"),
)  # fmt: skip
_WISH = ("For {np} I'd want {wish}.", "What would help me most with {np} is {wish}.",
 "With {np} I'd start with {wish}.",
         "What I miss with {np} is {wish}.")  # fmt: skip
_BARRIER = ("What puts me off {np} is that {bad}.", "With {np} the trouble is that {bad}.", "About {np}: {bad}.",
            "The worst of {np} is that {bad}.")  # fmt: skip
_HARDLY = (
    "There is not much to hold against {np}: {good}.",
    "There is little I'd hold against {np}, {good}.",
    "I have few worries about {np}; {good}.",
)
_CRITERIA = ("With {np} I want {wish} before anything else.", "With {np}, what counts for me is {wish}.",
             "The first thing I want from {np} is {wish}.")  # fmt: skip
_LIKING = ("What I like about {np} is that {good}.", "The best of {np} is that {good}.")
# The same where the thing is not there yet.
_PROSPECT_WISH = ("For {np} I'd want {wish}.", "What would win me over to {np} is {wish}.",
                  "With {np}, what I'd need is {wish}.")  # fmt: skip
_PROSPECT_BARRIER = ("What would put me off {np} is that {bad}.", "About {np} I'd say: {bad}.",
                     "My trouble with {np} would be this: {bad}.")  # fmt: skip
_PROSPECT_HARDLY = ("Not much would put me off {np}; {good}.", "Little would put me off {np}: {good}.")
_PROSPECT_FIRST = ("My first thought: {reason}.", "For me it comes down to this: {reason}.",
                   "What strikes me is that {reason}.")  # fmt: skip
_STORY = {-1: "When I think of {np}, what comes back is that {bad}.", 0: "About {np} I'd say that {good}, but {bad}.",
          1: "When I think of {np}, what comes back is that {good}."}  # fmt: skip
_BECAUSE = ("Mainly it's that {reason}.", "That is because {reason}.", "For me it comes down to this: {reason}.",
            "The main thing is that {reason}.")  # fmt: skip
_FIRST = ("Day to day, {reason}.", "For me it comes down to this: {reason}.", "What I notice most is that {reason}.")


def standing(reading: Reading, outlook: Outlook, said: tuple[Said, ...], seed: int) -> float:
    """Return the respondent's score on this asking of the question, in keeping with what they said before."""
    z = position.score(reading, outlook, outlook.identity, seed)
    return recall.consistent(reading, reading.scale, z, said) if reading.scale else z


def mood(reading: Reading, z: float, said: tuple[Said, ...]) -> float:
    """Return how favourable an answer in own words is, 0 to 1: as what was said of it before, else by the score."""
    before = recall.stance(reading, said)
    return reading.mood(position.level(z)) if before is None else before


def statement(reading: Reading, person: Profile, outlook: Outlook, z: float, draws: Draws) -> str:
    """Return one or two sentences that say where the respondent stands and why, without naming an option."""
    if reading.kind == "nps":
        score = position.recommendation(z)
        place = score / 10
        cores = tuple(reading.subject.fill(text) for text in wording.RECOMMEND[score])
    elif reading.scale is None:
        return open_answer(reading, person, outlook, reading.mood(position.level(z)), draws)
    else:
        index = facts.point(reading, reading.scale, person, z)
        place = reading.scale.level(index)
        cores = stances.phrases(reading, index)
    core = draws.pick(_unnamed(cores, reading.labels))
    return _voiced(core, _reason(reading, person, outlook, reasons.mood_at(reading.mood(place)), draws), draws)


def _unnamed(phrases: tuple[str, ...], labels: list[str]) -> tuple[str, ...]:
    """Return the phrases that hold no label of several words, if there are such."""
    named = [label.lower() for label in labels if " " in label.strip()]
    free = tuple(phrase for phrase in phrases if not any(label in phrase.lower() for label in named))
    return free or phrases


def _voiced(core: str, reason: str, draws: Draws) -> str:
    style = draws.uniform()
    if style < 0.2:
        return wording.sentence(core)
    if style < 0.32:
        return f"{wording.sentence(reason)} {wording.sentence(draws.pick(('So ', 'All in all, ', 'Overall, ')) + core)}"
    joiner = draws.pick(wording.JOINERS)
    if joiner == ". ":
        return f"{wording.sentence(draws.pick(wording.OPENERS) + core)} {wording.sentence(reason)}"
    return wording.sentence(draws.pick(wording.OPENERS) + core + joiner + reason)


def _reason(reading: Reading, person: Profile, outlook: Outlook, mood: int, draws: Draws) -> str:
    """Return a clause that gives a reason from the respondent's own life; a middling one weighs two things."""
    if reading.topic.name in reasons.BY_TOPIC:
        return dialect.spoken_in(person.country, reasons.choose(reading.topic.name, mood, person.tags, draws))
    first, second = aspects.choose(reading, person, outlook, draws)
    text = f"{first.good}, but {second.bad}" if mood == 0 else first.good if mood > 0 else first.bad
    return reading.subject.fill(dialect.spoken_in(person.country, text))


def open_answer(reading: Reading, person: Profile, outlook: Outlook, place: float, draws: Draws) -> str:
    """Return one to three sentences of plain English that answer an open question; `place` is how favourably, 0-1."""
    plain = factual.answer(reading.text, person, draws)
    if plain:
        return plain
    mood = reasons.mood_at(place)
    lowered = reading.text.lower()[:1000]
    intent = next((name for name, pattern in _INTENTS if re.search(pattern, lowered)), "opinion")
    if reading.topic.name in reasons.BY_TOPIC and intent not in {"wish", "criteria"}:
        return dialect.spoken_in(person.country, _settled_answer(reading, person, place, draws))
    first, second = (_localised(aspect, person) for aspect in aspects.choose(reading, person, outlook, draws))
    judged = intent == "opinion" or (intent == "story" and reading.prospect)
    parts = (
        _opinion(reading, place, first, second, draws)
        if judged
        else _parts(reading, intent, mood, first, second, draws)
    )
    named = next((number for number, part in enumerate(parts) if "{np}" in part), 0)
    told = [wording.sentence(_whole(reading, part, first=number == named)) for number, part in enumerate(parts)]
    if intent == "barrier" and mood > 0:
        return " ".join(told)  # what one would hold against it, if anything, stands last
    if reading.prospect:
        return " ".join([*told, *_beside(reading, mood, draws), *_self(first, outlook, draws)])
    if intent in {"opinion", "story", "liking"} and draws.chance(0.15):
        return " ".join([*told, draws.pick(_CLOSERS[mood])])
    return " ".join([*told, *_self(first, outlook, draws)])


def _localised(aspect: Aspect, person: Profile) -> Aspect:
    """Return an aspect in the words of the respondent's country."""
    bad, good, wish = (dialect.spoken_in(person.country, text) for text in (aspect.bad, aspect.good, aspect.wish))
    return aspect._replace(bad=bad, good=good, wish=wish)


def _whole(reading: Reading, part: str, *, first: bool) -> str:
    """Put the subject into a sentence; the first one names it as fully as the question does, if it names it once."""
    rest = subjects.rest_of(reading.text, reading.subject) if first and part.count("{np}") == 1 else ""
    return reading.subject.fill(part.replace("{np}", f"{{np}} {rest}") if rest else part)


def _beside(reading: Reading, mood: int, draws: Draws) -> list[str]:
    """Return a sentence on the other thing that the question sets beside its subject, as a brand, or none."""
    rest = subjects.rest_of(reading.text, reading.subject)
    other = re.search(r"\b(an?|the|its|their|our) (?:own )?((?:[a-z]+ )?brand)\b", rest)
    if not other or not draws.chance(0.6):
        return []
    named = f"{other[1] if other[1] in {'a', 'an'} else 'the'} {other[2]}"
    said = {
        -1: ("{b} would not make it better for me.", "I'd wonder what {b} knows about it."),
        0: ("Whether {b} is right for it, I'm not sure.", "{b} alone would not decide it for me."),
        1: ("{b} behind it would reassure me.", "I'd expect {b} to know its trade."),
    }
    return [wording.sentence(draws.pick(said[mood]).format(b=named))]


def _opinion(reading: Reading, place: float, first: Aspect, second: Aspect, draws: Draws) -> list[str]:
    """Return a position and its reason, in either order."""
    mood = reasons.mood_at(place)
    family = "general"
    if reading.prospect:
        family = "trust" if reading.subject.head in subjects.CLAIMS else "prospect"
    core = draws.pick(wording.phrases_at(wording.FAMILIES[family], place))
    reason = {-1: first.bad, 0: f"{first.good}, but {second.bad}", 1: first.good}[mood]
    if draws.chance(0.6):
        return [core, _put(draws.pick(_BECAUSE), {"reason": reason})]
    return [_put(draws.pick(_PROSPECT_FIRST if reading.prospect else _FIRST), {"reason": reason}), core]


def _parts(reading: Reading, intent: str, mood: int, first: Aspect, second: Aspect, draws: Draws) -> list[str]:
    """Return the sentences for what is asked, still with {np} for the subject."""
    words = {"np": "{np}", "wish": first.wish, "bad": first.bad, "good": first.good}
    new = reading.prospect
    if intent == "barrier" and mood > 0:
        return [_put(draws.pick(_PROSPECT_HARDLY if new else _HARDLY), words), f"if anything, {second.bad}"]
    if intent == "barrier":
        return [_put(draws.pick(_PROSPECT_BARRIER if new else _BARRIER), words)]
    if intent == "wish":
        said = _put(draws.pick(_PROSPECT_WISH if new else _WISH), words)
        return [said, f"apart from that, {second.good}" if mood > 0 else second.bad if new else first.bad]
    if intent == "criteria":
        return [_put(draws.pick(_PROSPECT_WISH if new else _CRITERIA), words), first.good if mood > 0 else first.bad]
    if intent == "liking":
        return [_put(draws.pick(_LIKING), words), *([f"on the other hand, {second.bad}"] if mood < 0 else [])]
    return [_put(_STORY[mood], words | ({"bad": second.bad} if mood == 0 else {}))]


def _put(template: str, words: dict[str, str]) -> str:
    """Put the words into a template; the subject in them is filled in later."""
    return template.format(**words)


def _self(aspect: Aspect, outlook: Outlook, draws: Draws) -> list[str]:
    """Return a sentence about oneself that explains why one brings the aspect up, or none."""
    told = _SELVES.get((aspect.latent, aspect.sign))
    explains = aspect.sign * outlook.score(aspect.latent) > 0.2 if told else False
    return [told] if told and explains and draws.chance(0.45) else []


def _settled_answer(reading: Reading, person: Profile, place: float, draws: Draws) -> str:
    """Answer on the economy, politics or religion: a reason from life, mostly with the position itself."""
    mood = reasons.mood_at(place)
    parts = [
        wording.sentence(
            draws.pick(wording.REASON_OPENERS) + reasons.choose(reading.topic.name, mood, person.tags, draws)
        )
    ]
    if draws.chance(0.55):
        core = draws.pick(wording.phrases_at(wording.BY_TOPIC[reading.topic.name], place))
        parts.insert(draws.integer(0, 1), wording.sentence(core))
    fate = draws.uniform()
    if fate < 0.35:
        fitting = [text for tag, text in _SITUATIONS if tag in person.tags]
        parts += [draws.pick(fitting)] if fitting else []
    elif fate < 0.7:
        parts.append(draws.pick(_CLOSERS[mood]))
    return " ".join(parts[:3])


def statements(
    readings: list[Reading], person: Profile, outlook: Outlook, said: tuple[Said, ...], seed: int
) -> dict[str, Any]:
    """Return a statement for each question of a section: each stands by those before it."""
    told = {}
    for reading in readings:
        z = standing(reading, outlook, said, seed)
        draws = Draws("statement", person.identity, reading.key, reading.text, seed)
        told[reading.key] = statement(reading, person, outlook, z, draws)
        if reading.scale:
            index = facts.point(reading, reading.scale, person, z)
            said += (Said(reading.text, told[reading.key], reading.mood(reading.scale.level(index))),)
    return {"statements": told}
