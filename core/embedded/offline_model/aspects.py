"""Choosing what a respondent brings up about a subject: by its kind, by their scores and circumstances."""

import math
import re
from functools import lru_cache

from core.embedded.offline_model import concept_banks, leanings, subjects
from core.embedded.offline_model.aspect_banks import BANKS, GENERAL, Aspect, Bank
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.seeding import Draws
from core.embedded.offline_model.traits import Outlook

# Economy, politics and religion have reasons of their own; what people wish there is a matter of money or of rules.
_CALLED = 5.0
_OTHER_NAMES = {"economy": "money", "politics": "public", "religion": "public"}


def choose(reading: Reading, person: Profile, outlook: Outlook, draws: Draws, count: int = 2) -> list[Aspect]:
    """Return different aspects that fit the respondent: most likely those that their scores or the text call for."""
    bank = _expectations(reading) if reading.prospect else _bank(reading.domain)
    named = _named(bank, reading.text)
    fitting = [aspect for aspect in bank if not aspect.needs or aspect.needs in person.tags]
    chosen: list[Aspect] = []
    while fitting and len(chosen) < count:
        chosen.append(draws.weighted(fitting, [_pull(aspect, outlook, named) for aspect in fitting]))
        fitting.remove(chosen[-1])
    return chosen


def _bank(domain: str) -> Bank:
    name = _OTHER_NAMES.get(domain, domain)
    return BANKS.get(name, GENERAL)


def _expectations(reading: Reading) -> Bank:
    """Return what people expect of a thing of that kind that they do not have yet, or make of a claim."""
    plants = leanings.speaks_of("plant", reading.text) or leanings.speaks_of("dairy", reading.text)
    if reading.subject.head in subjects.CLAIMS:
        return concept_banks.BANKS["plant claim" if plants else "claim"]
    name = "plant" if plants and reading.domain in {"food", "shopping"} else reading.domain
    return concept_banks.BANKS.get(name, concept_banks.GENERAL)


@lru_cache(maxsize=2048)
def _named(bank: Bank, text: str) -> frozenset[Aspect]:
    """Return the aspects that share a telling word with a question: of taste, of prices, of waiting."""
    words = re.findall(r"[a-z]{4,}", text.lower()[:600])
    stems = {word[: min(5, len(word) - 1)] for word in words if word not in subjects.FUNCTION_WORDS}
    found = set()
    for aspect in bank:
        told = re.findall(r"[a-z]{4,}", f"{aspect.bad} {aspect.good} {aspect.wish}")
        if any(word.startswith(stem) for stem in stems for word in told):
            found.add(aspect)
    return frozenset(found) if len(found) * 2 <= len(bank) else frozenset()


def _pull(aspect: Aspect, outlook: Outlook, named: frozenset[Aspect]) -> float:
    """Return how readily a respondent brings an aspect up."""
    called = _CALLED if aspect in named else 1.0
    if not aspect.latent:
        return called * (1.4 if aspect.needs else 0.7)
    return called * math.exp(max(-1.8, min(1.8, aspect.sign * outlook.score(aspect.latent))))
