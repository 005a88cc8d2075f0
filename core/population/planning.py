"""The arithmetic of a plan: size, allocation, what it is worth, and what to be warned of. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import FieldError, Invalid
from core.personas.cells import accepted_cells
from core.personas.schemas import PersonaSnapshot
from core.population.matching import EXPECTED, is_same, matched, nearness_of, poor_matches, realised_margins
from core.population.respondents import respondent_frame, respondent_weights, restoring_weights
from core.population.schemas import (
    MAX_RESPONDENTS,
    Allocated,
    FactorRead,
    PlanCreate,
    PlanDocument,
    PoorMatchesRead,
    Realised,
)
from core.population.weighing import assumed_weights, listed, weight_warnings
from core.stats.rounding import fixed, percentage
from core.stats.sample_size import Factor, SampleSize, allocate, effective_margin_of_error, recommended_n
from core.stats.targets import Cell, margins_of
from core.stats.weights import PLANNING_ICC, clustered_n_eff
from core.stats.weights import n_eff as kish_n_eff

PLAN_SEED: Final = 0
FEW_PER_PERSONA: Final = 10
SPREAD_WORTH_TELLING: Final = 0.05
MOST_WARNINGS: Final = 50


def compute_plan(body: PlanCreate, personas: Sequence[PersonaSnapshot]) -> PlanDocument:
    """Return the plan for personas in the order of `body.persona_ids`; raises Invalid naming the field."""
    _check(body, len(personas))
    cells = accepted_cells(body.targets) if body.targets is not None else None
    shares = population_shares(cells, personas)
    size = _size(body, len(personas))
    counts = _allocation(body, size.n, shares)
    allocation = [
        Allocated(persona_id=persona.persona_id, n=count, weight=share)
        for persona, count, share in zip(personas, counts, shares, strict=True)
    ]
    n_eff = planned_worth(shares, counts)
    plan = PlanDocument(
        n=size.n,
        margin_of_error=_margin(body, size.n),
        effective_margin_of_error=effective_margin_of_error(n_eff, population=body.population_size),
        factors=[FactorRead.model_validate(factor) for factor in size.factors],
        method=body.allocation,
        minimum_per_persona=body.minimum_per_persona,
        allocation=allocation,
        n_eff=n_eff,
        n_eff_weights=None,
        targets=body.targets,
        realised=None,
        poor_matches=None,
        warnings=[],
    )
    plan = _with_weights(plan, respondent_weights(shares, counts, plan))
    if cells is None:
        return plan.model_copy(update={"warnings": _warnings(body, plan, personas) + _weighed(personas)})
    drawn = respondent_frame(plan, personas, plan.n, PLAN_SEED)
    realised = realised_margins(cells, [(one.attributes, one.weight) for one in drawn])
    matches = poor_matches(personas, [(one.persona, one.attributes) for one in drawn])
    warnings = [*_warnings(body, plan, personas), *matches.warnings(EXPECTED), *_uncovered(cells, personas)]
    warnings += _gaps(realised)
    found = {"realised": realised, "poor_matches": PoorMatchesRead.model_validate(matches)}
    return plan.model_copy(update={**found, "warnings": warnings[:MOST_WARNINGS]})


def _with_weights(plan: PlanDocument, weights: Sequence[float]) -> PlanDocument:
    """Return the plan with what each persona's respondents weigh, and what that alone leaves of n."""
    rows = [
        row.model_copy(update={"respondent_weight": weight})
        for row, weight in zip(plan.allocation, weights, strict=True)
    ]
    each = [weight for row, weight in zip(rows, weights, strict=True) for _ in range(row.n)]
    return plan.model_copy(update={"allocation": rows, "n_eff_weights": kish_n_eff(each)})


def population_shares(cells: Sequence[Cell] | None, personas: Sequence[PersonaSnapshot]) -> list[float]:
    """Return each persona's share of the population, by the cells nearest to it, else its weight; sum 1."""
    if cells is None:
        weights = assumed_weights([persona.weight for persona in personas])
        total = sum(weights)
        return [weight / total for weight in weights]
    return nearness_of(cells, personas).shares()


def planned_worth(shares: Sequence[float], counts: Sequence[int]) -> float:
    """Return what the respondents are worth: Kish's n_eff over weights and clusters at an ICC of 0.2."""
    weights = restoring_weights(shares, counts)
    per_respondent = [weights[index] for index, count in enumerate(counts) for _ in range(count)]
    clusters = [index for index, count in enumerate(counts) for _ in range(count)]
    return clustered_n_eff(per_respondent, clusters, PLANNING_ICC)


def _check(body: PlanCreate, personas: int) -> None:
    errors: list[FieldError] = []
    if body.n is None and body.margin_of_error is None:
        errors.append(FieldError(("body", "n"), "give n, or a margin_of_error that recommends it"))
    deviations = body.standard_deviations
    place = ("body", "standard_deviations")
    if body.allocation == "neyman" and (deviations is None or len(deviations) != personas):
        errors.append(FieldError(place, "neyman allocation needs one standard deviation per persona, in order"))
    if body.allocation != "neyman" and deviations is not None:
        errors.append(FieldError(place, "is for neyman allocation only"))
    if body.n is not None and body.minimum_per_persona * personas > body.n:
        msg = f"{personas} personas of at least {body.minimum_per_persona:,} each are more than n = {body.n:,}"
        errors.append(FieldError(("body", "minimum_per_persona"), msg))
    if errors:
        raise Invalid(errors)


def _size(body: PlanCreate, personas: int) -> SampleSize:
    recommended = None if body.margin_of_error is None else _recommended(body, body.margin_of_error, personas)
    if body.n is None:
        assert recommended is not None
        if recommended.n > MAX_RESPONDENTS:
            msg = f"asks for {recommended.n:,} respondents; a plan has at most {MAX_RESPONDENTS:,}"
            raise Invalid([FieldError(("body", "margin_of_error"), msg)])
        return recommended
    if recommended is None:
        return SampleSize(body.n, (Factor("n", body.n, "given by the caller, whatever a margin would ask for"),))
    why = f"given by the caller instead of the recommended {recommended.n:,}"
    return SampleSize(body.n, (*recommended.factors, Factor("n", body.n, why)))


def _recommended(body: PlanCreate, margin_of_error: float, personas: int) -> SampleSize:
    size = recommended_n(
        margin_of_error,
        population=body.population_size,
        design_effect=body.design_effect,
        subgroups=body.subgroups,
        minimum_per_subgroup=body.minimum_per_subgroup,
    )
    least = body.minimum_per_persona * personas
    if not least:
        return size
    effect = f"raises {size.n:,} to {least:,}" if least > size.n else "already met"
    why = f"at least {body.minimum_per_persona:,} for each of {personas} personas: {effect}"
    return SampleSize(max(size.n, least), (*size.factors, Factor("minimum_per_persona", body.minimum_per_persona, why)))


def _allocation(body: PlanCreate, n: int, shares: Sequence[float]) -> list[int]:
    try:
        return allocate(n, shares, body.allocation, body.standard_deviations, body.minimum_per_persona)
    except ValueError as error:
        field = "standard_deviations" if body.allocation == "neyman" else "allocation"
        raise Invalid([FieldError(("body", field), str(error))]) from error


def _margin(body: PlanCreate, n: int) -> float | None:
    if body.n is None:
        return body.margin_of_error
    return effective_margin_of_error(n / body.design_effect / body.subgroups, population=body.population_size)


def _warnings(body: PlanCreate, plan: PlanDocument, personas: Sequence[PersonaSnapshot]) -> list[str]:
    found: list[str] = []
    if plan.n_eff < plan.n / 2:
        found.append(
            f"{plan.n:,} respondents from {len(personas)} personas are worth about {fixed(plan.n_eff)}"
            f" independent ones at an intra-class correlation of {PLANNING_ICC}: more personas help more than"
            " more respondents."
        )
    if body.n is not None and body.margin_of_error is not None:
        found += _short(body.n, _recommended(body, body.margin_of_error, len(personas)).n, body.margin_of_error)
    if body.n is not None and body.n < body.minimum_per_subgroup * body.subgroups:
        found.append(
            f"{plan.n:,} respondents are fewer than {body.minimum_per_subgroup:,} in each of {body.subgroups}"
            " subgroups that are to be analysed."
        )
    if body.population_size is not None and plan.n > body.population_size:
        found.append(f"{plan.n:,} respondents are more than the population of {body.population_size:,}.")
    return found + _thin(plan, personas)


def _short(n: int, recommended: int, margin_of_error: float) -> list[str]:
    if n >= recommended:
        return []
    return [f"{n:,} respondents are fewer than the {recommended:,} that ±{100 * margin_of_error:g} points ask for."]


def _weighed(personas: Sequence[PersonaSnapshot]) -> list[str]:
    return weight_warnings([persona.name for persona in personas], [persona.weight for persona in personas])


def _gaps(realised: Realised) -> list[str]:
    return [
        f"The respondents' {name} differs from its target by {percentage(value)} (total variation)."
        for name, value in realised.total_variation.items()
        if value > SPREAD_WORTH_TELLING
    ]


def _thin(plan: PlanDocument, personas: Sequence[PersonaSnapshot]) -> list[str]:
    rows = list(zip(plan.allocation, personas, strict=True))
    found = [
        f"{persona.name} stands for no part of the population: its {row.n:,} respondents weigh 0."
        for row, persona in rows
        if row.weight == 0 and row.n
    ]
    if none := [persona.name for row, persona in rows if row.n == 0]:
        found.append(f"{listed(none)} {'gets' if len(none) == 1 else 'get'} no respondents.")
    if few := [f"{persona.name} ({row.n})" for row, persona in rows if 0 < row.n < FEW_PER_PERSONA and row.weight]:
        verb, who = ("gets", "it is") if len(few) == 1 else ("get", "each is")
        found.append(
            f"{listed(few)} {verb} fewer than {FEW_PER_PERSONA} respondents: {who} too few to be read by itself."
        )
    return found


def _uncovered(cells: Sequence[Cell], personas: Sequence[PersonaSnapshot]) -> list[str]:
    """Name each target value that no persona has, with the share of the population it makes up."""
    rows = [matched(persona, cells) for persona in personas]
    found: list[str] = []
    for name, values in margins_of(cells).items():
        if all(_missing(row.get(name)) for row in rows):
            found.append(f"No persona has the attribute {name}: it does not decide who plays whom.")
            continue
        for value, share in values.items():
            if not any(_is(row, name, value) for row in rows):
                found.append(
                    f"No persona is {name} {value} ({percentage(share)} of the population): the nearest play them."
                )
    return found


def _is(row: Mapping[str, Any], name: str, value: str) -> bool:
    return not _missing(row.get(name)) and is_same(name, value, row.get(name))


def _missing(value: object) -> bool:
    return value is None or value in ("", [])
