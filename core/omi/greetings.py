"""What the co-pilot says by itself: greetings and changes of the stage, from counts, without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.omi.stages import TITLES, Holdings, Stage, stage_of

NEXT_STEP: Final[Mapping[Stage, str]] = {
    "workspace_setup": "Write down the research objective, or attach the brief as evidence.",
    "research_objectives": "Analyse the objective and answer its questions until it is validated.",
    "persona_builder": "Generate personas from your targets, or write them by hand.",
    "survey_builder": "Build the questionnaire, plan the sample and run the simulation.",
    "discussion_guide": "Write the discussion guide and interview the personas.",
    "rebuttal_mode": "Read how the personas answer your challenges, then build the report.",
    "insights": "Read the results with their intervals and alarms, challenge an answer, build the report.",
    "completed": "Nothing is left to do; results and reports stay readable.",
}


def greeting(held: Holdings) -> str:
    """Return the first words of a session."""
    stage = stage_of(held)
    return (
        f"Hello, I am OMI. This exploration is at the stage “{TITLES[stage]}”: {holdings_in_words(held)}. "
        + (NEXT_STEP[stage])
    )


def transition(previous: Stage | None, stage: Stage, held: Holdings) -> str:
    """Return what is said when the stage has changed."""
    came = f" after “{TITLES[previous]}”" if previous else ""
    return f"We have reached the stage “{TITLES[stage]}”{came}: {holdings_in_words(held)}. {NEXT_STEP[stage]}"


def holdings_in_words(held: Holdings) -> str:
    """Return what an exploration holds, in words."""
    counted = [
        (held.objectives, "research objective", "research objectives"),
        (held.evidence, "document of evidence", "documents of evidence"),
        (held.personas, "persona", "personas"),
        (held.questionnaires, "questionnaire", "questionnaires"),
        (held.guides, "discussion guide", "discussion guides"),
        (held.finished_simulations, "finished simulation", "finished simulations"),
        (held.finished_interviews, "finished interview", "finished interviews"),
        (held.rebuttals, "rebuttal", "rebuttals"),
        (held.finished_reports, "finished report", "finished reports"),
    ]
    parts = [f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count]
    if not parts:
        return "it holds nothing yet but its brief"
    return "it holds " + (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0])
