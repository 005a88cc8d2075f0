"""Stages of the work and the states of the co-pilot; the stage is derived from what exists, by this one function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Stage = Literal[
    "workspace_setup",
    "research_objectives",
    "persona_builder",
    "survey_builder",
    "discussion_guide",
    "rebuttal_mode",
    "insights",
    "completed",
]
OmiState = Literal[
    "idle",
    "greeting",
    "listening",
    "thinking",
    "working",
    "processing",
    "encouraging",
    "concerned",
    "analyzing",
    "facilitating",
    "creating",
    "acknowledging",
    "explaining",
    "confirming",
]
MessageType = Literal["greeting", "guidance", "validation", "encouragement", "concern", "stage_transition"]
STATE_OF: Final[Mapping[MessageType, OmiState]] = {
    "greeting": "greeting",
    "guidance": "explaining",
    "validation": "confirming",
    "encouragement": "encouraging",
    "concern": "concerned",
    "stage_transition": "acknowledging",
}
"""How the co-pilot looks as it says something of a type; a validation that found something wrong looks concerned."""
TITLES: Final[Mapping[Stage, str]] = {
    "workspace_setup": "Setting up",
    "research_objectives": "Research objective",
    "persona_builder": "Personas",
    "survey_builder": "Survey",
    "discussion_guide": "Discussion guide",
    "rebuttal_mode": "Rebuttals",
    "insights": "Insights",
    "completed": "Completed",
}


class Holdings(BaseModel):
    """What an exploration holds, as counts. Simulations, interviews and reports count once they are finished."""

    model_config = ConfigDict(frozen=True)

    is_quantitative: bool = True
    is_qualitative: bool = False
    is_ended: bool = False
    objectives: int = 0
    validated_objectives: int = 0
    evidence: int = 0
    personas: int = 0
    questionnaires: int = 0
    guides: int = 0
    finished_simulations: int = 0
    finished_interviews: int = 0
    rebuttals: int = 0
    finished_reports: int = 0


def stage_of(held: Holdings) -> Stage:
    """Return the stage an exploration has reached: the furthest that its holdings lead to.

    Ended is completed. Rebuttals not yet reported are rebuttal_mode. Results of every chosen method lead to insights;
    personas lead to the instrument of the method that has none; a validated objective, or an instrument without
    anybody to answer it, leads to personas; an objective or evidence to research_objectives.
    """
    if held.is_ended:
        return "completed"
    results = held.finished_simulations + held.finished_interviews
    if results:
        if held.rebuttals and not held.finished_reports:
            return "rebuttal_mode"
        return _next_method(held) or "insights"
    if held.personas:
        return _next_method(held) or "survey_builder"
    if held.validated_objectives or held.questionnaires or held.guides:
        return "persona_builder"
    if held.objectives or held.evidence:
        return "research_objectives"
    return "workspace_setup"


def _next_method(held: Holdings) -> Stage | None:
    """Return the stage of the first chosen method without finished results."""
    if held.is_quantitative and not held.finished_simulations:
        return "survey_builder"
    if held.is_qualitative and not held.finished_interviews:
        return "discussion_guide"
    return None
