"""A persona fills in a personality questionnaire: statement by statement, from its scores or from its words."""

import re
from typing import Any

from core.embedded.offline_model import temperament
from core.embedded.offline_model.prompt_data import mapping, objects, text_of
from core.embedded.offline_model.seeding import Draws, digest

# What statements about oneself are about: trait, direction, words.
_STATEMENTS = (
    ("E", 1, r"life of the party|talk to a lot of different people|start conversations|center of attention"),
    ("E", -1, r"don't talk a lot|keep in the background|have little to say|quiet around strangers"),
    ("A", -1, r"not (?:really )?interested in (?:others|other people)|feel little concern|insult people"),
    ("A", 1, r"sympathi[sz]e|feel others|soft heart|make people feel at ease|time out for others"),
    ("C", 1, r"chores done|like order|always prepared|attention to detail|follow a schedule"),
    ("C", -1, r"forget to put|make a mess|leave my belongings|shirk"),
    ("N", -1, r"am relaxed|seldom feel blue|not easily bothered"),
    ("N", 1, r"mood swings|upset easily|stressed out|worry about|often feel blue"),
    ("O", -1, r"not interested in abstract|difficulty understanding abstract|not have a good imagination"),
    ("O", 1, r"vivid imagination|full of ideas|excellent ideas|rich vocabulary"),
)
_COMPILED = tuple((letter, sign, re.compile(words)) for letter, sign, words in _STATEMENTS)
# On the scale of 1 to 5: how far people stray from who they are on one day, at one statement, and for good.
_DAY_SD, _ANSWER_SD, _STATEMENT_SD = 0.2, 0.75, 0.25
# How far people of whom nothing is known differ, in spreads of adults.
_UNKNOWN_SD = 0.8


def answer(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return an answer of 1 to 5 to each statement; what a persona's texts tell others to answer counts for nothing."""
    persona = mapping(data.get("persona"))
    identity = digest("questionnaire", persona.get("name"))
    levels = _levels(persona, identity)
    day = {letter: Draws("day", identity, seed, letter).normal(0.0, _DAY_SD) for letter in levels}
    answers = {}
    for item in objects(data.get("items")):
        letter, sign = _subject(text_of(item.get("text"), 300))
        level = levels[letter] + day[letter] if letter else 3.0
        answers[str(item.get("number"))] = _answer(level if sign > 0 else 6.0 - level, identity, seed, item)
    return {"answers": answers}


def _levels(persona: dict[str, Any], identity: int) -> dict[str, float]:
    """Return where a persona stands on each trait, 1 to 5: by its scores, else its words, else by who it is."""
    scores, told = temperament.scores_of(persona.get("ocean")), temperament.read(persona)
    levels = {}
    for letter in temperament.LETTERS:
        unknown = Draws("unknown", identity, letter).normal(0.0, _UNKNOWN_SD)
        score = scores.get(letter, told.get(letter, unknown))
        levels[letter] = 1.0 + 4.0 * (temperament.MEAN[letter] + score * temperament.SD[letter]) / 100.0
    return levels


def _subject(text: str) -> tuple[str, int]:
    lowered = text.lower().replace("’", "'")
    return next(((letter, sign) for letter, sign, words in _COMPILED if words.search(lowered)), ("", 1))


def _answer(level: float, identity: int, seed: int, item: dict[str, Any]) -> int:
    text = text_of(item.get("text"), 300)
    own = Draws("statement", identity, text).normal(0.0, _STATEMENT_SD)
    drawn = level + own + Draws("answer", identity, text, seed).normal(0.0, _ANSWER_SD)
    return min(5, max(1, round(drawn)))
