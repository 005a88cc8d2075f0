"""The score of a research objective: pure arithmetic over its components. docs/objectives.md has the rule in words.

score = 0.60·completeness + 0.25·specificity + 0.15·evidence, each 0–100, to one decimal; `validated` from 70 on.

- Completeness: Σ weight · worth over the ten components. The weights (WEIGHTS) sum to 100; a component that is clear is
  worth 1, partial 0.6, inferred 0.3, missing 0.
- Specificity: the mean, weighted likewise, over the components that have a value, of how concrete the words are that
  the component rests on: 15 points for each different word that carries meaning, up to four of them; 20 for a number;
  20 for a proper name (a capital that begins no sentence), 40 in geography (any capital), where a name says it all; at
  most 100. The words are those quoted from the source (or, of a value set by the user without a quote, the value),
  never a model's: what rests on no words gets 0.
- Evidence: the weight of the components that rest on at least one quote found in the source.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Final

from core.objectives.components import Component, ComponentName, Components, ObjectiveStatus
from core.objectives.spans import is_unspaced

WEIGHTS: Final[dict[ComponentName, int]] = {
    "business_context": 10,
    "decision_problem": 15,
    "information_gap": 15,
    "primary_hypothesis": 10,
    "secondary_hypotheses": 5,
    "target_audience": 15,
    "segmentation_logic": 8,
    "competitive_frame": 7,
    "behaviours_attitudes": 8,
    "geography": 7,
}
WORTH: Final = {"clear": 1.0, "partial": 0.6, "inferred": 0.3, "missing": 0.0}
COMPLETENESS, SPECIFICITY, EVIDENCE = 0.60, 0.25, 0.15
VALIDATED_FROM: Final = 70.0
WORD_POINTS, WORDS_COUNTED, NUMBER_POINTS, NAME_POINTS, PLACE_POINTS = 15, 4, 20, 20, 40
_WORDS: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_STARTS: Final = re.compile(r"(?:^|[.!?:]['\"”’)]*\s+|\n)\s*$")
# Words that say nothing by themselves: grammar, and what stands for anything.
_EMPTY: Final = """
    a an the and or but nor if whether that which who whom whose what when where why how this these those it its they
    them their we us our you your i my me he she his her is are was were be been being am do does did has have had will
    would shall should can could may might must not no yes of in on at to for from by with without about as into over
    than then so such more most less least very much many few some any all each every other another same also only just
    both either neither there here up down out off
    want wants wanted know knows known think thinks get gets make makes use uses like likes need needs see find say says
    people person users user customers customer consumers everyone everybody anyone someone thing things stuff something
    anything everything app product products service services better best good bad great nice interesting general
    generally etc various different certain really maybe perhaps
"""
EMPTY_WORDS: Final = frozenset(_EMPTY.split())


@dataclass(frozen=True, slots=True)
class Score:
    """A score and its parts, each 0–100 with one decimal."""

    score: float
    completeness: float
    specificity: float
    evidence: float

    @property
    def status(self) -> ObjectiveStatus:
        """Return what the score says of the objective."""
        return "validated" if self.score >= VALIDATED_FROM else "needs_review"

    def parts(self) -> dict[str, float]:
        """Return the three parts by name."""
        return {name: value for name, value in asdict(self).items() if name != "score"}


def score_of(components: Components, source: str) -> Score:
    """Return the score of components whose spans are of `source`."""
    completeness = sum(WEIGHTS[name] * WORTH[one.status] for name, one in components.items())
    present = {name: one for name, one in components.items() if one.status != "missing"}
    points = sum(WEIGHTS[name] * concreteness(name, one, source) for name, one in present.items())
    specificity = points / max(1, sum(WEIGHTS[name] for name in present))
    evidence = float(sum(WEIGHTS[name] for name, one in present.items() if one.spans))
    score = COMPLETENESS * completeness + SPECIFICITY * specificity + EVIDENCE * evidence
    return Score(*(round(value, 1) for value in (score, completeness, specificity, evidence)))


def concreteness(name: ComponentName, component: Component, source: str) -> int:
    """Return how concrete the words are that a component rests on, 0–100 points."""
    if component.spans:
        texts = [(span.text, source[: span.start]) for span in component.spans]
    elif component.origin == "user" and component.value:
        texts = [(component.value, "")]
    else:
        return 0
    words: set[str] = set()
    named = numbered = False
    for text, before in texts:
        for match in _WORDS.finditer(text):
            word = match[0]
            if word.casefold() in EMPTY_WORDS:
                continue
            words.update(_pieces(word))
            numbered = numbered or any(char.isdigit() for char in word)
            named = named or (word[0].isupper() and (name == "geography" or not _starts_sentence(before, text, match)))
    points = WORD_POINTS * min(len(words), WORDS_COUNTED) + (NUMBER_POINTS if numbered else 0)
    if named:
        points += PLACE_POINTS if name == "geography" else NAME_POINTS
    return min(100, points)


def _starts_sentence(before: str, text: str, match: re.Match[str]) -> bool:
    return bool(_SENTENCE_STARTS.search(before[-20:] + text[: match.start()]))


def _pieces(word: str) -> list[str]:
    """Return a word itself; of a script without spaces, its pairs of characters, each about a word."""
    if any(map(is_unspaced, word)):
        return [word[at : at + 2] for at in range(0, len(word), 2)]
    return [word.casefold()]
