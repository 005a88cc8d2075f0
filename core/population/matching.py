"""How personas fit the people they stand for: what they have of a cell's attributes, and who fits badly. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.personas.generation import FIELD_OF
from core.personas.nearness import Nearness
from core.personas.schemas import PersonaSnapshot
from core.population.schemas import Realised
from core.population.weighing import listed
from core.stats.bands import years_apart
from core.stats.nearest import AGE_NAMES, GENDER_NAMES, distance, plain_name, same_gender
from core.stats.targets import Cell, margins_of

FAR_YEARS: Final = 15
EXPECTED: Final = "About "
"""Stands before the counts of a plan: another seed draws others."""


@dataclass(frozen=True, slots=True)
class OtherValue:
    """Of the `n` respondents with a value, those whose persona has another one."""

    name: str
    value: str
    n: int
    others: int


@dataclass(frozen=True, slots=True)
class PoorMatches:
    """How many of `n` respondents are far from their persona's age, of another gender, or else unlike it."""

    n: int
    far_ages: int
    other_genders: int
    others: tuple[OtherValue, ...] = ()

    @property
    def other_values(self) -> dict[str, dict[str, int]]:
        """Return how many have another value than their persona, by attribute and value."""
        found: dict[str, dict[str, int]] = {}
        for row in self.others:
            found.setdefault(row.name, {})[row.value] = row.others
        return found

    def warnings(self, about: str = "") -> list[str]:
        """Tell the counts that are not 0; `about` stands before them."""
        ages = f"more than {FAR_YEARS} years younger or older than"
        found = [(self.far_ages, f"is {ages}", f"are {ages}")]
        found += [(self.other_genders, "is of another gender than", "are of another gender than")]
        far = [
            f"{about}{count:,} of {self.n:,} respondents {one if count == 1 else more} the persona they are modelled"
            " on: no persona that takes part is nearer. Their own attributes hold, but the persona’s story may not fit"
            " them."
            for count, one, more in found
            if count
        ]
        return [*far, *(self._unlike(about, name) for name in self.other_values)]

    def _unlike(self, about: str, name: str) -> str:
        """Tell how many differ in one attribute, and the values of which most do."""
        rows = [row for row in self.others if row.name == name]
        count = sum(row.others for row in rows)
        mostly = [f"{row.others:,} of the {row.n:,} with {row.value}" for row in rows if row.others * 2 > row.n]
        which = f", among them {listed(mostly)}" if mostly else ""
        return (
            f"{about}{count:,} of {self.n:,} respondents {'has' if count == 1 else 'have'} another"
            f" {name.replace('_', ' ')} than the persona they are modelled on{which}: age and gender weigh more in who"
            " is nearest."
        )


def poor_matches(personas: Sequence[PersonaSnapshot], people: Iterable[tuple[int, Mapping[str, Any]]]) -> PoorMatches:
    """Count the poor matches among (index of the persona, the respondent's own attributes)."""
    alike = Counter((index, tuple(attributes.items())) for index, attributes in people)
    far = sum(count for (index, own), count in alike.items() if _far_in_age(personas[index], dict(own)))
    other = sum(count for (index, own), count in alike.items() if _of_other_gender(personas[index], dict(own)))
    return PoorMatches(alike.total(), far, other, _other_values(personas, alike))


def _other_values(
    personas: Sequence[PersonaSnapshot], alike: Mapping[tuple[int, tuple[tuple[str, Any], ...]], int]
) -> tuple[OtherValue, ...]:
    """Count by value those who differ from their persona; what it does not say is no difference."""
    totals: Counter[tuple[str, str]] = Counter()
    others: Counter[tuple[str, str]] = Counter()
    for (index, own), count in alike.items():
        for name, value in own:
            if plain_name(name) not in AGE_NAMES | GENDER_NAMES:
                totals[name, str(value)] += count
                theirs = value_of(personas[index], name)
                if theirs not in (None, "", []) and not is_same(name, value, theirs):
                    others[name, str(value)] += count
    return tuple(OtherValue(*key, totals[key], count) for key, count in sorted(others.items()))


def is_same(name: str, value: Any, theirs: Any) -> bool:
    """Return whether a persona's value is that of a respondent: the same text, or one band within the other."""
    return distance({name: value}, {name: theirs}, {name: 1e9}) == 0


def _far_in_age(persona: PersonaSnapshot, attributes: Mapping[str, Any]) -> bool:
    gaps = [
        years_apart(value, value_of(persona, name))
        for name, value in attributes.items()
        if plain_name(name) in AGE_NAMES
    ]
    return any(gap is not None and gap > FAR_YEARS for gap in gaps)


def _of_other_gender(persona: PersonaSnapshot, attributes: Mapping[str, Any]) -> bool:
    pairs = [(value, value_of(persona, name)) for name, value in attributes.items() if plain_name(name) in GENDER_NAMES]
    return any(own is not None and not same_gender(value, own) for value, own in pairs)


def realised_margins(cells: Sequence[Cell], people: Iterable[tuple[Mapping[str, Any], float]]) -> Realised:
    """Return the weighted margins of respondents, as (attributes, weight), beside those of the cells."""
    targets = margins_of(cells)
    sums: dict[str, dict[str, float]] = {name: dict.fromkeys(row, 0.0) for name, row in targets.items()}
    total = 0.0
    for attributes, weight in people:
        total += weight
        for name, row in sums.items():
            if isinstance(value := attributes.get(name), str) and value in row:
                row[value] += weight
    margins = {
        name: {value: weight / total if total else 0.0 for value, weight in row.items()} for name, row in sums.items()
    }
    distances = {
        name: math.fsum(abs(margins[name][value] - share) for value, share in row.items()) / 2
        for name, row in targets.items()
    }
    return Realised(margins=margins, target_margins=targets, total_variation=distances)


def value_of(persona: PersonaSnapshot, name: str) -> Any:
    """Return a persona's value of an attribute: its attribute of that name, else its trait; None where unknown."""
    own = {plain_name(given): value for given, value in persona.attributes.items()}
    return own.get(plain_name(name), _trait(persona, plain_name(name)))


def matched(persona: PersonaSnapshot, cells: Sequence[Cell]) -> dict[str, Any]:
    """Return a persona's value of each attribute of the cells."""
    return {name: value_of(persona, name) for name in (cells[0].values if cells else ())}


def nearness_of(cells: Sequence[Cell], personas: Sequence[PersonaSnapshot]) -> Nearness:
    """Return what tells which personas are nearest to which cells, by attributes and traits."""
    return Nearness(cells, [matched(persona, cells) for persona in personas])


def own_attributes(persona: PersonaSnapshot, values: Mapping[str, str]) -> dict[str, Any]:
    """Return a respondent's attributes: its cell's, and those of its persona that the cell does not name."""
    named = {plain_name(name) for name in values}
    kept = {name: value for name, value in persona.attributes.items() if plain_name(name) not in named}
    return {**kept, **values}


def _trait(persona: PersonaSnapshot, name: str) -> Any:
    if name in AGE_NAMES:
        return persona.profile.get("age_range")
    found = persona.profile.get(FIELD_OF.get(name, name))
    if found is None and name == "region":
        return persona.profile.get("location_state")
    return found
