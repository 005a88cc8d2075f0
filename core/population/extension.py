"""Who is drawn where a simulation is extended: those whom the first ones lack to be the whole. Pure, seeded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.personas.schemas import PersonaSnapshot
from core.population.respondents import DrawnRespondent, drawn_for, respondent_weights
from core.population.schemas import PlanDocument
from core.stats.sampling import SeedPart, largest_remainder
from core.stats.targets import values_key

Kind = tuple[int, str]
"""What respondents are drawn to have: a persona, by its index, and attributes."""


def drawn_in_parts(
    plan: Mapping[str, Any] | None, personas: Sequence[PersonaSnapshot], sizes: Sequence[int], seed: SeedPart
) -> list[DrawnRespondent]:
    """Return the respondents of a sample that was drawn `sizes[0]` at first and extended by each later size.

    The first are those of `drawn_for`, whatever follows; only their weights are those of the whole. Each extension adds
    whom the respondents so far lack to be as many of each persona, with the same attributes, as were drawn at once.
    So persona and attributes come as often as in one draw of the whole, but where a larger draw has fewer of something
    than a smaller one (largest remainders do that); then each persona has as many as its part of what is lacking, and
    those are left out whose margins are fullest. Who has which number does differ from one draw.
    """
    drawn = drawn_for(plan, personas, sizes[0], seed)
    for n in sizes[1:]:
        drawn = [*drawn, *_lacking(drawn, drawn_for(plan, personas, len(drawn) + n, seed), n)]
    if plan is None or len(sizes) == 1:
        return drawn
    counts = Counter(one.persona for one in drawn)
    weights = weights_of_whole(plan, [counts[index] for index in range(len(personas))])
    return [replace(one, weight=weights[one.persona]) for one in drawn]


def weights_of_whole(plan: Mapping[str, Any], counts: Sequence[int]) -> list[float]:
    """Return per persona of a plan, in its order, what each of its respondents weighs where it has so many of them."""
    document = PlanDocument.model_validate(plan)
    return respondent_weights([row.weight for row in document.allocation], counts, document)


def _lacking(drawn: Sequence[DrawnRespondent], whole: Sequence[DrawnRespondent], n: int) -> list[DrawnRespondent]:
    """Return n of `whole` that are not among those drawn, numbered after them."""
    left = Counter(map(_kind, drawn))
    candidates: list[DrawnRespondent] = []
    for one in whole:
        if left[_kind(one)] > 0:
            left[_kind(one)] -= 1
        else:
            candidates.append(one)
    dropped = _dropped(drawn, whole, candidates, n)
    kept = []
    for one in reversed(candidates):
        if dropped[_kind(one)] > 0:
            dropped[_kind(one)] -= 1
        else:
            kept.append(one)
    return [replace(one, number=number) for number, one in enumerate(reversed(kept), start=len(drawn) + 1)]


def _dropped(
    drawn: Sequence[DrawnRespondent],
    whole: Sequence[DrawnRespondent],
    candidates: Sequence[DrawnRespondent],
    n: int,
) -> Counter[Kind]:
    """Return how many candidates of each kind to leave out so that n are left, and each persona has its part."""
    found: Counter[Kind] = Counter()
    if len(candidates) == n:
        return found
    have, wanted = Counter(one.persona for one in drawn), Counter(one.persona for one in whole)
    names = sorted(wanted)
    parts = largest_remainder([max(0, wanted[index] - have[index]) for index in names], n)
    there = Counter(one.persona for one in candidates)
    surplus = _Surplus(drawn, whole, candidates)
    for index, part in zip(names, parts, strict=True):
        for _ in range(there[index] - part):
            found[surplus.drop(index)] += 1
    return found


class _Surplus:
    """How many respondents more than in the whole have each value of each attribute, and the candidates left."""

    def __init__(
        self,
        drawn: Sequence[DrawnRespondent],
        whole: Sequence[DrawnRespondent],
        candidates: Sequence[DrawnRespondent],
    ) -> None:
        self.values = {_kind(one): _items(one.attributes) for one in candidates}
        self.left = Counter(map(_kind, candidates))
        self.kinds: defaultdict[int, list[Kind]] = defaultdict(list)
        for kind in sorted(self.left):
            self.kinds[kind[0]].append(kind)
        self.by_value: Counter[tuple[str, str]] = Counter()
        for people, sign in ((drawn, 1), (candidates, 1), (whole, -1)):
            for one in people:
                for item in _items(one.attributes):
                    self.by_value[item] += sign

    def drop(self, persona: int) -> Kind:
        """Leave out a candidate of a persona whose values are there most too often; return its kind."""
        kinds = [kind for kind in self.kinds[persona] if self.left[kind]]
        found = max(kinds, key=lambda kind: sum(self._gain(item) for item in self.values[kind]))
        self.left[found] -= 1
        for item in self.values[found]:
            self.by_value[item] -= 1
        return found

    def _gain(self, item: tuple[str, str]) -> int:
        return abs(self.by_value[item]) - abs(self.by_value[item] - 1)


def _kind(one: DrawnRespondent) -> Kind:
    return one.persona, values_key({name: str(value) for name, value in one.attributes.items()})


def _items(attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in attributes.items()]
