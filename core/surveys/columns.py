"""What respondents gave, column by column: each value once, and who gave it.

A hundred times smaller than the rows it is made from, so that figures of any part of a run take milliseconds. The rows
stay the truth: columns are made of them by a statement, and kept only for a run whose answers are all in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.surveys.models import Simulation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.int32]

RESPONDENTS: Final = "respondents"
STORED_AS: Final = "<i4"


@dataclass(frozen=True, slots=True)
class Person:
    """What respondents who are alike share."""

    persona_id: UUID
    persona_version: int
    weight: float
    attributes: Mapping[str, Any]
    arms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a respondent and a question."""

    value: Any
    method: str
    missing_reason: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """`places[number]` is 1 + the place in `kinds` of what respondent `number` has, 0 where nothing is recorded."""

    kinds: tuple[Any, ...]
    places: Places


@dataclass(frozen=True, slots=True)
class Columns:
    """The respondents of a simulation, and their answers by question key; keys without an answer are left out."""

    people: Column
    answers: Mapping[str, Column]


async def read(
    session: AsyncSession, simulation: Simulation, keys: Sequence[str], uncounted: Sequence[str] = ()
) -> Columns:
    """Return the columns of some questions; texts given to `uncounted` ones count as one value, None.

    Those of a complete run come from where they are kept.
    """
    if not simulation.complete:
        return await _made(session, simulation, keys, uncounted)
    kept = await _kept(session, simulation, keys)
    if kept is not None:
        return kept
    made = await _made(session, simulation, None, uncounted)
    await _keep(session, simulation, made)
    return Columns(made.people, {key: made.answers[key] for key in keys if key in made.answers})


async def _made(
    session: AsyncSession, simulation: Simulation, keys: Sequence[str] | None, uncounted: Sequence[str]
) -> Columns:
    """Make columns from the rows: of all questions where no keys are given."""
    ids = {"workspace_id": simulation.workspace_id, "simulation_id": simulation.id}
    rows = await session.execute(
        text("""
            SELECT persona_id, persona_version, weight, attributes, arms, array_agg(number ORDER BY number) AS numbers
            FROM respondent WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id
            GROUP BY 1, 2, 3, 4, 5 ORDER BY min(number)
        """),
        ids,
    )
    people = [(Person(*row[:5]), row.numbers) for row in rows]
    length = 1 + max((max(numbers) for _, numbers in people), default=0)
    rows = await session.execute(
        text(f"""
            SELECT question_key, CASE WHEN question_key = ANY(:uncounted) THEN NULL ELSE value END, method,
                missing_reason, array_agg(respondent_number)
            FROM answer WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id
                {"" if keys is None else "AND question_key = ANY(:keys)"}
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """),  # noqa: S608 -- one of two texts of this file
        ids | {"uncounted": list(uncounted)} | ({} if keys is None else {"keys": list(keys)}),
    )
    by_key: dict[str, list[tuple[Recorded, Sequence[int]]]] = {}
    for key, value, method, reason, numbers in rows:
        by_key.setdefault(key, []).append((Recorded(value, method, reason), numbers))
    return Columns(_column(people, length), {key: _column(kinds, length) for key, kinds in by_key.items()})


def _column(members: Sequence[tuple[Any, Sequence[int]]], length: int) -> Column:
    import numpy as np

    places = np.zeros(length, dtype=np.int32)
    for place, (_, numbers) in enumerate(members, start=1):
        places[numbers] = place
    return Column(tuple(kind for kind, _ in members), places)


async def _kept(session: AsyncSession, simulation: Simulation, keys: Sequence[str]) -> Columns | None:
    """Return kept columns; None where there are none of all that the run holds now."""
    rows = await session.execute(
        text("""
            SELECT variable, kinds, places FROM answer_column
            WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND respondents = :respondents
                AND variable = ANY(:variables)
        """),
        {
            "workspace_id": simulation.workspace_id,
            "simulation_id": simulation.id,
            "respondents": simulation.sample_size,
            "variables": [RESPONDENTS, *(f"q:{key}" for key in keys)],
        },
    )
    found = {variable: (kinds, places) for variable, kinds, places in rows}
    if RESPONDENTS not in found:
        return None
    kinds, places = found.pop(RESPONDENTS)
    people = Column(tuple(Person(UUID(kind[0]), *kind[1:]) for kind in kinds), _from_bytes(places))
    answers = {
        variable.removeprefix("q:"): Column(tuple(Recorded(*kind) for kind in kinds), _from_bytes(places))
        for variable, (kinds, places) in found.items()
    }
    return Columns(people, answers)


async def _keep(session: AsyncSession, simulation: Simulation, made: Columns) -> None:
    """Keep all columns of a complete run, in place of what was kept when it had fewer respondents."""
    rows = [
        (
            RESPONDENTS,
            [[str(k.persona_id), k.persona_version, k.weight, k.attributes, k.arms] for k in made.people.kinds],
        ),
        *(
            (f"q:{key}", [[k.value, k.method, k.missing_reason] for k in column.kinds])
            for key, column in made.answers.items()
        ),
    ]
    places = [made.people.places, *(column.places for column in made.answers.values())]
    await session.execute(
        text("""
            INSERT INTO answer_column (workspace_id, simulation_id, variable, respondents, kinds, places)
            VALUES (:workspace_id, :simulation_id, :variable, :respondents, CAST(:kinds AS jsonb), :places)
            ON CONFLICT (simulation_id, variable) DO UPDATE
            SET respondents = excluded.respondents, kinds = excluded.kinds, places = excluded.places
        """),
        [
            {
                "workspace_id": simulation.workspace_id,
                "simulation_id": simulation.id,
                "variable": variable,
                "respondents": simulation.sample_size,
                "kinds": json.dumps(kinds, ensure_ascii=False),
                "places": own.astype(STORED_AS).tobytes(),
            }
            for (variable, kinds), own in zip(rows, places, strict=True)
        ],
    )


def _from_bytes(stored: bytes) -> Places:
    import numpy as np

    return np.frombuffer(stored, dtype=STORED_AS)
