"""What encourages and what is of concern in an exploration: rules over its summary, no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from core.omi.digest import Digest
from core.personas.panel_schemas import FindingRead

FEW_PERSONAS: Final = 5
FEW_RESPONDENTS: Final = 100
MOST_FINDINGS: Final = 5
Kind = Literal["encouragement", "concern"]


class Observation(BaseModel):
    """Something worth saying; `code` is stable, `message` names the numbers it rests on."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    code: str
    message: str


def observe(digest: Digest) -> list[Observation]:
    """Return what is worth saying of an exploration, concerns first."""
    found = [*_failures(digest), *_objective(digest), *_panel(digest), *_evidence(digest), *_results(digest)]
    return sorted(found, key=lambda one: one.kind != "concern")


def of_panel(findings: Sequence[FindingRead]) -> list[Observation]:
    """Return what is wrong with a panel of personas as concerns: margins that drift, people or stories too alike."""
    return [_concern(f"panel_{one.code}", f"The panel, {one.about}: {one.reason}") for one in findings[:MOST_FINDINGS]]


def _concern(code: str, message: str) -> Observation:
    return Observation(kind="concern", code=code, message=message)


def _encouragement(code: str, message: str) -> Observation:
    return Observation(kind="encouragement", code=code, message=message)


def _failures(digest: Digest) -> list[Observation]:
    return [
        _concern("job_failed", f"A job failed ({one.kind}): {one.detail or 'no reason was given'}")
        for one in digest.failed[:3]
    ]


def _objective(digest: Digest) -> list[Observation]:
    objective = digest.objective
    if objective is None:
        if digest.holdings.personas:
            return [_concern("objective_absent", "There are personas, but no research objective they are to serve.")]
        return []
    score = f" with a score of {objective.score:.0f}" if objective.score is not None else ""
    if objective.status == "validated":
        return [_encouragement("objective_validated", f"The research objective is validated{score}.")]
    if objective.status == "needs_review":
        names = ", ".join(name.replace("_", " ") for name in objective.missing)
        missing = f"; missing: {names}" if names else ""
        return [_concern("objective_needs_review", f"The research objective needs review{score}{missing}.")]
    return []


def _panel(digest: Digest) -> list[Observation]:
    panel = digest.personas
    found = []
    if panel.near_duplicates:
        found.append(
            _concern(
                "panel_collapsed", f"{panel.near_duplicates} of {panel.count} personas read too much like another one."
            )
        )
    if 0 < panel.count < FEW_PERSONAS:
        told = "One persona speaks" if panel.count == 1 else f"{panel.count} personas speak"
        found.append(_concern("panel_small", f"{told} for everybody: respondents of one persona resemble each other."))
    elif panel.count and not panel.near_duplicates:
        found.append(_encouragement("panel_distinct", f"The panel has {panel.count} personas that differ clearly."))
    return found


def _evidence(digest: Digest) -> list[Observation]:
    if digest.holdings.personas and not digest.holdings.evidence:
        return [_concern("evidence_absent", "No evidence is attached: confidence in the personas is low without it.")]
    return []


def _results(digest: Digest) -> list[Observation]:
    found = []
    finished = [one for one in digest.simulations if one.status == "succeeded"]
    if finished:
        newest = finished[0]
        found.append(
            _encouragement(
                "simulation_finished", f"“{newest.title}” has been answered by {newest.sample_size:,} respondents."
            )
        )
        if newest.sample_size < FEW_RESPONDENTS:
            found.append(
                _concern("sample_small", f"“{newest.title}” rests on {newest.sample_size:,} respondents only.")
            )
    return found
