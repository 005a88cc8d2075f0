"""What is pure in making personas: what the model is asked, what code decides, who is too alike, weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from core.personas.cells import age_limits
from core.personas.grounding import NO_GROUND, Ground
from core.personas.nearness import Nearness
from core.personas.prompts import Brief, PersonaProse, PersonaProseInput
from core.personas.traits import AgeRange, Ocean, Profile
from core.stats.nearest import AGE_NAMES, plain_name
from core.stats.raking import margins_of, raked_weights
from core.stats.similarity import Match, ready, similarity_of
from core.stats.targets import Cell

SIMILARITY_LIMIT: Final = 0.6
"""Personas of one panel share their country and often a band or two; above this two read as one person."""

PROSE_LIMIT: Final = 0.5
"""Life stories of which half is word for word the same are one story."""
SHINGLE: Final = 5
_WORD: Final = re.compile(r"\w+")

FIELD_OF: Final = {
    "sex": "gender",
    "education": "education_level",
    "educ": "education_level",
    "income": "income_range",
    "household_income": "income_range",
    "income_band": "income_range",
    "area": "geography",
    "urbanicity": "geography",
    "country": "location_country",
    "state": "location_state",
    "province": "location_state",
    "job": "occupation",
    "housing": "accommodation",
}
DECIDED_BY_CELL: Final = frozenset(
    {
        "gender",
        "location_country",
        "location_state",
        "geography",
        "education_level",
        "occupation",
        "income_range",
        "marital_status",
        "accommodation",
    }
)
LEFT_TO_PROSE: Final = frozenset({"income_range"})
"""What a cell of the default attributes says too roughly for a persona."""


def prose_input(
    brief: Brief,
    cell: Cell,
    ocean: Ocean | None = None,
    ground: Ground = NO_GROUND,
    avoid_names: Sequence[str] = (),
    avoid_summaries: Sequence[str] = (),
    mistakes: Sequence[str] = (),
) -> PersonaProseInput:
    """Return what the model is asked for one persona."""
    return PersonaProseInput(
        brief=brief,
        cell=dict(sorted(cell.values.items())),
        ocean=ocean,
        objective=dict(ground.objective),
        evidence=ground.passages(),
        mistakes=list(mistakes),
        avoid_names=list(avoid_names),
        avoid_summaries=list(avoid_summaries),
    )


def profile_from(cell: Cell, prose: PersonaProse, ocean: Ocean | None = None, *, asked_for: bool = True) -> Profile:
    """Return a persona's traits: the model's, except where the cell decides; `ocean` are the scores it was asked for.

    It decides age, gender, education, income, place and what else it names; its values are the attributes. A
    region is an attribute only: the prose names the state within it. Of a cell that no caller asked for, the level
    of income ("Low") is an attribute only as well: the prose names the amount, in the country's money.
    """
    decided: dict[str, Any] = {}
    age = prose.age_range
    for name, value in cell.values.items():
        plain = plain_name(name)
        field = FIELD_OF.get(plain, plain)
        if plain in AGE_NAMES:
            age = _within(value, age)
        elif field in DECIDED_BY_CELL and (asked_for or field not in LEFT_TO_PROSE):
            decided[field] = value
    told = {"age_range": age, "ocean": ocean, "attributes": dict(sorted(cell.values.items()))}
    return Profile.model_validate(prose.model_dump(exclude={"cites"}) | decided | told)


def near_duplicates(profiles: Sequence[Profile], limit: float = SIMILARITY_LIMIT) -> list[int]:
    """Return, in order, each index whose persona is too like an earlier one that is not in the list."""
    kept: list[Profile] = []
    duplicates: list[int] = []
    for index, profile in enumerate(profiles):
        if closest(profile, kept, limit) is None:
            kept.append(profile)
        else:
            duplicates.append(index)
    return duplicates


def closest(profile: Profile, others: Sequence[Profile], limit: float = SIMILARITY_LIMIT) -> Match | None:
    """Return the other that a persona is too like, None when it is distinct.

    An equal name or life story counts as 1.
    """
    best: Match | None = None
    own = ready(compared(profile))
    for index, other in enumerate(others):
        same = plain_text(profile.name) == plain_text(other.name) or prose_likeness(profile, other) > PROSE_LIMIT
        match = Match(index, 1.0 if same else similarity_of(own, ready(compared(other))))
        if match.similarity > limit and (best is None or match.similarity > best.similarity):
            best = match
    return best


def any_alike(profiles: Sequence[Profile], others: Sequence[Profile]) -> bool:
    """Tell whether anybody of `profiles` is a near-duplicate, or has the first name, of one of the others."""
    taken = {first_name(other) for other in others}
    return any(first_name(one) in taken or closest(one, others) is not None for one in profiles)


def prose_likeness(first: Profile, second: Profile) -> float:
    """Return how much two life stories share (0-1): Jaccard of their runs of five words (Broder's shingles, 1997).

    Names are left out, so that one story under two names is found. Two personas without stories are 0 alike.
    """
    one, other = _shingles(first.backstory or "", first.name), _shingles(second.backstory or "", second.name)
    union = len(one | other)
    return len(one & other) / union if union else 0.0


@lru_cache(maxsize=2048)
def _shingles(text: str, name: str) -> frozenset[tuple[str, ...]]:
    own = set(plain_text(name).split())
    words = [word for word in _WORD.findall(text.casefold()) if word not in own]
    return frozenset(tuple(words[at : at + SHINGLE]) for at in range(max(0, len(words) - SHINGLE + 1)))


def first_name(profile: Profile) -> str:
    """Return the first name in lower case."""
    return plain_text(profile.name).partition(" ")[0]


def summary_of(profile: Profile) -> str:
    """Return a persona in one line, for the model to steer clear of."""
    age = f"{profile.age_range.min}-{profile.age_range.max}" if profile.age_range else "age unknown"
    parts = [profile.name, age, profile.gender, profile.occupation, profile.location_state, profile.lifestyle]
    return ", ".join(part for part in parts if part)[:400]


def persona_weights(cells: Sequence[Cell], profiles: Sequence[Profile]) -> list[float]:
    """Return the share of the population each persona stands for; they sum to 1.

    Raked: weighted, the personas have the population's margins. Where they cannot have them (a value that none of them
    has, too few of them), a persona's share is that of the cells nearest to it.
    """
    rows = [profile.attributes for profile in profiles]
    raked = raked_weights(rows, margins_of([(cell.values, cell.share) for cell in cells])) if rows else None
    return Nearness(cells, rows).shares() if raked is None else raked


def plain_text(text: str) -> str:
    """Return a text without differences of case and spacing."""
    return " ".join(text.casefold().split())


def _within(band: str, age: AgeRange) -> AgeRange:
    """Return the model's ages as far as they lie in the cell's band, else the band."""
    limits = age_limits(band)
    if limits is None:
        return age
    low, high = max(age.min, limits[0]), min(age.max, limits[1])
    return AgeRange(min=low, max=high) if low <= high else AgeRange(min=limits[0], max=limits[1])


def compared(profile: Profile) -> Mapping[str, Any]:
    """Return the traits by which two personas are told apart; neither the cell's own values nor scores are prose."""
    plain = profile.known()
    plain.pop("ocean", None)
    age = plain.pop("age_range", None)
    return {**plain, "age": (age["min"] + age["max"]) / 2} if age else plain
