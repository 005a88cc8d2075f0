"""Where a respondent stands on a question: a latent score, and the answer a threshold model makes of it."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from core.embedded.offline_model import domains, leanings, prices, prospects, scales, subjects, topics
from core.embedded.offline_model.prompt_data import text_of
from core.embedded.offline_model.scales import Scale
from core.embedded.offline_model.seeding import Draws, phi
from core.embedded.offline_model.subjects import Subject
from core.embedded.offline_model.topics import Topic
from core.embedded.offline_model.traits import INDIVIDUAL_SD, LIKING, Outlook

# How much an answer wavers from one asking to the next, apart from who answers; less where one likes or dislikes.
WAVER_SD = 0.45
LIKING_WAVER_SD = 0.3
# The waver of one sitting is mostly one for all questions on a subject, the rest each question's own.
_WAVER_SHARED = 0.7
# Spread of the whole score over a population; the thresholds are cut for it.
POPULATION_SD = 1.0
# Likelihoods to recommend, 0 to 10.
RECOMMEND_MEAN = 6.6
RECOMMEND_SD = 2.8
# One's own deviation: how much a liking for the subject and for things in general counts beside the topic's scores. All
# questions that judge one subject share the first two, so that who would not buy a thing does not recommend it either.
_LIKING_WEIGHT, _ANYTHING_WEIGHT, _TOPIC_WEIGHT = 0.85, 0.5, 0.4
# A row of a matrix, "question – row", is liked or not by itself too.
_ROW_WEIGHT, _ROW = 1.3, " – "
# What circumstances explain: the part of the question's topic and that of its subject's, which judgements share.
_QUESTION_SHARE, _SUBJECT_SHARE, _EXPLAINED = 0.6, 0.7, 0.75
_LEANING = 0.85
# Topics with scores of their own for everything: liking has no part in them, nor has the wording of a question.
SETTLED = frozenset({"religion", "politics", "economy"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as the model understands it. `scale` is None when its options have no order.

    `sign` is 1 where the scale's high pole is the favourable one, else -1. `price` is the one it asks about, `prices`
    those that are named around it.
    """

    key: str
    kind: str
    text: str
    labels: list[str]
    codes: list[str]
    exclusive: list[bool]
    topic: Topic
    scale: Scale | None
    sign: float
    weights: dict[str, float]
    own: dict[str, float]
    subject: Subject
    domain: str
    prospect: bool
    price: float | None = None
    prices: tuple[float, ...] = ()

    @property
    def judges(self) -> bool:
        """Tell whether the question judges a subject that one may like or not."""
        return self.topic.name not in SETTLED

    @property
    def waver_sd(self) -> float:
        """Return how much answers waver from one asking to the next."""
        return LIKING_WAVER_SD if self.judges else WAVER_SD

    @property
    def about(self) -> str:
        """Return what answers of one sitting waver about together: the topic, or the kind of subject."""
        return self.topic.name if not self.judges else self.domain or self.subject.head or self.text

    def mood(self, place: float) -> float:
        """Return how favourable a place on the scale is, 0 to 1."""
        return place if self.sign > 0 else 1.0 - place


def read_question(question: dict[str, Any], context: tuple[str, ...] = (), around: tuple[str, ...] = ()) -> Reading:
    """Understand a question from its words and options, and what it leaves open from the texts around it.

    `context` may name the subject, `around` prices of it.
    """
    text = text_of(question.get("text"))
    labels = [label[:400] for label in scales.labels_of(question)]
    options = question.get("options")
    given = options if isinstance(options, list) else []
    rows = [option if isinstance(option, dict) else {} for option in given]
    codes = [str(row.get("code", number + 1)) for number, row in enumerate(rows)]
    kind = text_of(question.get("type"), 40)
    scale = scales.detect(tuple(labels))
    if kind == "likert" and scale is None and codes:
        scale = Scale("amount", len(codes), descending=False)
    topic = topics.named("recommend") if kind == "nps" else topics.detect(text, tuple(labels))
    if topic.name == "economy" and scale and scale.family == "likely":
        topic = topics.named("purchase")
    price = prices.asked(text)
    if topic is topics.GENERAL and price is not None:
        topic = topics.named("purchase")
    subject = subjects.find(text, context)
    domain = topic.name if topic.name in SETTLED else domains.domain_of(text, subject.phrase, context)
    sign = topics.direction(topic, text, scale.family if scale else "amount")
    return Reading(
        key=text_of(question.get("key"), 400),
        kind=kind,
        text=text,
        labels=labels,
        codes=codes,
        exclusive=[row.get("exclusive") is True for row in rows],
        topic=topic,
        scale=scale,
        sign=sign,
        weights={name: sign * weight for name, weight in _weights(topic, subject.phrase).items()},
        own={name: sign * weight for name, weight in _own_weights(topic, domain or subject.head, text).items()},
        subject=subject,
        domain=domain,
        prospect=topic.name not in SETTLED
        and prospects.is_prospect(text, subject.phrase, context[0] if context else ""),
        price=price,
        prices=prices.named(around or (text,)),
    )


def _weights(topic: Topic, phrase: str) -> dict[str, float]:
    """Return the scores by which circumstances move the answers: the topic's, and for judgements the subject's."""
    if topic.name in SETTLED:
        return dict(topic.weights)
    about = topics.detect(phrase, ())
    found: dict[str, float] = {}
    for weights, share in ((topic.weights, _QUESTION_SHARE), (about.weights, _SUBJECT_SHARE)):
        length = sum(weight * weight for _, weight in weights) ** 0.5
        for name, weight in weights:
            found[name] = found.get(name, 0.0) + share * weight / length
    return found


def _own_weights(topic: Topic, liked: str, text: str) -> dict[str, float]:
    """Return the scores by which people in the same circumstances differ."""
    if topic.name in SETTLED:
        return dict(topic.weights)
    length = sum(weight * weight for _, weight in topic.weights) ** 0.5
    shared = {LIKING + liked: _LIKING_WEIGHT, f"{LIKING}anything": _ANYTHING_WEIGHT}
    _, is_row, row = text.rpartition(_ROW)
    if is_row:
        shared[f"{LIKING}{row}"] = _ROW_WEIGHT
    return {name: _TOPIC_WEIGHT * weight / length for name, weight in topic.weights} | shared


def expected(reading: Reading, outlook: Outlook, *, individual: bool = True) -> float:
    """Return the respondent's score on the question before it wavers."""
    explained = outlook.mix(reading.weights, individual=False)
    shift = reading.sign * reading.topic.mean
    if reading.judges:
        explained *= _EXPLAINED
        shift += topics.question_shift(reading.text) if reading.price is None else 0.0
        liked = leanings.toward(reading.text, reading.subject.phrase, reading.domain, outlook.told)
        shift += reading.sign * _LEANING * liked
    push = reading.sign * prices.push(
        reading.price, f"{reading.text} {reading.subject.phrase}", outlook.expected["price_sensitivity"]
    )
    return explained + (outlook.deviation(reading.own) if individual else 0.0) + shift + push


def score(reading: Reading, outlook: Outlook, identity: int, seed: int) -> float:
    """Return the respondent's score on this asking of the question."""
    shared = Draws("waver", identity, reading.about, seed).normal()
    own = Draws("waver", identity, topics.without_numbers(reading.text), seed).normal()
    mixed = _WAVER_SHARED * shared + math.sqrt(1.0 - _WAVER_SHARED**2) * own
    return expected(reading, outlook) + reading.waver_sd * mixed


def level(z: float) -> float:
    """Return the share of the population below a score: 0 is the low pole, 1 the high one."""
    return phi(z / POPULATION_SD)


def recommendation(z: float) -> int:
    """Return a 0-10 likelihood to recommend."""
    return min(10, max(0, round(RECOMMEND_MEAN + RECOMMEND_SD * z)))


def cell_shares(reading: Reading, outlook: Outlook, size: int, seed: int) -> list[float]:
    """Return the shares of `size` ordered points, low pole first, among people like the persona."""
    mean = expected(reading, outlook, individual=False)
    mean += Draws("draw", topics.without_numbers(reading.text), seed).normal(0.0, 0.12)
    spread = (INDIVIDUAL_SD**2 + reading.waver_sd**2) ** 0.5
    cuts = [cut(step / size) for step in range(1, size)]
    below = [0.0, *(phi((edge - mean) / spread) for edge in cuts), 1.0]
    return [max(1e-4, high - low) for low, high in pairwise(below)]


@lru_cache(maxsize=512)
def cut(share: float) -> float:
    """Return the score below which `share` of the population lies (bisection on the normal distribution)."""
    low, high = -6.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if level(middle) < share else (low, middle)
    return low
