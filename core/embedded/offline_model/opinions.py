"""Free text: the statements that semantic rating embeds, and answers to open questions."""

from typing import Any

from core.embedded.offline_model import position, reasons, wording
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.seeding import Draws

# A sentence that names the respondent's own situation: (tag, text).
_SITUATIONS = (
    ("parent", "With kids at home I notice every change in what a week costs."),
    ("renter", "I rent, and that colors how I see most things."),
    ("retired", "I'm retired, so I have time to look at these things closely."),
    ("young", "At my age you are still trying to get a foothold."),
    ("degree", "My job is fairly secure, I know that is not true for everyone."),
    ("no_degree", "I never finished a degree, so I've had to find my own way."),
    ("religious", "My church is a big part of how I get by."),
    ("low_income", "There is not much slack in my budget."),
    ("high_income", "I know I'm luckier than many."),
    ("rural", "Out where I live things move slowly."),
    ("urban", "In the city you see both ends of it on one street."),
    ("owner", "We own our home, which steadies things."),
    ("married", "My other half and I talk about this a lot."),
)
_CLOSERS = {
    -1: (
        "I don't see it turning around soon.",
        "It wears you down after a while.",
        "I wish somebody would be straight with people about it.",
        "I'd want to see real change before I say otherwise.",
        "That is hard to forget.",
    ),
    0: (
        "Ask me again in six months.",
        "I try not to get carried away either way.",
        "It could still go one way or the other.",
        "That is about all I can say.",
        "I keep an open mind.",
    ),
    1: (
        "I hope it lasts.",
        "It gives me some confidence for the year ahead.",
        "I feel good about where this is going.",
        "I don't take it for granted.",
        "That made a real difference to me.",
    ),
}
_EXPERIENCE_OPENERS = ("What I notice most is that ", "For me it comes down to this: ", "Mainly that ",
"I'd point to one thing: ",
                       "It's simple, ", "The main thing is that ", "What comes to mind first is that ",
                       "Day to day, ", "")  # fmt: skip
_POSITIONS: dict[str, wording.Levels] = {
    "economy": wording.ECONOMY,
    "politics": wording.POLITICS,
    "religion": wording.RELIGION,
    "purchase": wording.PURCHASE,
    "satisfaction": wording.FAMILIES["satisfied"],
    "recommend": (
        ("I would warn people off it",),
        ("I'd think twice before telling a friend about it",),
        ("I might mention it if somebody asked",),
        ("I'd happily suggest it to people I know",),
        ("I tell everyone about it",),
    ),
    "technology": (
        ("I'd rather keep my distance from all that",),
        ("I use it when I have to",),
        ("I can take it or leave it",),
        ("I find it useful most days",),
        ("I'm usually the first to try it",),
    ),
    "environment": (
        ("I don't spend time worrying about the environment",),
        ("the environment comes second to the bills for me",),
        ("I care about the environment where it's practical",),
        ("I try to choose the greener option",),
        ("the environment is one of the things I care about most",),
    ),
    "brand": wording.FAMILIES["trust"],
}
_GENERAL: wording.Levels = (
    ("I don't think much of it", "it has not worked for me", "I'm not convinced at all"),
    ("I have my reservations", "it falls short of what I'd want"),
    ("I have mixed feelings about it", "I go back and forth on it"),
    ("I feel fairly good about it", "it mostly works for me"),
    ("I'm really positive about it", "it has been a clear good thing for me"),
)
# Words that ask for a wish rather than an opinion.
_WISH = (
    "what would",
    "what could",
    "how could",
    "suggest",
    "improve",
    "change about",
    "what should",
    "what help",
)
_WISHES = (
    "plain language about what things really cost",
    "somebody who listens before trying to sell me something",
    "a bit more flexibility when a month goes wrong",
    "prices that don't change every few weeks",
    "less small print and fewer fees",
    "something I can set up in ten minutes and forget about",
    "being treated the same whether I have much or little",
    "a real person to talk to when I need one",
    "proof that it works for people in my situation",
    "a way to try it without committing myself",
    "a small reward for sticking with it",
    "seeing people like me in what they show",
)
_WISH_OPENERS = ("What would help me is ", "I'd like to see ", "Honestly, ", "First of all ",
"For me it would be ",
                 "I keep coming back to ", "More than anything, ")  # fmt: skip


def statement(reading: Reading, person: Profile, z: float, draws: Draws) -> str:
    """Return one or two sentences that say where the respondent stands and why, without naming an option."""
    if reading.kind == "nps":
        return _voiced(_POSITIONS["recommend"], position.level(z), "recommend", person, draws)
    if reading.scale is None:
        return open_answer(reading, person, z, draws)
    place = reading.scale.level(reading.scale.index(position.level(z)))
    levels = wording.levels_for(reading.topic.name, reading.scale.family)
    return _voiced(levels, place, reading.topic.name, person, draws)


def _voiced(levels: wording.Levels, place: float, topic: str, person: Profile, draws: Draws) -> str:
    core = draws.pick(wording.phrases_at(levels, place))
    reason = reasons.choose(topic, reasons.mood_at(place), _spoken_tags(person), draws)
    style = draws.uniform()
    if style < 0.2:
        return wording.sentence(core)
    if style < 0.32:
        return f"{wording.sentence(reason)} {wording.sentence(_lead(draws.pick(('So ', 'To me ', '')), core))}"
    joiner = draws.pick(wording.JOINERS)
    if joiner == ". ":
        return f"{wording.sentence(_lead(draws.pick(wording.OPENERS), core))} {wording.sentence(reason)}"
    return wording.sentence(_lead(draws.pick(wording.OPENERS), core) + joiner + reason)


def _lead(opener: str, clause: str) -> str:
    return opener + clause


def _spoken_tags(person: Profile) -> frozenset[str]:
    tags = person.tags
    return tags | {"religious"} if "faithful" in tags else tags


def open_answer(reading: Reading, person: Profile, z: float, draws: Draws) -> str:
    """Return one to three sentences of plain English that answer an open question."""
    place = position.level(z)
    mood = reasons.mood_at(place)
    tags = _spoken_tags(person)
    topic = reading.topic.name
    reason = reasons.choose(topic, mood, tags, draws)
    text = reading.text.lower()
    if any(word in text for word in _WISH):
        parts = [wording.sentence(draws.pick(_WISH_OPENERS) + draws.pick(_WISHES)), wording.sentence(reason)]
    else:
        parts = [wording.sentence(draws.pick(_EXPERIENCE_OPENERS) + reason)]
        if draws.chance(0.55):
            core = draws.pick(wording.phrases_at(_POSITIONS.get(topic, _GENERAL), place))
            parts.insert(draws.integer(0, 1), wording.sentence(core))
    return " ".join([*parts, *_extra(mood, tags, draws)][:3])


def _extra(mood: int, tags: frozenset[str], draws: Draws) -> list[str]:
    fate = draws.uniform()
    if fate < 0.35:
        fitting = [text for tag, text in _SITUATIONS if tag in tags]
        return [draws.pick(fitting)] if fitting else []
    return [draws.pick(_CLOSERS[mood])] if fate < 0.7 else []


def statements(readings: list[Reading], person: Profile, outlook: Any, seed: int) -> dict[str, Any]:
    """Return a statement for each question of a section."""
    said = {}
    for reading in readings:
        z = position.score(reading, outlook, person.identity, seed)
        draws = Draws("statement", person.identity, reading.key, reading.text, seed)
        said[reading.key] = statement(reading, person, z, draws)
    return {"statements": said}
