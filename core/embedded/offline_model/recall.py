"""What a respondent said before, read back: who answers about the same thing again does not contradict themself.

Earlier answers come in words, with the question they answered. How favourable one is to its subject is read from those
words: first from the model's own ways of putting things, then by what each word says.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.embedded.offline_model import direction, known, position, prices, subjects, topics, wording
from core.embedded.offline_model.lexicon import COMMON
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.prompt_data import objects, text_of
from core.embedded.offline_model.scales import Scale
from core.embedded.offline_model.seeding import phi
from core.embedded.offline_model.topics import Topic

_MOST = 40
_WORD = re.compile(r"[a-z]{3,}")
# On which axis positions on topics with words of their own lie; reasons for them may speak of anything.
_AXES = {
    "economy": {"better", "agree", "likely"},
    "politics": {"ideology"},
    "religion": {"frequency", "important"},
}
# The family of scale that an axis of meaning belongs to.
_FAMILY_OF = {"feel": "satisfied", COMMON: "amount"}
_LEAST_WEIGHT = 0.3
# What a study calls its subject once it has been named.
_NAMELESS = frozenset({"concept", "product", "idea", "offer", "price", "item", "pot", "pack", "service"})
_FAVOURABLE, _UNFAVOURABLE = 0.6, 0.4


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier answer. `mood` is how favourable it is to its subject, 0 to 1; None where its words do not tell."""

    question: str
    answer: str
    mood: float | None


def earlier(data: dict[str, Any]) -> tuple[Said, ...]:
    """Return the earlier answers of a prompt's data, oldest first."""
    given = objects(data.get("earlier_answers"))[-_MOST:]
    pairs = [(text_of(one.get("question"), 600), text_of(one.get("answer"), 1200)) for one in given]
    return tuple(Said(question, answer, mood_of(question, answer)) for question, answer in pairs if question)


def declared(said: tuple[Said, ...]) -> tuple[str, ...]:
    """Return what the respondent said of themself, in lower case: a "vegan" stays one."""
    own = (one for one in said if len(one.answer) <= 120 and known.describes(one.question))
    return tuple(one.answer.lower().rstrip(".") for one in own if not known.denies(one.answer))


def stance(reading: Reading, said: tuple[Said, ...]) -> float | None:
    """Return how favourable the respondent was to a question's subject, 0 to 1, when last asked; None if never."""
    best: tuple[float, float] | None = None
    for one in said:
        near = _nearness(reading, one.question)
        if one.mood is not None and near and (best is None or near >= best[0]):
            best = (near, one.mood)
    return best[1] if best else None


def consistent(reading: Reading, scale: Scale, z: float, said: tuple[Said, ...]) -> float:
    """Return a score at which the respondent takes a dearer offer no more readily than they took a cheaper one."""
    if reading.price is None:
        return z
    low, high = 0.0, 1.0
    for price, mood in accepted(reading, said):
        rank = round(mood * (scale.size - 1))
        if price <= reading.price:
            high = min(high, (rank + 0.99) / scale.size)
        if price >= reading.price:
            low = max(low, (rank + 0.01) / scale.size)
    if low > high:
        return z
    return min(max(z, position.cut(low)), position.cut(high)) if reading.sign > 0 else z


def accepted(reading: Reading, said: tuple[Said, ...]) -> list[tuple[float, float]]:
    """Return the prices of the same subject that were asked about before, each with how favourable the answer was."""
    found = []
    for one in said:
        price = prices.asked(one.question)
        if price is not None and one.mood is not None and _nearness(reading, one.question):
            found.append((price, one.mood))
    return found


def willing(reading: Reading, said: tuple[Said, ...]) -> tuple[float, float]:
    """Return the highest price the respondent said yes to and the lowest they said no to; 0 and infinity where none."""
    told = accepted(reading, said)
    yes = max((price for price, mood in told if mood >= _FAVOURABLE), default=0.0)
    no = min((price for price, mood in told if mood <= _UNFAVOURABLE and price > yes), default=float("inf"))
    return yes, no


@lru_cache(maxsize=8192)
def mood_of(question: str, answer: str) -> float | None:
    """Return how favourable an answer is to what its question is about, 0 to 1; None where its words do not tell."""
    topic = topics.detect(question, ())
    if answer.strip().isdecimal():
        score = int(answer[:6])
        known_scale = topic.name == "recommend" and score <= 10
        return phi((score - position.RECOMMEND_MEAN) / position.RECOMMEND_SD) if known_scale else None
    written = _written(topic.name, answer.lower().replace("’", "'"))
    if written is not None:
        return written
    findings = [finding for finding in direction.read(answer) if finding.weight >= _LEAST_WEIGHT]
    if topic.name in _AXES:
        findings = [finding for finding in findings if finding.axis in _AXES[topic.name]]
    telling = [finding for finding in findings if finding.axis != COMMON] or findings
    if not telling:
        return None
    axis, place, _ = max(telling, key=lambda finding: (finding.weight, abs(finding.place)))
    sign = topics.direction(topic, question, _FAMILY_OF.get(axis, axis))
    return 0.5 + 0.5 * sign * max(-1.0, min(1.0, place))


@lru_cache(maxsize=1024)
def _written(topic: str, answer: str) -> float | None:
    """Return the place of a phrase that the model itself has for a topic with words of its own."""
    levels = wording.BY_TOPIC.get(topic, ())
    for rank, phrases in enumerate(levels):
        if any(phrase.lower() in answer for phrase in phrases):
            return rank / (len(levels) - 1)
    return None


def _nearness(reading: Reading, question: str) -> float:
    """Return how much an earlier question was about the same; 0 where it was about something else."""
    if question == reading.text:
        return 2.0
    topic, subject, words = _about(question)
    shared = _overlap(words, _telling(f"{reading.text} {reading.subject.phrase}"))
    if not reading.judges or topic.name in position.SETTLED:
        return 1.0 + shared if topic.name == reading.topic.name else 0.0
    own = _telling(reading.subject.phrase) - _NAMELESS
    if not own or not _telling(subject) - _NAMELESS:
        return 0.5 + shared
    return 1.0 + shared if own & _telling(subject) or own <= words else 0.0


@lru_cache(maxsize=2048)
def _about(question: str) -> tuple[Topic, str, frozenset[str]]:
    return topics.detect(question, ()), subjects.find(question).phrase, _telling(question)


@lru_cache(maxsize=4096)
def _telling(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in _WORD.findall(text.lower()) if word not in subjects.FUNCTION_WORDS)


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / (len(first | second) or 1)
