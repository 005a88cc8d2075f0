"""Choosing among options without order: each appeals by its words to some scores more than to others."""

import math
import re
from functools import lru_cache

from core.embedded.offline_model import known, leanings, synonyms, topics
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.seeding import Draws, unit
from core.embedded.offline_model.topics import GENERAL
from core.embedded.offline_model.traits import Outlook

_LIKING_STEEPNESS = 1.3
_LEANING = 0.9
# A question of what one takes oneself, not of what one thinks of it.
_TAKEN = re.compile(
    r"\b(buy|bought|buying|purchas\w+|eat|eaten|ate|drink|drank|drunk|use|used|order|ordered|choose|ha(ve|d) for)\b"
)
_EATING = re.compile(r"\b(eat|eating|diet|food)\b")
_AVOIDED = re.compile(
    r"\b(would|should|could|rather|never|not|n't|avoid|stop(ped)?|no longer|dislike|refuse|heard|know)\b|n't\b"
)
# Words of an option, and the score that makes it appeal (or, with a minus, not appeal).
_APPEALS = tuple(
    (re.compile(pattern), weights)
    for pattern, weights in (
        (r"cheap|discount|low(er)? (price|cost)|\bfree\b|refund|saving|fixed|budget|\bfees?\b|basic|coupon",
         {"price_sensitivity": 1.0}),
        (r"premium|luxury|best quality|organic|deluxe", {"price_sensitivity": -1.0}),
        (r"flexib|\bnew\b|trial|variety|discover|\bmore choice|explor|electric|coconut|soya|insect", {"openness": 1.0}),
        (r"usual|same as|stay|tradition|petrol|diesel|dairy|in person|branch|by phone|\bpaper|in a shop|\bcash",
         {"openness": -0.9}),
        (r"\bapp\b|online|digital|text message|\bsms|notification|\bai\b|smart|website|video|streaming",
         {"tech_affinity": 1.0}),
        (r"someone to talk|a person|friend|group|community|cohort|together|social", {"sociability": 1.0}),
        (r"child|kids|famil|parent|school", {"family_focus": 1.2}),
        (r"health|comfort|seat|medical|retire|pension|doctor|safety|insur", {"health_need": 1.0}),
        (r"green|oat|plant|vegan|sustain|recycl|environment|planet|\bbike|bicycle|\bbus|train", {"green_concern": 1.0}),
        (r"brand|well.known|trusted|\bbank\b|loyal", {"brand_loyalty": 0.9}),
        (r"reason|clear|transparen|\btrust|proof|honest|privacy|security|guarantee", {"trust": -0.8}),
        (r"higher pay|raise|salary|hours|leave|time off|instal+ment|debt", {"pressure": 0.9}),
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def _weights(label: str) -> dict[str, float]:
    lowered = label.lower()
    found: dict[str, float] = {}
    for pattern, weights in _APPEALS:
        if pattern.search(lowered):
            found.update(weights)
    topic = topics.detect(label, ())
    return found or ({} if topic is GENERAL else dict(topic.weights))


def open_to(reading: Reading, person: Profile) -> tuple[int, ...]:
    """Return the options that do not contradict what is known of the respondent; all where every one would."""
    wrong = known.ruled_out(reading.text, tuple(reading.labels), person.known)
    asked = reading.text.lower()[:600]
    if reading.scale is None and _TAKEN.search(asked) and not _AVOIDED.search(asked):
        wrong |= {index for index, label in enumerate(reading.labels) if leanings.refuses(label, person.told)}
    allowed = tuple(index for index in range(len(reading.codes)) if index not in wrong)
    return allowed or tuple(range(len(reading.codes)))


def utility(reading: Reading, index: int, outlook: Outlook, *, individual: bool = True) -> float:
    """Return how much an option appeals: traits by its words, plus a standing of its own."""
    label = reading.labels[index] if index < len(reading.labels) else ""
    standing = 1.2 * (unit("standing", reading.text, label) - 0.5)
    liked = leanings.toward(label, label, "", outlook.told)
    return standing + 0.8 * outlook.mix(_weights(label), individual=individual) + _LEANING * liked


def ranked(reading: Reading, outlook: Outlook, allowed: tuple[int, ...], draws: Draws) -> list[int]:
    """Return the indexes of the options allowed, best liked first (a Gumbel draw makes it a softmax choice)."""
    liked = []
    for index in range(len(reading.codes)):
        noise = -math.log(-math.log(min(1 - 1e-12, max(1e-12, draws.uniform()))))
        liked.append((utility(reading, index, outlook) * _LIKING_STEEPNESS + noise - _shyness(reading, index), index))
    return [index for _, index in sorted(liked, reverse=True) if index in allowed]


def shares(reading: Reading, outlook: Outlook, allowed: tuple[int, ...], seed: int) -> list[float]:
    """Return weights in proportion to how many people like the persona choose each option."""
    draws = Draws("draw", reading.text, seed)
    weights = []
    for index in range(len(reading.codes)):
        liking = _LIKING_STEEPNESS * utility(reading, index, outlook, individual=False) - _shyness(reading, index)
        weight = math.exp(liking + draws.normal(0.0, 0.1))
        weights.append(weight if index in allowed else 0.0)
    return weights


def _shyness(reading: Reading, index: int) -> float:
    """Return how much less often an option is taken: "none of these", "don't know", or an uncommon way of eating."""
    label = reading.labels[index].lower() if index < len(reading.labels) else ""
    if known.describes(reading.text) and _EATING.search(reading.text.lower()):
        return 1.2 * ("other" in label) - synonyms.commonness(label)
    evasive = any(word in label for word in ("other", "none of", "don't know", "prefer not", "not sure"))
    return 1.2 if evasive or (index < len(reading.exclusive) and reading.exclusive[index]) else 0.0


def several(reading: Reading, outlook: Outlook, allowed: tuple[int, ...], draws: Draws) -> list[str]:
    """Return the codes of all options that apply; an exclusive one stands alone."""
    if not reading.codes:
        return []
    plain = [index for index in range(len(reading.codes)) if not reading.exclusive[index]]
    alone = [index for index in range(len(reading.codes)) if reading.exclusive[index]]
    taken = [index for index in plain if draws.chance(_inclusion(reading, index, outlook, individual=True))]
    taken = [index for index in taken if index in allowed]
    if alone and (not taken or draws.chance(0.06)):
        return [reading.codes[draws.pick(alone)]]
    if not taken:
        left = [index for index in plain if index in allowed] or plain
        taken = [max(left, key=lambda index: utility(reading, index, outlook))]
    return [reading.codes[index] for index in taken]


def inclusion_shares(reading: Reading, outlook: Outlook, allowed: tuple[int, ...]) -> list[float]:
    """Return the share of people like the persona who select each option."""
    chances = [
        _inclusion(reading, index, outlook, individual=False) if index in allowed else 0.0
        for index in range(len(reading.codes))
    ]
    return [chance * (0.15 if _shyness(reading, index) else 1.0) for index, chance in enumerate(chances)]


def _inclusion(reading: Reading, index: int, outlook: Outlook, *, individual: bool) -> float:
    return 1.0 / (1.0 + math.exp(0.55 - 1.2 * utility(reading, index, outlook, individual=individual)))
