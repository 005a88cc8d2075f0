"""The sets of a max_diff question: how many of what size, and those that one respondent is shown. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.questionnaires.content import ItemSets, Option, Question
from core.questionnaires.schemas import MAX_SETS, SetsInput
from core.stats.best_worst_design import sets_of

Report = Callable[[tuple[str | int, ...], str], None]
SHOWN_TIMES: Final = 3
"""How often each option is shown to a respondent by default: scores of single respondents need as much."""
MOST_SHOWN: Final = 400
"""Options of all sets together: a reply's schema lists them twice, and models take a thousand at most."""
SIZES: Final = ((3, 2), (5, 3), (19, 4), (100, 5))
"""Up to so many options, sets of this size: four or five are judged well, and no more than half of the options."""


def item_sets(given: SetsInput | None, options: tuple[Option, ...], report: Report) -> ItemSets | None:
    """Return the sets of a question with these options; `report` gets the place and what is wrong there."""
    items = len(options)
    size = given.size if given is not None and given.size is not None else default_size(items)
    if size > items:
        report(("sets", "size"), f"is more than the {items} options")
        return None
    count = given.count if given is not None and given.count is not None else default_count(items, size)
    if size * count < items:
        report(("sets", "count"), f"{count} sets of {size} cannot show all {items} options")
    if size * count > MOST_SHOWN:
        report(("sets", "count"), f"{count} sets of {size} show more than {MOST_SHOWN} options in all")
    return ItemSets(size=size, count=count)


def default_size(items: int) -> int:
    """Return how many options a set has where nothing is said."""
    return next((size for most, size in SIZES if items <= most), SIZES[-1][1])


def default_count(items: int, size: int) -> int:
    """Return how many sets show each option three times; one where every set would hold all options."""
    return 1 if size >= items else min(MAX_SETS, -(-SHOWN_TIMES * items // size))


def shown_sets(question: Question, seed: int, number: int) -> list[list[str]]:
    """Return the sets of codes that a respondent is shown, in order; none where the question has none.

    `seed` is that of the run, `number` counts respondents from 1: they take the versions of the design by turns.
    """
    if question.sets is None:
        return []
    sets = sets_of(len(question.options), question.sets.size, question.sets.count, number - 1, seed, question.key)
    return [[question.codes[item] for item in one] for one in sets]
