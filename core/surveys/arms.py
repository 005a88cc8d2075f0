"""Arms of split ballots: who is in which, and what of a questionnaire that decides; pure, fixed by the run's seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.population.respondents import DrawnRespondent
from core.questionnaires.content import Content
from core.questionnaires.logic import Condition, decided
from core.questionnaires.piping import needed_keys
from core.questionnaires.splits import resolved
from core.stats.assignment import block_randomised

Arms = Mapping[str, str]
"""Split → code of the arm."""


def arms_for(content: Content, drawn: Sequence[DrawnRespondent], seed: int) -> list[dict[str, str]]:
    """Return the arms of each respondent, by lot within personas and within the arms of the splits before.

    So arms have the same personas, and each arm of one split the same arms of another.
    """
    arms: list[dict[str, str]] = [{} for _ in drawn]
    for split in content.splits:
        strata = [(str(one.persona), *own.values()) for one, own in zip(drawn, arms, strict=True)]
        places = block_randomised(strata, [arm.share for arm in split.arms], "arm", split.key, seed)
        for own, place in zip(arms, places, strict=True):
            own[split.key] = split.arms[place].code
    return arms


def part_of(arms: Arms, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the arms of these splits, in this order."""
    return tuple(arms[key] for key in keys if key in arms)


def fates(content: Content, arms: Arms, conditions: Mapping[str, Condition]) -> dict[str, bool | None]:
    """Return of each question whether respondents in these arms are shown it: all, none, or None: answers decide."""
    known: dict[str, Any] = dict(arms)
    found: dict[str, bool | None] = {}
    for question in resolved(content, arms).questions():
        shown = decided(conditions[question.key], known) if question.key in conditions else True
        needed = needed_keys(question.text)
        if any(key in known and known[key] is None for key in needed):
            shown = False
        elif shown and not needed.issubset(known):
            shown = None
        found[question.key] = shown
        if shown is False:
            known[question.key] = None
    return found
