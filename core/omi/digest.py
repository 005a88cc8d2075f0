"""What the co-pilot knows of an exploration: a bounded summary, computed by code from what is stored."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from core.omi.stages import Holdings, Stage

LONGEST_TEXT: Final = 1500
LONGEST_NAME: Final = 120
MOST_LISTED: Final = 12


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ObjectiveDigest(_Frozen):
    """The newest research objective: `components` name their status, `missing` those that are not there."""

    status: str
    score: float | None = None
    components: dict[str, str] = Field(default_factory=dict)
    decision: str = ""
    audience: str = ""

    @property
    def missing(self) -> list[str]:
        """Names of components that are missing."""
        return [name for name, status in self.components.items() if status == "missing"]


class PersonasDigest(_Frozen):
    """The panel: the first names of a list, ages from youngest to oldest, and how many read too like another one."""

    count: int
    names: list[str] = Field(default_factory=list)
    occupations: list[str] = Field(default_factory=list)
    ages: str = ""
    near_duplicates: int = 0


class QuestionnaireDigest(_Frozen):
    """A questionnaire and how many questions of each type it has."""

    title: str
    questions: int
    types: dict[str, int]


class SimulationDigest(_Frozen):
    """A simulation."""

    title: str
    status: str
    sample_size: int


class WorkDigest(_Frozen):
    """A job under way, or one that failed with its reason."""

    kind: str
    status: str
    detail: str = ""


class Digest(_Frozen):
    """An exploration in short."""

    title: str
    description: str
    country: str | None
    stage: Stage
    holdings: Holdings
    objective: ObjectiveDigest | None = None
    personas: PersonasDigest
    questionnaires: list[QuestionnaireDigest] = Field(default_factory=list)
    simulations: list[SimulationDigest] = Field(default_factory=list)
    running: list[WorkDigest] = Field(default_factory=list)
    failed: list[WorkDigest] = Field(default_factory=list)


def cut(text: str, limit: int) -> str:
    """Return a text on one line, cut to size."""
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"
