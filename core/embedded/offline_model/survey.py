"""Answers to survey questions: one respondent's (`survey_direct`), a cell's (`survey_distribution`)."""

import math
from itertools import pairwise
from typing import Any

from core.embedded.offline_model import opinions, position, profile, traits
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.prompt_data import mapping, objects
from core.embedded.offline_model.seeding import Draws, phi
from core.embedded.offline_model.traits import Outlook

_RECOMMEND_MEAN = 6.6
_RECOMMEND_SD = 2.8


def respondent_of(data: dict[str, Any]) -> Profile:
    """Return the profile of the respondent in a prompt's data."""
    given = mapping(data.get("respondent")) or data
    return profile.from_respondent(given.get("persona"), given.get("attributes"), given.get("number"))


def questions_of(data: dict[str, Any]) -> list[Reading]:
    """Return the questions of a prompt's section, those without a key left out."""
    section = objects(mapping(data.get("section")).get("questions"))
    return [position.read_question(question) for question in section if question.get("key") is not None]


def direct(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return one respondent's answers to a section."""
    person = respondent_of(data)
    outlook = traits.outlook(person)
    raw = objects(mapping(data.get("section")).get("questions"))
    scales = {str(question.get("key")): question.get("scale") for question in raw}
    answers = {}
    for reading in questions_of(data):
        answers[reading.key] = _answer(reading, mapping(scales.get(reading.key)), person, outlook, seed)
    return {"answers": answers}


def _answer(reading: Reading, scale: dict[str, Any], person: Profile, outlook: Outlook, seed: int) -> Any:
    z = position.score(reading, outlook, person.identity, seed)
    draws = Draws("answer", person.identity, reading.key, reading.text, seed)
    if reading.kind == "nps":
        return recommendation(z)
    if reading.kind == "numeric":
        return _number(reading, scale, z, draws)
    if reading.kind == "multiple_choice":
        return _several(reading, outlook, draws)
    if reading.kind == "ranking":
        return [reading.codes[index] for index in _ranked(reading, outlook, draws)]
    if reading.kind == "open_ended" or not reading.codes:
        return opinions.open_answer(reading, person, z, draws)
    if reading.scale:
        return reading.codes[reading.scale.index(position.level(z))]
    return reading.codes[_ranked(reading, outlook, draws)[0]]


def recommendation(z: float) -> int:
    """Return a 0-10 likelihood to recommend."""
    return min(10, max(0, round(_RECOMMEND_MEAN + _RECOMMEND_SD * z)))


def _ranked(reading: Reading, outlook: Outlook, draws: Draws) -> list[int]:
    """Return the options' indexes, best liked first (a Gumbel draw makes it a softmax choice)."""
    liked = []
    for index in range(len(reading.codes)):
        noise = -math.log(-math.log(min(1 - 1e-12, max(1e-12, draws.uniform()))))
        liked.append((position.utility(reading, index, outlook) * 1.3 + noise - _shyness(reading, index), index))
    return [index for _, index in sorted(liked, reverse=True)]


def _shyness(reading: Reading, index: int) -> float:
    """Return how much less often an option like "none of these" or "don't know" is taken."""
    label = reading.labels[index].lower() if index < len(reading.labels) else ""
    evasive = any(word in label for word in ("other", "none of", "don't know", "prefer not", "not sure"))
    return 1.2 if evasive or (index < len(reading.exclusive) and reading.exclusive[index]) else 0.0


def _inclusion(reading: Reading, index: int, outlook: Outlook, *, individual: bool) -> float:
    return 1.0 / (1.0 + math.exp(0.55 - 1.2 * position.utility(reading, index, outlook, individual=individual)))


def _several(reading: Reading, outlook: Outlook, draws: Draws) -> list[str]:
    if not reading.codes:
        return []
    plain = [index for index in range(len(reading.codes)) if not reading.exclusive[index]]
    alone = [index for index in range(len(reading.codes)) if reading.exclusive[index]]
    taken = [index for index in plain if draws.chance(_inclusion(reading, index, outlook, individual=True))]
    if alone and (not taken or draws.chance(0.06)):
        return [reading.codes[draws.pick(alone)]]
    if not taken:
        taken = [max(plain, key=lambda index: position.utility(reading, index, outlook))]
    return [reading.codes[index] for index in taken]


# What a number stands for where the question gives no bounds: (word, low, high).
_GUESSED_BOUNDS = (
    ("percent", 0.0, 100.0),
    ("%", 0.0, 100.0),
    ("hours", 0.0, 24.0),
    ("days a week", 0.0, 7.0),
    ("times a week", 0.0, 14.0),
    ("times a month", 0.0, 30.0),
    ("how many people", 1.0, 8.0),
    ("month", 0.0, 500.0),
    ("pay", 0.0, 100.0),
    ("spend", 0.0, 200.0),
)


def _number(reading: Reading, scale: dict[str, Any], z: float, draws: Draws) -> float | int:
    low, high = _finite(scale.get("min")), _finite(scale.get("max"))
    if "how old" in reading.text.lower() or "your age" in reading.text.lower():
        low, high = low if low is not None else 18.0, high if high is not None else 90.0
    if low is None or high is None:
        text = reading.text.lower()
        found = next((bounds for bounds in _GUESSED_BOUNDS if bounds[0] in text), ("", 0.0, 10.0))
        low = found[1] if low is None else low
        high = max(found[2], low + 10.0) if high is None else high
    if high < low:
        low, high = high, low
    share = phi(z * 0.8 + draws.normal(0.0, 0.15))
    value = low + (high - low) * share
    if high - low > 2 or (low.is_integer() and high.is_integer() and high - low >= 1):
        whole = round(value)
        return min(math.floor(high), max(math.ceil(low), whole))
    return round(min(high, max(low, value)), 3)


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e12 else None


def distribution(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the probability of each option among people like the persona.

    Ordered options, single choices and nps sum to 1; of multiple choices each option has its own probability.
    """
    given = mapping(data.get("respondent")) or data
    person = profile.from_respondent(given.get("persona"), given.get("attributes"), "cell")
    outlook = traits.outlook(person)
    reading = position.read_question(mapping(data.get("question")))
    if reading.kind == "nps":
        return {"probabilities": _nps_shares(reading, outlook, seed)}
    if reading.kind == "multiple_choice":
        chances = [_inclusion(reading, index, outlook, individual=False) for index in range(len(reading.codes))]
        shy = [chance * (0.15 if _shyness(reading, index) else 1.0) for index, chance in enumerate(chances)]
        return {"probabilities": {code: round(p, 4) for code, p in zip(reading.codes, shy, strict=True)}}
    return {"probabilities": _normalised(reading.codes, _shares(reading, outlook, seed))}


def _shares(reading: Reading, outlook: Outlook, seed: int) -> list[float]:
    if reading.scale:
        ascending = position.cell_shares(reading, outlook, len(reading.codes), seed)
        return ascending[::-1] if reading.scale.descending else ascending
    draws = Draws("draw", reading.text, seed)
    weights = []
    for index in range(len(reading.codes)):
        liking = 1.3 * position.utility(reading, index, outlook, individual=False) - _shyness(reading, index)
        weights.append(math.exp(liking + draws.normal(0.0, 0.1)))
    return weights


def _nps_shares(reading: Reading, outlook: Outlook, seed: int) -> dict[str, float]:
    mean = position.expected(reading, outlook, individual=False) + Draws("draw", seed).normal(0.0, 0.1)
    spread = (traits.INDIVIDUAL_SD**2 + position.WAVER_SD**2) ** 0.5
    edges = [(point + 0.5 - _RECOMMEND_MEAN) / _RECOMMEND_SD for point in range(10)]
    below = [0.0, *(phi((edge - mean) / spread) for edge in edges), 1.0]
    shares = [max(1e-4, high - low) for low, high in pairwise(below)]
    codes = reading.codes if len(reading.codes) == len(shares) else [str(point) for point in range(11)]
    return _normalised(codes, shares)


def _normalised(codes: list[str], weights: list[float]) -> dict[str, float]:
    """Round to four places so that the sum is exactly 1; the largest share takes the remainder."""
    total = sum(weights)
    if not codes or total <= 0:
        return {}
    shares = [round(weight / total, 4) for weight in weights]
    largest = shares.index(max(shares))
    shares[largest] = round(shares[largest] + 1.0 - sum(shares), 4)
    return dict(zip(codes, shares, strict=True))
