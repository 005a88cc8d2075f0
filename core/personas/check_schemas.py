"""Shapes of checks of personas over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from core.db.text import ShortText, VisibleText
from core.jobs.schemas import Submission
from core.jobs.shown import ShownStatus
from core.personas.check_models import TraitsValidation

MAX_TRAITS: Final = 60


class ValidateTraitsBody(Submission):
    """Traits to judge, by name: those of a persona, or any other name as an attribute."""

    trait_group: VisibleText = Field(description="What the traits are about, such as demographics; the caller's word.")
    traits: Annotated[dict[ShortText, Any], Field(min_length=1, max_length=MAX_TRAITS)]
    persona_id: UUID | None = Field(
        default=None, description="The persona whose other traits they are judged against; they replace its own."
    )


class Verdict(BaseModel):
    """What was decided on one trait: by a rule of code, the external co-pilot, a model, or (undecided) nobody."""

    trait: str
    verdict: Literal["valid", "invalid", "undecided"]
    reason: str
    decided_by: Literal["rule", "external", "model"] | None
    codes: list[str] = Field(default_factory=list, description="The rules that found it contradictory.")


class TraitsValidationRead(BaseModel):
    """Traits and the verdicts on them; `verdicts` is null until the job has ended."""

    id: UUID
    exploration_id: UUID
    persona_id: UUID | None
    persona_version: int | None
    trait_group: str
    traits: dict[str, Any]
    status: ShownStatus
    valid: bool | None = Field(description="True where every trait is valid, null where that is not decided.")
    verdicts: list[Verdict] | None
    model: str | None
    demonstration: bool
    prompt_name: str | None
    prompt_version: int | None
    seed: int | None
    job_id: UUID
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, row: TraitsValidation, status: ShownStatus) -> TraitsValidationRead:
        """Build from a row and what its job shows."""
        verdicts = None if row.verdicts is None else [Verdict.model_validate(one) for one in row.verdicts]
        return cls.model_validate(
            row.model_dump(exclude={"workspace_id", "lineage_id", "profile", "verdicts"})
            | {"status": status, "verdicts": verdicts, "valid": overall(verdicts)}
        )


def overall(verdicts: list[Verdict] | None) -> bool | None:
    """Return whether all traits are valid; None where one is undecided and none invalid."""
    found = {one.verdict for one in verdicts or ()}
    if "invalid" in found:
        return False
    return True if found == {"valid"} else None
