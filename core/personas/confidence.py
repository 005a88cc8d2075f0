"""How far evidence supports a persona: counted by written rules from passages that are cited word for word.

The rules, each part 0 to 1 (docs/personas.md tells them to callers):

  evidence_volume      passages cited / 8, at most 1
  source_diversity     different sources cited / 4, at most 1
  recency              mean over the passages of 0.5^(age in years / 3); one without a date counts 0
  signal_clarity       (supporting - contradicting) / all citations, at least 0
  objective_alignment  components of the objective that a cited passage shares words with / components with a value
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from core.evidence.schemas import FoundPassage
from core.objectives.components import Span
from core.objectives.orders import orders_in
from core.objectives.spans import Source
from core.personas.prompts import EvidenceFinding

WEIGHTS: Final[Mapping[str, float]] = {
    "evidence_volume": 0.25,
    "source_diversity": 0.20,
    "recency": 0.15,
    "signal_clarity": 0.25,
    "objective_alignment": 0.15,
}
ENOUGH_PASSAGES: Final = 8
ENOUGH_SOURCES: Final = 4
HALF_LIFE_YEARS: Final = 3.0
HIGH: Final = 0.70
MEDIUM: Final = 0.50
FEWEST_WORDS: Final = 3
"""Words of a quote; fewer occur anywhere."""
SHARED_WORDS: Final = 2
_DAYS: Final = 365.25
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_STOP: Final = frozenset(
    """
    about above after again among because been before being below between both could does doing during each ever every
    from have having here into just least less like likely make many more most much must other over people same should
    some such than that their them then there these they this those through under until very want wants were what when
    where which while will with within without would year years your research study persona personas
    """.split()  # noqa: SIM905
)
_ENDINGS: Final = re.compile(r"(?:ies|ing|ed|es|s|ly)$")
Tier = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that supports or contradicts a trait, with the words of it that say so."""

    passage: FoundPassage
    trait: str
    stance: Literal["supports", "contradicts"]
    quote: str

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept with a version."""
        return {
            "passage_id": str(self.passage.passage_id),
            "evidence_id": str(self.passage.evidence_id),
            "trait": self.trait,
            "stance": self.stance,
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Computed:
    """A confidence with its parts (0-1), the sentences that tell them, and the passages it was counted from."""

    score: float
    tier: Tier
    parts: Mapping[str, float]
    reasons: Sequence[str]
    passage_ids: Sequence[UUID]


def checked(
    findings: Sequence[EvidenceFinding], offered: Mapping[str, FoundPassage], traits: Sequence[str]
) -> tuple[list[Citation], int]:
    """Return the findings that count, and how many do not.

    One counts when its passage was offered, its trait is one of the persona's, and its quote of three words or more
    stands in the passage, outside of sentences that give orders to a model; of several on one passage and trait the
    first. Irrelevant ones are neither.
    """
    kept: dict[tuple[UUID, str], Citation] = {}
    dropped = 0
    for one in findings:
        if one.stance == "irrelevant":
            continue
        passage = offered.get(one.ref.strip().strip("[]").casefold())
        span = Source(passage.text).find(one.quote) if passage is not None else None
        if passage is None or span is None or one.trait not in traits or not _says_something(span, passage.text):
            dropped += 1
            continue
        kept.setdefault((passage.passage_id, one.trait), Citation(passage, one.trait, one.stance, span.text))
    return list(kept.values()), dropped


def _says_something(span: Span, text: str) -> bool:
    """Tell whether a quote has words enough, none of them in a sentence that gives orders to a model."""
    ordered = any(begins < span.end and span.start < ends for begins, ends in orders_in(text))
    return len(span.text.split()) >= FEWEST_WORDS and not ordered


def computed(
    citations: Sequence[Citation],
    objective: Mapping[str, str],
    now: datetime,
    *,
    attached: int,
    dropped: int = 0,
    from_brief: bool = False,
) -> Computed:
    """Return the confidence that citations give; `attached` is how many documents of evidence there are.

    `objective` holds the components that have a value, of the brief where there is no objective (`from_brief`).
    """
    if not citations:
        return Computed(0.0, "low", dict.fromkeys(WEIGHTS, 0.0), [_nothing(attached), *_not_counted(dropped)], [])
    passages = list({one.passage.passage_id: one.passage for one in citations}.values())
    told = [
        _volume(passages),
        _diversity(passages),
        _recency(passages, now),
        _clarity(citations),
        _alignment(passages, objective, from_brief=from_brief),
    ]
    parts = {name: round(part, 4) for name, (part, _) in zip(WEIGHTS, told, strict=True)}
    score = round(math.fsum(weight * parts[name] for name, weight in WEIGHTS.items()), 4)
    reasons = [reason for _, reason in told] + _not_counted(dropped)
    return Computed(score, tier_of(score), parts, reasons, [one.passage_id for one in passages])


def tier_of(score: float) -> Tier:
    """Return the tier of a score: high from 0.70, medium from 0.50."""
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


def _nothing(attached: int) -> str:
    if not attached:
        return "Low, because no evidence is attached to the exploration."
    return "Low, because no passage of the attached evidence was found that supports or contradicts a trait."


def _not_counted(dropped: int) -> list[str]:
    if not dropped:
        return []
    told = "One finding was" if dropped == 1 else f"{dropped} findings were"
    return [f"{told} not counted: no such passage or trait, or the quote does not stand in the passage."]


def _volume(passages: Sequence[FoundPassage]) -> tuple[float, str]:
    count = len(passages)
    return min(1.0, count / ENOUGH_PASSAGES), f"Passages cited: {count} ({ENOUGH_PASSAGES} or more count in full)."


def _diversity(passages: Sequence[FoundPassage]) -> tuple[float, str]:
    count = len({_source_of(one) for one in passages})
    return min(1.0, count / ENOUGH_SOURCES), f"Different sources: {count} ({ENOUGH_SOURCES} or more count in full)."


def _source_of(passage: FoundPassage) -> str:
    return " ".join(passage.source.casefold().split()) if passage.source else str(passage.evidence_id)


def _recency(passages: Sequence[FoundPassage], now: datetime) -> tuple[float, str]:
    ages = [max(0.0, (now - one.published_at).days / _DAYS) for one in passages if one.published_at is not None]
    part = math.fsum(0.5 ** (age / HALF_LIFE_YEARS) for age in ages) / len(passages)
    dated = f"mean age {math.fsum(ages) / len(ages):.1f} years" if ages else "none"
    return part, f"Passages with a date: {len(ages)} of {len(passages)}, {dated}; one without a date counts as too old."


def _clarity(citations: Sequence[Citation]) -> tuple[float, str]:
    against = sum(one.stance == "contradicts" for one in citations)
    supporting = len(citations) - against
    part = max(0.0, (supporting - against) / len(citations))
    return part, f"Citations that support a trait: {supporting}, that contradict one: {against}."


def _alignment(
    passages: Sequence[FoundPassage], objective: Mapping[str, str], *, from_brief: bool
) -> tuple[float, str]:
    said = words_of(" ".join(one.text for one in passages))
    wanted = {name: words_of(value) for name, value in objective.items()}
    wanted = {name: words for name, words in wanted.items() if words}
    touched = [name for name, words in wanted.items() if len(words & said) >= min(SHARED_WORDS, len(words))]
    part = len(touched) / len(wanted) if wanted else 0.0
    what = "Parts of the brief (there is no analyzed objective)" if from_brief else "Components of the objective"
    return part, f"{what} that cited passages speak of: {len(touched)} of {len(wanted)}."


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text that say something, without their endings."""
    return frozenset(_ENDINGS.sub("", word) for word in _WORD.findall(text.casefold()) if word not in _STOP)
