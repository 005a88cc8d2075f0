"""Anchor sentences: what a respondent might say for each point of an ordinal scale, set by set. Pure.

Which sets rate a question's statements, the first that fits: those of its own anchor set; those built in for a common
scale, found by its labels; the question with its labels. A simulation keeps the sentences it chose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from core.questionnaires.content import Question
from core.surveys.elicitation import anchor_sets

Sets = list[list[str]]
Preference = Literal["auto", "labels"]
BUILT_IN_VERSION: Final = 1
"""Version of the built-in sentences and of the rule that chooses them: another one makes other datasets."""
_FILE: Final = Path(__file__).with_name(f"anchor_sentences.v{BUILT_IN_VERSION}.json")
_NOT_WORDS: Final = re.compile(r"[^\w']+")
_NUMBERING: Final = re.compile(r"^\s*\d+\s*(?:[.):=–-]\s*)+|[\s(]+\d+\s*\)?\s*$")


@dataclass(frozen=True, slots=True)
class Ladder:
    """One common scale from its lowest level to its highest: labels of each level, and sentences set by set."""

    scale: str
    levels: Mapping[str, int]
    sets: tuple[tuple[str, ...], ...]

    def places(self, labels: Sequence[str]) -> list[int] | None:
        """Return the level of each label, None unless they all are of this scale and rise, or fall, in order.

        Where only the ends are named and numbers stand between them, these are spread evenly over the levels between.
        """
        if len(labels) > 2 and all(label.isdecimal() for label in labels[1:-1]):
            return self._between(labels[0], labels[-1], len(labels))
        found = [self.levels.get(label) for label in labels]
        places = [place for place in found if place is not None]
        steps = [later - earlier for earlier, later in pairwise(places)]
        whole = len(places) == len(labels) and bool(steps)
        return places if whole and (all(step > 0 for step in steps) or all(step < 0 for step in steps)) else None

    def _between(self, first: str, last: str, points: int) -> list[int] | None:
        """Return as many levels as there are points, from one label to another; None where there are not enough.

        Ends with too few levels between them are taken for stronger than they are worded: those of many points are.
        """
        start, end = self.levels.get(first), self.levels.get(last)
        if start is None or end is None or start == end:
            return None
        low, high, highest = min(start, end), max(start, end), max(self.levels.values())
        while high - low < points - 1 and low > 0 and high < highest:
            low, high = low - 1, high + 1
        if high - low < points - 1:
            return None
        places = [low + int((high - low) * place / (points - 1) + 0.5) for place in range(points)]
        return places if start < end else places[::-1]


@dataclass(frozen=True, slots=True)
class Anchors:
    """The anchor sets of a question and where they come from; `name` is the scale or the set, `id` that of an own."""

    source: Literal["own", "built_in", "labels"]
    sets: Sequence[Sequence[str]]
    name: str | None = None
    version: int | None = None
    id: str | None = None

    def recorded(self) -> dict[str, Any]:
        """Return what a simulation keeps."""
        return {
            "source": self.source,
            "name": self.name,
            "version": self.version,
            "id": self.id,
            "sets": [list(one) for one in self.sets],
        }


def sets_of(recorded: Mapping[str, Any] | None, question: Question) -> Sets:
    """Return the anchor sets that a simulation keeps for a question; those of earlier releases kept none."""
    kept = (recorded or {}).get(question.key)
    return anchor_sets(question) if kept is None else [list(one) for one in kept["sets"]]


def chosen(question: Question, language: str, prefer: Preference) -> Anchors:
    """Return the anchors of a question without a set of its own, by its labels and the survey's language."""
    ladder = built_in(question, language) if prefer == "auto" else None
    if ladder is None:
        return Anchors("labels", anchor_sets(question))
    name, sets = ladder
    return Anchors("built_in", sets, name, BUILT_IN_VERSION)


def built_in(question: Question, language: str) -> tuple[str, Sets] | None:
    """Return a common scale's name and sentences for a question; None where its labels are of none of them.

    English surveys only. A label counts without case, punctuation and its number; each must be a label of the scale, in
    its order or in the reverse.
    """
    if language.partition("-")[0].lower() != "en":
        return None
    labels = [_plain(option.label) for option in question.options]
    for ladder in ladders():
        places = ladder.places(labels)
        if places is not None:
            return ladder.scale, [[sentences[place] for place in places] for sentences in ladder.sets]
    return None


@cache
def ladders() -> tuple[Ladder, ...]:
    """Return the common scales, as the package's file holds them."""
    stored = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Ladder(
            one["scale"],
            {label: place for place, labels in enumerate(one["labels"]) for label in labels},
            tuple(tuple(sentences) for sentences in one["sets"]),
        )
        for one in stored["scales"]
    )


def _plain(label: str) -> str:
    """Return a label in lower case without punctuation and the number beside it."""
    return " ".join(_NOT_WORDS.sub(" ", _NUMBERING.sub("", label).casefold().replace("’", "'")).split())
