"""Counts respondents by two variables at once; opened and used by `core.surveys.tables` alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.surveys.variables import Condition, Variable


@dataclass(frozen=True, slots=True)
class Crossed:
    """How many respondents share a value of both variables, a persona and a weight."""

    row: Any
    column: Any
    persona_id: UUID
    weight: float
    count: int


async def crossed(
    session: AsyncSession,
    workspace_id: UUID,
    simulation_id: UUID,
    row: Variable,
    column: Variable,
    conditions: Sequence[Condition],
) -> list[Crossed]:
    """Return the respondents who meet all conditions and have a value of both variables, counted.

    Values are as recorded: of a multiple choice the list of codes, of an attribute its text.
    """
    made = _Query(workspace_id, simulation_id)
    selected = [made.value(row), made.value(column)]
    for condition in conditions:
        made.require(condition)
    rows = await session.execute(text(made.sql(selected)), made.parameters)
    return [Crossed(*found) for found in rows]


class _Query:
    """The statement for one table; names of questions and attributes are parameters, never text of it."""

    def __init__(self, workspace_id: UUID, simulation_id: UUID) -> None:
        self.parameters: dict[str, Any] = {"workspace_id": workspace_id, "simulation_id": simulation_id}
        self.joins: list[str] = []
        self.wheres: list[str] = []

    def value(self, variable: Variable) -> str:
        """Join what holds a variable; return the expression of its value."""
        if variable.kind == "persona":
            return "to_jsonb(r.persona_id)"
        if variable.kind == "attribute":
            return f"to_jsonb(r.attributes ->> {self._named(variable.name)})"
        answer = f"a{len(self.joins)}"
        self.joins.append(
            f"JOIN answer {answer} ON {answer}.simulation_id = r.simulation_id"
            f" AND {answer}.respondent_number = r.number AND {answer}.question_key = {self._named(variable.name)}"
            f" AND {answer}.missing_reason IS NULL"
        )
        return f"{answer}.value"

    def require(self, condition: Condition) -> None:
        """Leave out who does not meet a condition."""
        value = self.value(condition.variable)
        wanted = self._named(condition.value)
        if condition.variable.is_multiple:
            self.wheres.append(f"{value} ? {wanted}")
        else:
            self.wheres.append(f"{value} #>> '{{}}' = {wanted}")

    def sql(self, selected: Sequence[str]) -> str:
        """Return the statement."""
        row, column = selected
        wheres = "".join(f" AND {where}" for where in (*self.wheres, f"{row} IS NOT NULL", f"{column} IS NOT NULL"))
        return (
            f"SELECT {row}, {column}, r.persona_id, r.weight, count(*) FROM respondent r {' '.join(self.joins)}"  # noqa: S608 -- expressions of this file
            f" WHERE r.workspace_id = :workspace_id AND r.simulation_id = :simulation_id{wheres}"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        )

    def _named(self, value: str) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"CAST(:{name} AS text)"
