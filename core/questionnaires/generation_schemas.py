"""Shapes of the generation of questionnaires over HTTP."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from core.db.numbers import Whole
from core.db.text import VisibleText
from core.jobs.schemas import Submission
from core.questionnaires.schemas import Language

FEWEST_GENERATED: Final = 3
MOST_GENERATED: Final = 40
LARGEST_SEED: Final = 2**31 - 1


class QuestionnaireGenerate(Submission):
    """How a questionnaire is to be drafted; a seed that is not given is drawn."""

    title: VisibleText | None = Field(default=None, description="By default that of the exploration")
    questions: Whole = Field(
        default=15, ge=FEWEST_GENERATED, le=MOST_GENERATED, description="How many questions there are at most"
    )
    language: Language = "en"
    seed: Whole | None = Field(default=None, ge=0, le=LARGEST_SEED)
