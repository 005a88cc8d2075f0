"""Full bodies of every route that takes JSON, and the places in them where a value can go wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tests.factories.studies import Study

Place = tuple[str | int, ...]
TARGETS = {"margins": {"gender": {"Female": 0.6, "Male": 0.4}}}
TRAITS = (
    "gender", "location_country", "location_state", "geography", "education_level", "occupation", "income_range",
    "marital_status", "accommodation", "mobility", "daily_rhythm", "lifestyle", "brand_sensitivity",
    "price_sensitivity", "decision_making_style", "purchase_patterns", "purchase_channel", "professional_traits",
    "digital_activity", "preferences", "backstory",
)  # fmt: skip
LISTS = ("values", "personality", "interests", "motivations", "hobbies")
SCORES = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
SETTINGS = {
    "budgets": {"daily_usd": 1, "monthly_usd": 2}, "model": "m", "concurrency": 2,
    "brand": {"name": "b", "accent_colour": "#000000"},
}  # fmt: skip
OPTIONS = {"priority": "batch", "max_cost_usd": 1, "max_attempts": 2}


def persona() -> dict[str, Any]:
    """Return a persona with every trait."""
    numbers = {"age_range": {"min": 30, "max": 34}, "family_size": 2, "population_weight": 0.5}
    numbers |= {"ocean": dict.fromkeys(SCORES, 50)}
    return {"name": "Ada", "attributes": {"race": "Asian"}} | dict.fromkeys(TRAITS, "x") | {
        name: ["x"] for name in LISTS
    } | numbers  # fmt: skip


def questionnaire() -> dict[str, Any]:
    """Return a questionnaire with every member of its questions."""
    choice = {
        "key": "q1", "type": "single_choice", "text": "Which?", "randomise": True,
        "options": [{"code": "1", "label": "A", "score": 1}, {"code": "2", "label": "B"}],
        "serves": {"component": "c", "hypothesis": "h", "theme": "t"},
    }  # fmt: skip
    scale = {"type": "numeric", "text": "How many?", "scale": {"min": 0, "max": 9, "labels": ["few", "many"]}}
    return {"title": "t", "language": "en", "sections": [{"title": "s", "questions": [choice, scale]}]}


def routes(study: Study) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return name → (method, path, full body) of every route that takes JSON."""
    base, person = study.base, f"{study.base}/personas/{study.persona_ids[0]}"
    plan = {
        "persona_ids": study.persona_ids, "margin_of_error": 0.05, "targets": TARGETS, "allocation": "neyman",
        "standard_deviations": [0.5, 0.4], "minimum_per_persona": 1, "population_size": 10_000,
        "design_effect": 1.2, "subgroups": 2,
    }  # fmt: skip
    return {
        "login": ("POST", "/auth/login", {"email": "nobody@example.org", "password": "x"}),
        "refresh": ("POST", "/auth/refresh", {"refresh_token": "x"}),
        "workspace": ("POST", "/workspaces", {"name": "n", "description": "d"}),
        "settings change": ("PATCH", f"{study.workspace}/settings", SETTINGS),
        "workspace change": ("PATCH", study.workspace, {"name": "n", "description": "d"}),
        "exploration": (
            "POST",
            f"{study.workspace}/explorations",
            {"title": "t", "description": "d", "country": "c"},
        ),
        "exploration change": ("PATCH", base, {"title": "t", "description": "d", "country": "c"}),
        "method": ("POST", f"{base}/method", {"is_quantitative": True, "is_qualitative": True}),
        "objective": (
            "POST",
            f"{study.workspace}/research-objectives",
            {"exploration_id": study.exploration_id, "title": "t", "description": "d", "text": "x"},
        ),
        "persona": ("POST", f"{base}/personas", persona()),
        "persona change": ("PATCH", person, persona()),
        "generation": (
            "POST",
            f"{base}/personas/auto-generate",
            {"count": 1, "seed": 1, "targets": TARGETS, "job": OPTIONS},
        ),
        "ocean": ("POST", f"{person}/ocean", {"seed": 1, "repeats": 2, "blind": True, "job": OPTIONS}),
        "preview": ("POST", f"{person}/preview", {"seed": 1, "job": OPTIONS}),
        "story": ("POST", f"{person}/backstory", {"seed": 1, "job": OPTIONS}),
        "story by hand": ("PUT", f"{person}/backstory", {"backstory": "x"}),
        "plan": ("POST", f"{base}/population/plan", plan),
        "questionnaire": ("POST", f"{base}/questionnaires", questionnaire()),
        "questionnaire change": ("PATCH", f"{base}/questionnaires/{study.questionnaire_id}", questionnaire()),
        "simulation": ("POST", f"{base}/simulations", study.simulation(title="t", method="direct", job=OPTIONS)),
        "report": ("POST", f"{base}/reports", {"kind": "survey", "formats": ["pdf"], "job": OPTIONS}),
    }


def places(body: Any, kinds: tuple[type, ...], at: Place = ()) -> Iterator[Place]:
    """Yield where in a body values of these types stand (a truth value is no number)."""
    if isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from places(value, kinds, (*at, key))
    elif isinstance(body, kinds) and not isinstance(body, bool):
        yield at


def replaced(body: Any, at: Place, value: Any) -> Any:
    """Return the body with another value at a place."""
    changed = copy.deepcopy(body)
    here = changed
    for key in at[:-1]:
        here = here[key]
    here[at[-1]] = value
    return changed
