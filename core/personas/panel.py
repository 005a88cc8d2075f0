"""Whether a panel of personas is what it was meant to be: margins, distinctness, character; computed by written rules.

A panel that has drifted (its people are not those of the targets or the norms), collapsed (they are all of one kind)
or repeats itself shows here, whatever each persona looks like by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal
from uuid import UUID

from core.personas.cells import age_limits
from core.personas.generation import FIELD_OF, PROSE_LIMIT, SIMILARITY_LIMIT, compared, plain_text, prose_likeness
from core.personas.mini_ipip import TRAITS, instrument
from core.personas.traits import Profile
from core.stats.nearest import AGE_NAMES, plain_name
from core.stats.psychometrics import Spread, against_norm, cronbach_alpha, keyed, pearson
from core.stats.sampling import largest_remainder
from core.stats.similarity import ready, similarity_of
from core.stats.targets import Margins

CLOSE_ENOUGH: Final = 0.05
"""Total variation of a margin up to which it matches."""
NEAREST_SHOWN: Final = 5
PROSE: Final = ("backstory", "lifestyle", "daily_rhythm", "decision_making_style", "preferences")
LEAST_FOR_ALPHA: Final = 10
MarginVerdict = Literal["matched", "as_close_as_possible", "off"]


@dataclass(frozen=True, slots=True)
class Person:
    """A persona of the panel, with its raw answers to the Mini-IPIP where it has taken it in its present version."""

    id: UUID
    profile: Profile
    weight: float | None
    expressed: Mapping[str, float | None] | None = None
    answers: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a panel: a stable code, what it is about, and why, for a reader."""

    code: str
    about: str
    reason: str


def margins(people: Sequence[Person], targets: Margins) -> list[dict[str, Any]]:
    """Return per attribute of the targets the realised shares (people, and weighted), and how far they are off.

    `total_variation` is ½·Σ|realised − target| (0–1); whoever has none of the target's values counts against it as
    `unplaced`. `least_possible` is that of the best panel of as many people (largest remainders).
    """
    return [_margin(people, attribute, dict(shares)) for attribute, shares in targets.items()]


def _margin(people: Sequence[Person], attribute: str, target: dict[str, float]) -> dict[str, Any]:
    values = [value_of(person.profile, attribute, target) for person in people]
    weights = [person.weight for person in people]
    known = [weight for weight in weights if weight is not None]
    mean = math.fsum(known) / len(known) if known else 1.0
    filled = [mean if weight is None else weight for weight in weights]
    realised = _shares(values, [1.0] * len(values), target)
    weighted = _shares(values, filled, target) if known and math.fsum(filled) > 0 else None
    variation = _variation(realised, target) if people else None
    least = _variation(_best(target, len(people)), target) if people else None
    return {
        "attribute": attribute,
        "target": target,
        "realised": realised,
        "realised_weighted": weighted,
        "unplaced": values.count(None),
        "total_variation": _rounded(variation),
        "total_variation_weighted": _rounded(None if weighted is None else _variation(weighted, target)),
        "least_possible": _rounded(least),
        "verdict": None if variation is None or least is None else _margin_verdict(variation, least),
    }


def value_of(profile: Profile, attribute: str, target: Mapping[str, float]) -> str | None:
    """Return which of a target's values a persona has: by its attribute of that name, else by its trait; None if none.

    Ages are put in the band they lie in, by the middle of the persona's own.
    """
    plain = plain_name(attribute)
    own = next((value for name, value in profile.attributes.items() if plain_name(name) == plain), None)
    if own is None:
        trait = "location_state" if plain == "region" else FIELD_OF.get(plain, plain)
        own = getattr(profile, trait) if trait in Profile.model_fields and plain not in AGE_NAMES else None
    if isinstance(own, str | int | float):
        same = plain_text(str(own))
        found = next((value for value in target if plain_text(value) == same), None)
        if found is not None or plain not in AGE_NAMES:
            return found
    return _band_of(profile, own, target) if plain in AGE_NAMES else None


def _band_of(profile: Profile, own: object, target: Mapping[str, float]) -> str | None:
    limits = age_limits(str(own)) if own is not None else None
    if limits is None and profile.age_range is not None:
        limits = (profile.age_range.min, profile.age_range.max)
    if limits is None:
        return None
    middle = (limits[0] + limits[1]) / 2
    bands = {value: age_limits(value) for value in target}
    return next((value for value, band in bands.items() if band and band[0] <= middle < band[1] + 1), None)


def _shares(values: Sequence[str | None], weights: Sequence[float], target: Mapping[str, float]) -> dict[str, float]:
    total = math.fsum(weights)
    sums = {
        name: math.fsum(weight for value, weight in zip(values, weights, strict=True) if value == name)
        for name in target
    }
    return {name: round(one / total, 6) if total > 0 else 0.0 for name, one in sums.items()}


def _variation(realised: Mapping[str, float], target: Mapping[str, float]) -> float:
    """Return the total variation; shares of nobody's value (those that are missing from a sum of 1) count too."""
    elsewhere = max(0.0, 1 - math.fsum(realised.values()))
    return (math.fsum(abs(realised[name] - share) for name, share in target.items()) + elsewhere) / 2


def _best(target: Mapping[str, float], n: int) -> dict[str, float]:
    counts = largest_remainder(list(target.values()), n)
    return {name: count / n for name, count in zip(target, counts, strict=True)}


def _margin_verdict(variation: float, least: float) -> MarginVerdict:
    if variation <= CLOSE_ENOUGH:
        return "matched"
    return "as_close_as_possible" if variation <= least + 1e-6 else "off"


def distinctness(people: Sequence[Person]) -> dict[str, Any]:
    """Return how alike the people are: mean and largest similarity of traits and of prose (0–1), and who is nearest."""
    traits = [ready(compared(person.profile)) for person in people]
    prose = [
        ready({name: text for name, text in compared(person.profile).items() if name in PROSE}) for person in people
    ]
    pairs = list(combinations(range(len(people)), 2))
    alike = {pair: similarity_of(traits[pair[0]], traits[pair[1]]) for pair in pairs}
    told = {pair: similarity_of(prose[pair[0]], prose[pair[1]], {}) for pair in pairs}
    stories = {pair: prose_likeness(people[pair[0]].profile, people[pair[1]].profile) for pair in pairs}
    nearest = sorted(pairs, key=lambda pair: -alike[pair])[:NEAREST_SHOWN]
    names = Counter(plain_text(person.profile.name) for person in people)
    return {
        "pairs": len(pairs),
        "mean_similarity": _mean(alike.values()),
        "max_similarity": _rounded(max(alike.values(), default=None)),
        "limit": SIMILARITY_LIMIT,
        "mean_prose_similarity": _mean(told.values()),
        "max_prose_similarity": _rounded(max(told.values(), default=None)),
        "max_backstory_similarity": _rounded(max(stories.values(), default=None)),
        "backstory_limit": PROSE_LIMIT,
        "same_names": sum(count - 1 for count in names.values()),
        "nearest": [
            {
                "persona_ids": [people[a].id, people[b].id],
                "names": [people[a].profile.name, people[b].profile.name],
                "similarity": _rounded(alike[a, b]),
                "backstory_similarity": _rounded(stories[a, b]),
            }
            for a, b in nearest
        ],
    }


def character(people: Sequence[Person]) -> dict[str, Any]:
    """Return per trait how target and expressed scores (0–100) lie against the norm, and how they go together.

    Alpha is over those who answered all items of a trait, ten at least.
    """
    found: dict[str, Any] = {}
    for trait in TRAITS:
        norm = instrument().norms[trait]
        wanted = [getattr(one.profile.ocean, trait) for one in people if one.profile.ocean is not None]
        shown = [score for one in people if (score := _expressed(one, trait)) is not None]
        pairs = [
            (getattr(one.profile.ocean, trait), score)
            for one in people
            if one.profile.ocean is not None and (score := _expressed(one, trait)) is not None
        ]
        found[trait] = {
            "norm_mean": _rounded(norm.mean_100),
            "norm_sd": _rounded(norm.sd_100),
            "target": _spread(against_norm(wanted, norm.mean_100, norm.sd_100)),
            "expressed": _spread(against_norm(shown, norm.mean_100, norm.sd_100)),
            "correlation": _rounded(pearson([a for a, _ in pairs], [b for _, b in pairs])),
            "alpha": _rounded(_alpha(people, trait)),
        }
    return found


def _expressed(person: Person, trait: str) -> float | None:
    return person.expressed.get(trait) if person.expressed is not None else None


def _alpha(people: Sequence[Person], trait: str) -> float | None:
    items = [item for item in instrument().items if item.trait == trait]
    rows = [
        [keyed(one.answers[item.number], reversed=item.reversed) for item in items]
        for one in people
        if one.answers is not None and all(item.number in one.answers for item in items)
    ]
    return cronbach_alpha(rows) if len(rows) >= LEAST_FOR_ALPHA else None


def findings(
    margins_found: Sequence[Mapping[str, Any]], distinct: Mapping[str, Any], traits: Mapping[str, Any]
) -> list[Finding]:
    """Return what is wrong with a panel, by the rules of this module; nothing for one that is as it was meant."""
    return [*_of_margins(margins_found), *_of_distinctness(distinct), *_of_character(traits)]


def _of_margins(found: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for margin in found:
        if margin["verdict"] == "off":
            yield Finding(
                "margin_off",
                margin["attribute"],
                f"Total variation {margin['total_variation']:.3f} is above {CLOSE_ENOUGH}"
                f" (the best that as many people can do is {margin['least_possible']:.3f}).",
            )


def _of_distinctness(found: Mapping[str, Any]) -> Iterator[Finding]:
    if found["same_names"]:
        yield Finding("same_names", "name", f"{found['same_names']} names are there more than once.")
    if (found["max_similarity"] or 0) > SIMILARITY_LIMIT:
        yield Finding(
            "near_duplicates",
            "traits",
            f"Two personas are {found['max_similarity']:.2f} alike, above {SIMILARITY_LIMIT}.",
        )
    if (found["max_backstory_similarity"] or 0) > PROSE_LIMIT:
        yield Finding(
            "same_prose",
            "backstory",
            f"Two life stories are {found['max_backstory_similarity']:.2f} alike, above {PROSE_LIMIT}.",
        )


_TOLD: Final = {
    "drifted": "the mean lies {distance:+.2f} SD from the norm's",
    "collapsed": "the spread is {sd_ratio:.2f} of the norm's: the personas are too much of one kind",
    "overspread": "the spread is {sd_ratio:.2f} times the norm's",
    "drifted_and_collapsed": "the mean lies {distance:+.2f} SD from the norm's, and the spread is {sd_ratio:.2f} of it",
}


def _of_character(traits: Mapping[str, Any]) -> Iterator[Finding]:
    for trait, found in traits.items():
        for which in ("target", "expressed"):
            verdict = found[which]["verdict"]
            if verdict in _TOLD:
                reason = _TOLD[verdict].format(**found[which])
                yield Finding(f"ocean_{verdict}", f"{trait} ({which})", f"Of {found[which]['n']} personas {reason}.")


def _spread(found: Spread) -> dict[str, Any]:
    return {
        "n": found.n,
        "mean": _rounded(found.mean),
        "sd": _rounded(found.sd),
        "distance": _rounded(found.distance),
        "sd_ratio": _rounded(found.sd_ratio),
        "verdict": found.verdict,
    }


def _mean(values: Any) -> float | None:
    listed = list(values)
    return _rounded(math.fsum(listed) / len(listed)) if listed else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
