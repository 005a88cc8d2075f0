"""Where a respondent stands on a question: a latent score, and the answer a threshold model makes of it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.embedded.offline_model import scales, topics
from core.embedded.offline_model.prompt_data import text_of
from core.embedded.offline_model.scales import Scale
from core.embedded.offline_model.seeding import Draws, phi, unit
from core.embedded.offline_model.topics import Topic
from core.embedded.offline_model.traits import INDIVIDUAL_SD, Outlook

# How much an answer wavers from one asking to the next, apart from who answers.
WAVER_SD = 0.45
# Spread of the whole score over a population; the thresholds are cut for it.
POPULATION_SD = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as the model understands it. `scale` is None when its options have no order."""

    key: str
    kind: str
    text: str
    labels: list[str]
    codes: list[str]
    exclusive: list[bool]
    topic: Topic
    scale: Scale | None
    weights: dict[str, float]


def read_question(question: dict[str, Any]) -> Reading:
    """Understand a question from its words and options."""
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
        weights={name: sign * weight for name, weight in topic.weights},
    )


def expected(reading: Reading, outlook: Outlook, *, individual: bool = True) -> float:
    """Return the respondent's score on the question before it wavers."""
    sign = 1.0 if sum(reading.weights.values()) == sum(dict(reading.topic.weights).values()) else -1.0
    push = topics.price_push(reading.text, outlook.expected["price_sensitivity"])
    shift = sign * reading.topic.mean + topics.question_shift(reading.text)
    if reading.topic.name in {"religion", "politics", "economy"}:
        shift = sign * reading.topic.mean
    return outlook.mix(reading.weights, individual=individual) + shift + push


def score(reading: Reading, outlook: Outlook, identity: int, seed: int) -> float:
    """Return the respondent's score on this asking of the question."""
    return expected(reading, outlook) + Draws("waver", identity, reading.text, seed).normal(0.0, WAVER_SD)


def level(z: float) -> float:
    """Return the share of the population below a score: 0 is the low pole, 1 the high one."""
    return phi(z / POPULATION_SD)


def cell_shares(reading: Reading, outlook: Outlook, size: int, seed: int) -> list[float]:
    """Return the shares of `size` ordered points, low pole first, among people like the persona."""
    mean = expected(reading, outlook, individual=False)
    mean += Draws("draw", reading.text, seed).normal(0.0, 0.12)
    spread = (INDIVIDUAL_SD**2 + WAVER_SD**2) ** 0.5
    cuts = [_cut(step / size) for step in range(1, size)]
    below = [0.0, *(phi((cut - mean) / spread) for cut in cuts), 1.0]
    return [max(1e-4, high - low) for low, high in pairwise(below)]


def _cut(share: float) -> float:
    """Return the score below which `share` of the population lies (bisection on the normal distribution)."""
    low, high = -6.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if level(middle) < share else (low, middle)
    return low


def utility(reading: Reading, index: int, outlook: Outlook, *, individual: bool = True) -> float:
    """Return how much an option without order appeals: traits by its words, plus a standing of its own."""
    label = reading.labels[index] if index < len(reading.labels) else ""
    own = topics.detect(label, ())
    weights = dict(own.weights)
    standing = 1.2 * (unit("standing", reading.text, label) - 0.5)
    return standing + 0.8 * outlook.mix(weights, individual=individual)
