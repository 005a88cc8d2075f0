"""The five traits in words: how a persona's scores are put in its portrait, and what a portrait says of them."""

import re
from typing import Any

from core.embedded.offline_model.prompt_data import mapping, text_of
from core.embedded.offline_model.seeding import Draws

LETTERS = "OCEAN"
# Means and spreads among adults, 0-100: what "average" means when scores are put in words.
MEAN = {"O": 72.0, "C": 65.25, "E": 63.0, "A": 73.0, "N": 43.25}
SD = {"O": 16.25, "C": 19.0, "E": 21.25, "A": 18.0, "N": 24.0}

# From very low to very high; the words of one trait say nothing of another.
WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "O": (
        ("strictly practical", "no patience with abstract ideas", "wants nothing new"),
        ("conventional", "set in habits", "down to earth"),
        ("curious", "open to new ideas", "likes to learn"),
        ("imaginative", "full of unusual ideas", "endlessly inquisitive"),
    ),
    "C": (
        ("chaotic", "leaves everything to the last minute", "loses track of things"),
        ("untidy", "easy-going about deadlines", "impulsive"),
        ("organised", "dependable", "hard-working"),
        ("meticulous", "always has a list", "never late"),
    ),
    "E": (
        ("very shy", "stays out of every limelight", "says little, even to friends"),
        ("reserved", "quiet in company", "happiest in small circles"),
        ("sociable", "easy to talk to", "talkative"),
        ("outgoing and loud", "the centre of any room", "talks to everybody"),
    ),
    "A": (
        ("looks after number one", "harsh with others", "cold at first and often later"),
        ("tough-minded", "sceptical of other people's motives", "argumentative"),
        ("kind", "considerate", "warm"),
        ("soft-hearted", "puts others first", "feels with everybody"),
    ),
    "N": (
        ("unflappable", "hardly ever rattled", "untroubled by setbacks"),
        ("even-tempered", "calm", "relaxed"),
        ("worries easily", "moody at times", "tense under pressure"),
        ("anxious", "quick to be upset", "up one day and down the next"),
    ),
}
NEUTRAL = (
    "dry sense of humour",
    "plain-spoken",
    "good with figures",
    "sentimental about music",
    "handy around the house",
)
# Of a low and of a high trait, as part of a life story.
STORIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "O": (
        ("{They} still {do} most things the way {their} parents did, and {see} no reason to change.",
         "Talk about ideas bores {first}; things that work do not."),
        ("As a child {first} took apart whatever could be taken apart, and {they} still {wonder} how things might be.",
         "An old art teacher taught {first} that there is always another way to look at a thing."),
    ),
    "C": (
        ("Bills, keys and birthdays have a way of getting lost around {first}.",
         "{They} {have} started many things, and most of them lie about half done."),
        ("{They} learned early that what is put off is done twice, and {keep} lists to this day.",
         "Since a missed payment years ago {first} writes everything down and checks it again."),
    ),
    "E": (
        ("Parties wear {first} out, and {they} {prefer} a walk alone to a full room.",
         "At school {first} was the one by the window, and {they} still {say} little in a group."),
        ("{They} {know} half the street by name and {have} never minded a full house.",
         "Wherever {first} goes, there is soon a conversation under way."),
    ),
    "A": (
        ("{They} {expect} little of other people and {say} so to their faces.",
         "A friend who never paid back what was lent taught {first} to put {their} own interests first."),
        ("After a neighbour fell ill {first} cooked for two households for a year, and thought nothing of it.",
         "{They} {find} it hard to say no to anybody in trouble."),
    ),
    "N": (
        ("Little upsets {first}: {they} {sleep} well and {shrug} off what others lie awake over.",
         "When things go wrong {first} is the one who stays calm."),
        ("{They} {lie} awake over small things, and a cross word can spoil {their} day.",
         "A bad year left {first} expecting the next piece of bad news, and {their} moods swing with it."),
    ),
}  # fmt: skip
_PLAIN, _STRONG = 0.45, 1.25
_MOST_WORDS, _FEWEST_WORDS, _STORIES_TOLD = 5, 3, 2
_VERBS = ("do", "see", "wonder", "have", "keep", "prefer", "say", "know", "expect", "find", "sleep", "shrug", "lie")

# What a portrait that somebody else wrote may say: (sign, words).
_SIGNS: dict[str, tuple[tuple[float, str], ...]] = {
    "O": ((1, r"curious|imaginat|creativ|artistic|inventive|inquisitive|unusual ideas|open to new|philosoph|dreamer"),
          (-1, r"convention|set in habits|practical|down.to.earth|abstract ideas|unimaginative|nothing new")),
    "C": ((1, (r"organi[sz]ed|dependable|disciplin|meticulous|\btidy|punctual|reliable|thorough|hard.?working|\blist\b"
              r"|never late|checks it again")),
          (-1, (r"chaotic|untidy|disorgani|impulsive|careless|last minute|forgetful|messy|loses track|half done"
               r"|easy-going about deadlines|procrastinat"))),
    "E": ((1, (r"outgoing|sociable|talkative|extrover|extrav|lively|gregarious|centre of any|talks to everybody"
              r"|easy to talk|life of the party")),
          (-1, r"reserved|\bshy|quiet|introver|private person|limelight|says little|small circles|withdrawn|loner")),
    "A": ((1, (r"\bwarm\b|\bkind\b|caring|trusting|gentle|generous|considerate|helpful|soft-hearted|puts others first"
              r"|feels with|compassion|sympathetic")),
          (-1, (r"\bharsh|\bcold\b|competitive|tough-minded|selfish|argumentative|number one|sceptical of|ruthless"
               r"|suspicious"))),
    "N": ((1, r"anxious|worr(?:y|ies|ied)|moody|nervous|quick to be upset|tense\b|up one day|insecure|lie awake over"),
          (-1, r"\bcalm|even-tempered|relaxed|unflappable|steady|laid.back|rattled|untroubled|serene|hopeful")),
}  # fmt: skip
_COMPILED = {
    letter: tuple((sign, re.compile(rf"(?<!\bnot )(?<!\bnever )(?:{words})")) for sign, words in rows)
    for letter, rows in _SIGNS.items()
}
_STRENGTH = {
    word: (letter, sign * (1.5 if strong else 0.85))
    for letter, levels in WORDS.items()
    for words, sign, strong in zip(levels, (-1, -1, 1, 1), (True, False, False, True), strict=True)
    for word in words
}


def scores_of(ocean: object) -> dict[str, float]:
    """Return the scores that are given, by letter, as distances from the average in spreads of adults."""
    found = {}
    for name, score in mapping(ocean).items():
        letter = str(name)[:1].upper()
        if letter in MEAN and isinstance(score, (int, float)) and not isinstance(score, bool) and score == score:
            found[letter] = (min(100.0, max(0.0, float(score))) - MEAN[letter]) / SD[letter]
    return found


def words_for(scores: dict[str, float], draws: Draws) -> list[str]:
    """Return three to five words on a character: one for each trait that stands out, the plainest first."""
    ranked = sorted((letter for letter in scores if abs(scores[letter]) >= _PLAIN), key=lambda one: -abs(scores[one]))
    chosen = [draws.pick(WORDS[letter][_level(scores[letter])]) for letter in ranked[:_MOST_WORDS]]
    return chosen + draws.sample(NEUTRAL, max(0, _FEWEST_WORDS - len(chosen)))


def stories_for(scores: dict[str, float], draws: Draws) -> list[str]:
    """Return sentences of a life story on the one or two traits that stand out most."""
    ranked = sorted((letter for letter in scores if abs(scores[letter]) >= _PLAIN), key=lambda one: -abs(scores[one]))
    return [draws.pick(STORIES[letter][scores[letter] > 0]) for letter in ranked[:_STORIES_TOLD]]


def verbs(plural: bool) -> dict[str, str]:
    """Return the verbs of the stories as they go with a pronoun."""
    singular = {"do": "does", "have": "has"}
    return {verb: verb if plural else singular.get(verb, f"{verb}s") for verb in _VERBS}


def _level(score: float) -> int:
    return (0 if score < -_STRONG else 1) if score < 0 else (3 if score > _STRONG else 2)


def read(persona: dict[str, Any]) -> dict[str, float]:
    """Return what a portrait's words say of the traits, in spreads of adults; a trait they are silent on is left out.

    Its own words on character count before a life story.
    """
    words = persona.get("personality")
    listed = [text_of(word, 200).lower() for word in words[:30]] if isinstance(words, list) else []
    story = text_of(persona.get("backstory"), 6000).lower()
    found: dict[str, float] = {}
    for letter in LETTERS:
        said = [_said(letter, word) for word in listed]
        told = [score for score in said if score] or [score * 0.9 for score in (_said(letter, story),) if score]
        if told:
            found[letter] = max(-1.8, min(1.8, sum(told) / len(told)))
    return found


def _said(letter: str, text: str) -> float:
    known = _STRENGTH.get(text)
    if known is not None:
        return known[1] if known[0] == letter else 0.0
    signs = [sign * len(pattern.findall(text)) for sign, pattern in _COMPILED[letter]]
    return float((sum(signs) > 0) - (sum(signs) < 0))
