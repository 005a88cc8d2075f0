"""Shapes of what follows a run: extending it, running it again."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.db.text import VisibleText
from core.jobs.schemas import Submission
from core.population.schemas import MAX_RESPONDENTS
from core.surveys.method_schemas import MethodParameters
from core.surveys.methods import Requested
from core.surveys.schemas import LARGEST_SEED

Taken = Literal["newest", "as_asked"]


class SimulationExtend(Submission):
    """How many respondents to add."""

    n: Whole = Field(ge=1, le=MAX_RESPONDENTS)


class RunChanges(BaseModel):
    """What a rerun does otherwise; whatever is not named stays.

    `questionnaire` is the newest version of the simulation's questionnaire, or the content as it was asked; `personas`
    are the versions that took part, or the newest. `sample_size` draws anew, at once; without it respondents are those
    of the simulation, extensions included.
    """

    model_config = ConfigDict(extra="forbid")

    questionnaire: Taken = "newest"
    personas: Taken = "as_asked"
    method: Requested | None = None
    parameters: MethodParameters = Field(default_factory=MethodParameters)
    seed: Whole | None = Field(default=None, ge=0, le=LARGEST_SEED)
    sample_size: Whole | None = Field(default=None, ge=1, le=MAX_RESPONDENTS)
    title: VisibleText | None = None


class SimulationRerun(Submission):
    """Another run of a simulation; `questionnaire_id` puts another questionnaire to the same people."""

    questionnaire_id: UUID | None = None
    changes: RunChanges = Field(default_factory=RunChanges)
