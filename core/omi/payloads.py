"""What workflow events may carry, and how it shapes the answer: typed, bounded, and never more than text in a sentence.

Every member is optional, and what is not declared is ignored. A payload cannot change which event is expected next
except where it tells the result of a validation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.db.text import VisibleText
from core.omi.stages import OmiState
from core.stats.sample_size import base_n, effective_margin_of_error, planned_n_eff, with_population

LONGEST_SHOWN: Final = 80
ICC: Final = 0.2
"""How alike respondents of one persona are taken to be where nothing is known: the example of the population plan."""
SMALL_GROUP: Final = 30
COARSE_MARGIN: Final = 0.1
LARGEST_SAMPLE: Final = 1_000_000_000


def shown(value: str) -> str:
    """Return a text fit for a sentence: one line, nothing invisible or turning the reading direction, cut to size."""
    plain = "".join(" " if char.isspace() else char for char in value)
    plain = "".join(char for char in plain if unicodedata.category(char) not in ("Cc", "Cf"))
    plain = " ".join(plain.split())
    return plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1].rstrip() + "…"


Shown = Annotated[VisibleText, AfterValidator(shown)]
Count = Annotated[Whole, Field(ge=0, le=LARGEST_SAMPLE)]


@dataclass(frozen=True, slots=True)
class Shaped:
    """What a payload changes of a row's answer: None leaves it; tips and warnings are added."""

    message: str | None = None
    state: OmiState | None = None
    next_event: str | None = None
    cta: tuple[str, str] | None = None
    tips: Sequence[str] = ()
    warnings: Sequence[str] = ()


class Payload(BaseModel):
    """Of events that carry nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def shape(self) -> Shaped:
        """Return what this payload changes."""
        return Shaped()


class ObjectivePayload(Payload):
    """How an objective was judged."""

    score: Annotated[float, Field(ge=0, le=100)] | None = None
    missing: Annotated[list[Shown], Field(max_length=20)] = []

    def shape(self) -> Shaped:
        """Name the score and what is missing."""
        warnings = [f"Not found in the text: {', '.join(self.missing)}."] if self.missing else []
        if self.score is None:
            return Shaped(warnings=warnings)
        if self.score < 70:
            warnings.append(f"The score is {self.score:.0f} of 100; from 70 on an objective is validated.")
        return Shaped(state="concerned" if self.score < 70 else None, warnings=warnings)


class PersonaPayload(Payload):
    """Which persona, and how many there are."""

    name: Shown | None = None
    count: Count | None = None

    def shape(self) -> Shaped:
        """Say how many more respondents' lives a panel needs."""
        if self.count is None or self.count >= 5:
            return Shaped()
        few = "One persona is" if self.count == 1 else f"{self.count} personas are"
        return Shaped(warnings=[f"{few} few: respondents of one persona resemble each other. Aim for 5 or more."])


class PersonaCreatedPayload(PersonaPayload):
    """The persona that was made."""

    def shape(self) -> Shaped:
        """Name it."""
        message = f"{self.name} is part of the panel now." if self.name else None
        return Shaped(message=message, warnings=super().shape().warnings)


class PersonaSelectedPayload(PersonaPayload):
    """The persona that was chosen."""

    def shape(self) -> Shaped:
        """Name it."""
        message = f"Let us look at {self.name}: traits, story and what they rest on." if self.name else None
        return Shaped(message=message)


class ValidationPayload(Payload):
    """The result of a validation; `invalid` names what did not fit."""

    valid: bool | None = None
    invalid: Annotated[list[Shown], Field(max_length=40)] = []

    def judged(self) -> bool | None:
        """Whether it is valid: never with something invalid named."""
        return False if self.invalid else self.valid


class TraitsPayload(ValidationPayload):
    """The result of validating traits."""

    def shape(self) -> Shaped:
        """Tell which traits contradict, and go back to choosing them."""
        judged = self.judged()
        if judged is None:
            return Shaped()
        if judged:
            return Shaped(message="The traits fit together and the objective. On to the story behind them.")
        named = ", ".join(self.invalid) or "some traits"
        return Shaped(
            message=f"These do not fit yet: {named}. Change them, or tell me why they are so.",
            state="concerned",
            next_event="TRAIT_SELECTION_STARTED",
            cta=("Change the traits", "open_traits"),
            warnings=["A persona that contradicts itself answers like nobody."],
        )


class BackstoryPayload(ValidationPayload):
    """The result of checking a backstory."""

    def shape(self) -> Shaped:
        """Tell what contradicts, and go back to writing."""
        judged = self.judged()
        if judged is None:
            return Shaped()
        if judged:
            return Shaped(message="The story agrees with the traits. The persona can be made.")
        named = ", ".join(self.invalid) or "parts of the story"
        return Shaped(
            message=f"The story does not agree with the traits yet: {named}.",
            state="concerned",
            next_event="BACKSTORY_STARTED",
            cta=("Change the backstory", "open_backstory"),
        )


class SamplePayload(Payload):
    """A sample size, with how many personas it is drawn around and how large the population is."""

    sample_size: Annotated[Whole, Field(ge=1, le=LARGEST_SAMPLE)] | None = None
    personas: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    population_size: Annotated[Whole, Field(ge=1, le=20_000_000_000)] | None = None
    subgroups: Annotated[Whole, Field(ge=1, le=1000)] | None = None

    def shape(self) -> Shaped:
        """Say what the size is worth, by the arithmetic of the population plan."""
        if self.sample_size is None:
            return Shaped()
        n = self.sample_size
        margin = effective_margin_of_error(n, population=self.population_size) or 0.0
        message = f"{n:,} respondents give ±{100 * margin:.1f} points for a simple random sample at 95 %."
        warnings = [*self._too_many(n), *self._small_groups(n), *self._clustered(n)]
        if margin > COARSE_MARGIN:
            wanted = base_n(COARSE_MARGIN)
            if self.population_size is not None:
                wanted = with_population(wanted, self.population_size)
            warnings.insert(0, f"The margin is wider than ±10 points; {wanted:,} respondents would reach that.")
        return Shaped(message=message, state="concerned" if warnings else None, warnings=warnings)

    def _too_many(self, n: int) -> list[str]:
        if self.population_size is not None and n > self.population_size:
            return [f"That is more than the population of {self.population_size:,}."]
        return []

    def _small_groups(self, n: int) -> list[str]:
        if self.subgroups is not None and n / self.subgroups < SMALL_GROUP:
            return [f"{self.subgroups:,} subgroups leave fewer than {SMALL_GROUP} respondents in each."]
        return []

    def _clustered(self, n: int) -> list[str]:
        if self.personas is None or n <= self.personas:
            return []
        worth = planned_n_eff(n, self.personas, ICC)
        if worth > n / 2:
            return []
        told = f"Drawn around {self.personas:,} personas, {n:,} respondents are worth about {worth:,.0f}"
        return [f"{told} (intra-class correlation {ICC:g}): more personas help more than more respondents."]


class QuestionPayload(Payload):
    """The question that was changed."""

    text: Shown | None = None
    questions: Count | None = None

    def shape(self) -> Shaped:
        """Warn of long questionnaires and empty ones."""
        if self.questions == 0:
            return Shaped(state="concerned", warnings=["The questionnaire has no question left."])
        if self.questions is not None and self.questions > 40:
            return Shaped(warnings=[f"{self.questions:,} questions are many: people tire, and so do simulated ones."])
        return Shaped()


class RespondentsPayload(Payload):
    """How many respondents a result rests on."""

    respondents: Count | None = None

    def shape(self) -> Shaped:
        """Warn of results that rest on few."""
        if self.respondents is None or self.respondents >= 100:
            return Shaped()
        return Shaped(warnings=[f"The results rest on {self.respondents:,} respondents: read the intervals first."])


class RebuttalPayload(Payload):
    """How often positions changed, 0 to 1."""

    changed: Annotated[float, Field(ge=0, le=1)] | None = None

    def shape(self) -> Shaped:
        """Warn of personas that give in."""
        if self.changed is None or self.changed <= 0.5:
            return Shaped()
        told = f"{100 * self.changed:.0f} % changed their position when challenged"
        return Shaped(state="concerned", warnings=[f"{told}: compare with the neutral probe before you believe it."])
