"""The quotes of an open-ended question: which of all answers are shown, and who is said to have given them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from core.reports import content as c
from core.reports.survey_figures import count, described
from core.reports.survey_input import QuestionResult, QuoteGiven

# At least one of each persona, as long as they are no more than a page or two of quotes.
QUOTES_SHOWN = 8
MOST_QUOTES = 16
QUOTES_WANTED = 6
# Answers that share more than this part of the shorter one's word pairs say the same thing twice.
MOST_SHARED = 0.15
TELLING_LENGTH = 160
LONGEST_READ = 2000
# However many answers there are, no more of each persona's are looked at.
CANDIDATES = 200
RULE = "The choice follows a rule: {rule}. It shows what was said, not how often."
EACH = "one answer of each persona first, then more of them, those least like the others"
ATTRIBUTED = (
    "Age, gender and the like are the respondent’s own; the persona is the one they were modelled on and may differ "
    "from them."
)


def open_ended_blocks(question: QuestionResult, quotes: Sequence[QuoteGiven]) -> list[c.Block]:
    """Return the quotes of a question under a line that says how many of how many they are."""
    personas = {quote.persona_name for quote in quotes if quote.text.strip()}
    chosen = choose_quotes(quotes, min(max(QUOTES_SHOWN, len(personas)), MOST_QUOTES))
    if not chosen:
        return [c.Notice(title="No quotes", text="No answer in own words was recorded for this question.")]
    of = "The only answer" if question.n == 1 else f"{len(chosen)} of {count(question.n, 'answer')}"
    rule = f"{_rule(chosen, len(personas))} " if len(chosen) < question.n else ""
    line = f"{of}, as given. {rule}{ATTRIBUTED}"
    return [c.Text(text=line, small=True), c.Quotes(items=[_attributed(quote) for quote in chosen])]


def _rule(chosen: Sequence[QuoteGiven], personas: int) -> str:
    """Say how quotes were chosen; where not every persona has one, of how many they are."""
    quoted = len({quote.persona_name for quote in chosen})
    some = f"one answer each of {quoted} of {personas} personas, those with the most answers first"
    return RULE.format(rule=EACH if quoted == personas else some)


def _attributed(quote: QuoteGiven) -> c.Quote:
    name = "A respondent" if quote.respondent_number is None else f"Respondent {quote.respondent_number}"
    about = [described(quote.attributes)] if quote.attributes else []
    about += [f"modelled on {quote.persona_name}"] if quote.persona_name else []
    return c.Quote(text=quote.text, name=name, detail="  ·  ".join(about))


def choose_quotes(quotes: Sequence[QuoteGiven], limit: int) -> list[QuoteGiven]:
    """Choose up to `limit` quotes, telling lengths first, none with the wording of another.

    One of each persona first, from the one with most answers on, then one persona after the other as long as they have
    answers unlike all chosen ones.
    Where those are few, the least alike of the others fill up.
    """
    by_persona: dict[str, list[QuoteGiven]] = {}
    for quote in quotes:
        if quote.text.strip():
            by_persona.setdefault(quote.persona_name, []).append(quote)
    by_size = sorted(by_persona.values(), key=len, reverse=True)
    queues = [sorted(given, key=_distance_from_telling)[:CANDIDATES] for given in by_size]
    chosen: list[QuoteGiven] = []
    for queue in queues:
        if len(chosen) < limit:
            chosen += _take(queue, chosen, MOST_SHARED) or _take(queue, chosen, 1.0)
    before = -1
    while before < len(chosen) < limit:
        before = len(chosen)
        for queue in queues:
            chosen += _take(queue, chosen, MOST_SHARED)
    rest = [quote for queue in queues for quote in queue]
    while len(chosen) < min(limit, QUOTES_WANTED) and (found := _take(rest, chosen, 1.0)):
        chosen += found
    return chosen[:limit]


def _take(queue: list[QuoteGiven], chosen: Sequence[QuoteGiven], most: float) -> list[QuoteGiven]:
    """Take from a queue the first quote that is unlike the chosen ones, else the least like them within `most`.

    Empty where all of them share more than that, or the whole wording, with one that is chosen.
    """
    best: tuple[float, int] | None = None
    for place, quote in enumerate(queue):
        shared = max((likeness(quote.text, other.text) for other in chosen), default=0.0)
        if shared < 1 and shared <= most and (best is None or shared < best[0]):
            best = (shared, place)
        if shared <= MOST_SHARED:
            break
    return [queue.pop(best[1])] if best is not None else []


def alike(one: str, other: str) -> bool:
    """Return whether two answers have the same wording, or much of it."""
    return likeness(one, other) > MOST_SHARED


def likeness(one: str, other: str) -> float:
    """Return which part (0–1) of the shorter answer's word pairs the other shares; 1 for the same words."""
    first, second = _word_pairs(one), _word_pairs(other)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else float(first == second)


@lru_cache(maxsize=4096)
def _word_pairs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text[:LONGEST_READ].casefold())
    return frozenset(pairwise(words)) if len(words) > 1 else frozenset(tuple(words[:1]) and [tuple(words)])


def _distance_from_telling(quote: QuoteGiven) -> int:
    return abs(min(len(quote.text), LONGEST_READ) - TELLING_LENGTH)
