"""What a persona is grounded in: the objective's words and the passages of evidence that bear on its cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from core.evidence import service as evidence
from core.evidence.schemas import FoundPassage
from core.objectives import service as objectives
from core.personas.cells import DEFAULT_VALUES, education_of
from core.personas.places import only_cities
from core.personas.prompts import Brief, Passage
from core.stats.targets import Cell, values_key

MOST_PASSAGES: Final = 4
LONGEST_PASSAGE: Final = 900
LONGEST_COMPONENT: Final = 600
AUDIENCE: Final = ("target_audience", "segmentation_logic", "behaviours_attitudes", "geography")
_WOMEN: Final = re.compile(r"\b(?:women|woman|females?|mothers|mums|moms|girls|ladies)\b", re.IGNORECASE)
_MEN: Final = re.compile(r"\b(?:men|man|males?|fathers|dads|boys|gentlemen)\b", re.IGNORECASE)
_SCHOOLED: Final = (
    (2, re.compile(r"\b(?:graduates|degree[- ]holders|with an? (?:college |university )?degree)\b", re.IGNORECASE)),
    (1, re.compile(r"\bprofessionals\b", re.IGNORECASE)),
)
_PLACES: Final = (
    ("Urban", re.compile(r"\b(?:urban|cities|city|metros?|metropolitan)\b", re.IGNORECASE)),
    ("Suburban", re.compile(r"\b(?:suburban|suburbs?)\b", re.IGNORECASE)),
    ("Rural", re.compile(r"\b(?:rural|villages?|countryside|small towns?|farms?)\b", re.IGNORECASE)),
)
_DENIED: Final = re.compile(
    r"\b(?:not|no|without|except|excluding|other than|both|all|any|nationwide)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The objective's components and the passages that one question may use, the most relevant first."""

    objective: Mapping[str, str] = field(default_factory=dict)
    found: Sequence[FoundPassage] = ()

    def passages(self) -> list[Passage]:
        """Return the passages under refs, p1 and so on."""
        return [
            Passage(ref=f"p{number}", title=one.title, source=one.source, text=one.text[:LONGEST_PASSAGE])
            for number, one in enumerate(self.found, 1)
        ]

    def cited(self, refs: Sequence[str]) -> list[UUID]:
        """Return the ids of the passages that were given under these refs, each once; other refs name nothing."""
        given = {f"p{number}": one.passage_id for number, one in enumerate(self.found, 1)}
        wanted = (ref.strip().strip("[]").casefold() for ref in refs)
        return list(dict.fromkeys(given[ref] for ref in wanted if ref in given))


NO_GROUND: Final = Ground()


class Gathered(BaseModel):
    """What personas of one job rest on, as it was when the job began; `used` are places in `passages`, per persona."""

    model_config = ConfigDict(frozen=True)

    brief: Brief
    objective: dict[str, str]
    passages: list[FoundPassage]
    used: list[list[int]]

    @classmethod
    def of(cls, brief: Brief, objective: Mapping[str, str], grounds: Sequence[Ground]) -> Gathered:
        """Put grounds together, each passage once."""
        known = {one.passage_id: one for ground in grounds for one in ground.found}
        places = {passage_id: place for place, passage_id in enumerate(known)}
        used = [[places[one.passage_id] for one in ground.found] for ground in grounds]
        return cls(brief=brief, objective=dict(objective), passages=list(known.values()), used=used)

    def grounds(self) -> list[Ground]:
        """Return each persona's ground."""
        return [Ground(self.objective, tuple(self.passages[place] for place in places)) for places in self.used]


async def objective_of(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[str, str]:
    """Return the values of the components of an exploration's objective that have one, in the objective's order."""
    found = await objectives.current(session, workspace_id, exploration_id)
    return {name: value[:LONGEST_COMPONENT] for name, value in found.known().items()} if found else {}


async def gather_grounds(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    brief: Brief,
    objective: Mapping[str, str],
    cells: Sequence[Cell],
) -> list[Ground]:
    """Return per cell what its persona is grounded in; passages only where the exploration has evidence."""
    if not await evidence.count_for(session, workspace_id, exploration_id):
        return [Ground(objective)] * len(cells)
    known: dict[str, Ground] = {}
    for cell in cells:
        key = values_key(cell.values)
        if key not in known:
            texts = [*sorted(cell.values.values()), *(objective[name] for name in AUDIENCE if name in objective)]
            texts = texts if len(texts) > len(cell.values) else [*texts, brief.title]
            found = await evidence.relevant(session, workspace_id, exploration_id, texts, limit=MOST_PASSAGES)
            known[key] = Ground(objective, tuple(found))
    return [known[values_key(cell.values)] for cell in cells]


def population_text(brief: Brief, objective: Mapping[str, str]) -> str:
    """Return the text in which a population's ages are looked for: the objective's audience goes before the brief."""
    told = [objective[name] for name in ("target_audience", "geography") if name in objective]
    return ". ".join([*told, brief.title, brief.description])


def narrowed_by(objective: Mapping[str, str], country: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return the genders, kinds of places and schooling that an objective limits its audience to.

    Only where it names some; schooling is called as it is in the country.
    """
    audience, geography = objective.get("target_audience", ""), objective.get("geography", "")
    narrowed: dict[str, tuple[str, ...]] = {}
    if bool(_WOMEN.search(audience)) != bool(_MEN.search(audience)) and not _DENIED.search(audience):
        narrowed["gender"] = ("Female",) if _WOMEN.search(audience) else ("Male",)
    schooled = next((least for least, pattern in _SCHOOLED if pattern.search(audience)), 0)
    if schooled and not _DENIED.search(audience):
        narrowed["education"] = education_of(country)[schooled:]
    places = tuple(place for place, pattern in _PLACES if pattern.search(f"{geography}. {audience}"))
    if not places and only_cities(geography):
        places = ("Urban", "Suburban")
    if places and len(places) < len(DEFAULT_VALUES["geography"]) and not _DENIED.search(geography):
        narrowed["geography"] = places
    return narrowed
