"""What an ordered list of option labels means: its family, and which end is the high one."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

# (family, high pole, low pole): a label matches a pole by its words; the low pole is tried first.
_FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("ideology", r"conservative|right.wing|republican", r"liberal|progressive|left.wing|democrat"),
    ("agree", r"\bagree|describes me|\btrue\b|\baccurate",
    r"disagree|does not describe|untrue|false|inaccurate"),
    ("likely", r"\blikely|definitely would|probably would|certain|would buy",
     r"unlikely|definitely not|probably not|would not|never would|not (at all )?likely"),
    ("satisfied", r"\bsatisfied|happy", r"dissatisfied|unhappy|not (at all )?satisfied"),
    ("important", r"\bimportant|essential", r"unimportant|not (at all |very )?important|not essential"),
    ("worried", r"worried|concerned|anxious",
    r"not (at all |very |too )?(worried|concerned|anxious)|unconcerned"),
    ("better", r"better|improve", r"worse|deteriorat|decline"),
    ("frequency",
    r"always|often|frequently|daily|every|once|twice|week|month|times|usually|sometimes|regularly",
     r"never|seldom|rarely|hardly|a few times a year|less than|not at all"),
    ("support", r"\bsupport|favou?r|\bfor\b", r"oppose|against|unfavou?r"),
    ("trust", r"\btrust|confiden|believable|credible",
    r"distrust|no trust|not (at all )?(trust|confiden|believ)"),
    ("quality", r"excellent|good|great|positive|easy|strong",
    r"poor|bad|terrible|awful|negative|difficult|weak"),
    ("amount", r"a lot|very|extremely|a great deal|completely|fully|more|increase|high|much|yes|large",
     r"not|none|little|slightly|less|decrease|low|no\b|small|nothing"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(high), re.compile(low)) for name, high, low in _FAMILIES)


@dataclass(frozen=True, slots=True)
class Scale:
    """An ordinal scale of `size` points; `descending` means that the first option is the high pole."""

    family: str
    size: int
    descending: bool

    def index(self, level: float) -> int:
        """Return the index of the option at `level`, 0 (low pole) to 1 (high pole)."""
        rank = min(self.size - 1, max(0, int(level * self.size)))
        return self.size - 1 - rank if self.descending else rank

    def level(self, index: int) -> float:
        """Return the place of an option between 0 (low pole) and 1 (high pole)."""
        place = index / (self.size - 1) if self.size > 1 else 0.5
        return 1.0 - place if self.descending else place


def labels_of(question: dict[str, Any]) -> list[str]:
    """Return the option labels, or those of the scale."""
    options = question.get("options")
    if isinstance(options, list) and options:
        return [str(option.get("label", "")) if isinstance(option, dict) else str(option) for option in options]
    scale = question.get("scale")
    labels = scale.get("labels") if isinstance(scale, dict) else None
    if isinstance(labels, dict):
        return [str(label) for label in labels.values()]
    return [str(label) for label in labels] if isinstance(labels, list) else []


@lru_cache(maxsize=2048)
def detect(labels: tuple[str, ...]) -> Scale | None:
    """Recognise an ordinal scale from its labels; None when the options have no order that words betray."""
    if len(labels) < 2:
        return None
    texts = [label.lower().replace("’", "'") for label in labels]
    numbers = [int(text) for text in texts if text.strip().isdecimal() and len(text) < 6]
    if len(numbers) == len(texts):
        return Scale("amount", len(texts), descending=numbers[0] > numbers[-1])
    if len(texts) > 2 and len(numbers) == len(texts) - 2 and not texts[0].isdecimal() and not texts[-1].isdecimal():
        ends = detect((labels[0], labels[-1]))
        return replace(ends or Scale("amount", 0, descending=False), size=len(texts))
    best: tuple[float, Scale] | None = None
    for family, high, low in _COMPILED:
        marks = [-1 if low.search(text) else 1 if high.search(text) else 0 for text in texts]
        half = len(texts) // 2
        first, last = sum(marks[:half]), sum(marks[-half:])
        matched = sum(1 for mark in marks if mark)
        if first * last < 0 and matched >= max(2, len(texts) * 0.5):
            strength = matched / len(texts)
            if best is None or strength > best[0] + 1e-9:
                best = (strength, Scale(family, len(texts), descending=first > last))
    if best is None:
        return None
    scale = best[1]
    return replace(scale, family=_graded(texts)) if scale.family == "amount" else scale


def _graded(texts: list[str]) -> str:
    """Return the family of a scale of amounts that repeats one word, as "very worried" and "not worried"."""
    for family, high, _ in _COMPILED:
        repeated = sum(1 for text in texts if high.search(text)) >= len(texts) - 1
        if repeated and family in {"worried", "important", "satisfied", "trust", "likely"}:
            return family
    return "amount"
