"""What a question is about: topics found by keywords, each with the latent scores that move its answers."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.embedded.offline_model.seeding import unit


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject of questions. `weights` move the favourable (high) pole; `mean` shifts everybody.

    `concern_is_high`: to be worried about the subject is to care for it: worry does not turn the scale round.
    """

    name: str
    pattern: str
    weights: tuple[tuple[str, float], ...]
    mean: float = 0.0
    concern_is_high: bool = False


TOPICS = (
    Topic(
        "religion",
        r"relig|worship|church|mosque|temple|pray|faith|congregat|god\b|spiritual",
        (("religiosity", 1.0),),
        mean=-0.3,
    ),
    Topic(
        "politics",
        r"politic|ideolog|liberal|conservativ|left.wing|right.wing|\bvote|\bparty\b|immigra|\bgun|abortion",
        (("conservatism", 1.0),),
    ),
    Topic(
        "economy",
        (
            r"econom|financ|better off|worse off|inflation|cost of living|wage|prices? (have|has|are)|salary|debt"
            r"|saving|\brent\b|afford|job market|recession|recovery|groceries|household budget|make ends"
        ),
        (("pressure", -0.75), ("optimism", 0.75)),
        mean=-0.22,
    ),
    Topic(
        "environment",
        r"environment|climate|sustainab|emission|recycl|green\b|pollution|plant.based|carbon",
        (("green_concern", 1.0), ("openness", 0.2)),
        concern_is_high=True,
    ),
    Topic(
        "purchase",
        r"\bbuy|purchas|\bpric|willing to pay|\bpay\b|\bcost|subscri|\bshop|spend|order\b|offer",
        (("price_sensitivity", -0.7), ("openness", 0.5), ("pressure", -0.25)),
        mean=-0.1,
    ),
    Topic(
        "recommend",
        r"recommend|tell (a )?friend|promote|word of mouth",
        (("optimism", 0.6), ("sociability", 0.5), ("brand_loyalty", 0.35)),
    ),
    Topic(
        "technology",
        r"technolog|\bapp\b|\bapps\b|online|digital|\bai\b|artificial|software|smartphone|internet|electric|\bev\b",
        (("tech_affinity", 1.0), ("openness", 0.3)),
    ),
    Topic(
        "learning",
        r"\bcourse|\blearn|\bstudy|\bclass(es)?\b|lesson|cohort|drop.?out|training",
        (("openness", 0.8), ("pressure", -0.6)),
        mean=-0.2,
    ),
    Topic(
        "health",
        r"hospital|doctor|clinic|patient|medic|\bnurse|appointment|\bhealth",
        (("trust", 0.7), ("optimism", 0.4), ("health_need", -0.2)),
    ),
    Topic(
        "children",
        r"\bchild|\bkids?\b|parent|\bschool|famil(y|ies)|\bbaby|teen",
        (("family_focus", 1.0), ("sociability", 0.2)),
    ),
    Topic(
        "food",
        r"coffee|\btea\b|food|\bmeals?\b|lunch|yogh?urt|snack|restaurant|drink|taste|recipe|canteen|flavou?r",
        (("openness", 0.8), ("price_sensitivity", -0.3)),
        mean=0.1,
    ),
    Topic(
        "leisure",
        (
            r"museum|theat|concert|cinema|film|movie|streaming|watch|exhibit|\bgym\b|sport|travel|hotel|holiday"
            r"|ticket|visit"
        ),
        (("openness", 0.8), ("sociability", 0.4), ("pressure", -0.3)),
    ),
    Topic(
        "satisfaction",
        r"satisf|happy|content with|quality of|experience with|service|enjoy",
        (("optimism", 0.8), ("pressure", -0.4), ("trust", 0.3)),
        mean=0.15,
    ),
    Topic(
        "brand",
        r"brand|company|loyal|trust|believ|credib|claim",
        (("brand_loyalty", 0.6), ("trust", 0.7)),
    ),
    Topic(
        "social",
        r"friend|family|neighbo|communit|party\b|parties|people|social|talk",
        (("sociability", 1.0),),
    ),
)
# Where no topic is named: the open and hopeful are readier for anything.
GENERAL = Topic("general", "", (("optimism", 0.5), ("openness", 0.5), ("trust", 0.4)))
_BY_NAME = {topic.name: topic for topic in TOPICS}
_COMPILED = tuple((topic, re.compile(topic.pattern)) for topic in TOPICS)
_NEGATIVE = re.compile(
    r"\bworr|concern|struggl|difficult|harder|\bworse\b|afraid|stress|anxious|too expensive|pressure|\brisk"
    r"|fear|hold(s|ing)? (you|me) back|problem|burden|barrier|spoil|annoy|disgust|ruin|\bhate|dislike|boring"
    r"|complicat|confus|\bban\b|\bwaste of|\btoo (long|much|many|slow|hard|complex|high)|\bunfair|\bpoor\b"
    r"|\bmissing\b|\black(s|ing)?\b"
)
_LEAVING = re.compile(r"\bto (cancel|stop|leave|quit|give up|return|avoid|switch away)\b")
_DIGITS = re.compile(r"[\d.,]+")


@lru_cache(maxsize=2048)
def detect(text: str, labels: tuple[str, ...]) -> Topic:
    """Return the topic with most keyword hits, or the general one."""
    lowered = text.lower()[:1000]
    scale = " ".join(labels).lower()[:1000]
    if "conservative" in scale and "liberal" in scale:
        return named("politics")
    best = None
    most = 0
    for topic, pattern in _COMPILED:
        hits = 2 * len(pattern.findall(lowered)) + (1 if pattern.search(scale) else 0)
        if hits > most:
            best, most = topic, hits
    return best or GENERAL


def direction(topic: Topic, text: str, family: str) -> float:
    """Return 1 when the scale's high pole is the topic's favourable one, else -1."""
    lowered = text.lower()[:1000]
    if family in {"better", "ideology", "satisfied", "likely", "quality"}:
        return -1.0 if family == "likely" and _LEAVING.search(lowered) else 1.0
    if topic.concern_is_high or topic.name in {"religion", "politics"}:
        return 1.0
    return -1.0 if family == "worried" or _NEGATIVE.search(lowered) else 1.0


def named(name: str) -> Topic:
    """Return the topic of that name; raises KeyError."""
    return _BY_NAME[name]


@lru_cache(maxsize=2048)
def question_shift(text: str) -> float:
    """Return a small shift of everybody's answers that is the question's own; numbers in it do not matter."""
    return 0.5 * (unit("shift", without_numbers(text)) - 0.5)


def without_numbers(text: str) -> str:
    """Return a question without its figures: asked at two prices it is the same question."""
    return _DIGITS.sub("", text)
