"""Personas: bodies as a caller sends them, snapshots as simulations use them, prose as a model writes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.evidence.schemas import FoundPassage
from core.personas.prompts import PersonaProse
from core.personas.schemas import PersonaSnapshot


def persona(name: str = "Ada Moreno", **members: Any) -> dict[str, Any]:
    """Return a persona made by hand."""
    return {"name": name, "gender": "Female", "age_range": {"min": 30, "max": 34}} | members


def snapshot(number: int, weight: float | None = None, **attributes: Any) -> PersonaSnapshot:
    """Return a persona's snapshot; the number makes its id and name."""
    return PersonaSnapshot(
        persona_id=UUID(int=number),
        version=1,
        name=f"Persona {number}",
        profile={"name": f"Persona {number}"},
        attributes=attributes,
        weight=weight,
    )


def passage(number: int, text: str = "", **members: Any) -> FoundPassage:
    """Return a passage as a search finds it; the number makes its id, its document and its text."""
    return FoundPassage.model_validate(
        {
            "passage_id": UUID(int=1000 + number),
            "evidence_id": UUID(int=2000 + number),
            "title": f"Study {number}",
            "source": f"Institute {number}",
            "published_at": None,
            "text": text or f"Passage number {number} tells of people.",
            "highlight": "",
            "rank": 0.5,
            "position": {"paragraph": number},
        }
        | members
    )


def prose(name: str = "Ada Moreno", **members: Any) -> PersonaProse:
    """Return a persona as a model writes it."""
    return PersonaProse.model_validate(prose_reply(name, **members))


def prose_reply(name: str = "Ada Moreno", **members: Any) -> dict[str, Any]:
    """Return a model's reply; every text of it holds the name, so that two names make two people."""
    texts = (
        "gender", "location_country", "location_state", "geography", "education_level", "occupation",
        "income_range", "marital_status", "accommodation", "mobility", "daily_rhythm", "lifestyle",
        "brand_sensitivity", "price_sensitivity", "decision_making_style", "purchase_patterns",
        "purchase_channel", "professional_traits", "digital_activity", "preferences", "backstory",
    )  # fmt: skip
    lists = ("values", "personality", "interests", "motivations", "hobbies")
    own = "".join(name.split())
    reply: dict[str, Any] = {text: f"{own}{text}" for text in texts}
    reply |= {entry: [f"{own}{entry}"] for entry in lists}
    reply |= {"name": name, "age_range": {"min": 30, "max": 34}, "family_size": 2}
    return reply | members
