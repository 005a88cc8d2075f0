"""A workspace ready to simulate, made over HTTP; and what a workspace holds, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx
from sqlalchemy import func, select

from core.db import session as db
from core.db.base import metadata
from tests.factories.explorations import exploration
from tests.factories.personas import persona
from tests.factories.questionnaires import question, questionnaire


@dataclass(frozen=True)
class Study:
    """An exploration's address, two personas and a questionnaire with one question of each type."""

    workspace_id: str
    exploration_id: str
    persona_ids: list[str]
    questionnaire_id: str
    keys: dict[str, str]

    @property
    def workspace(self) -> str:
        """The workspace's address."""
        return f"/workspaces/{self.workspace_id}"

    @property
    def base(self) -> str:
        """The exploration's address."""
        return f"{self.workspace}/explorations/{self.exploration_id}"

    def simulation(self, **members: Any) -> dict[str, Any]:
        """Return a small simulation's body."""
        return {
            "questionnaire_id": self.questionnaire_id,
            "persona_ids": self.persona_ids,
            "sample_size": 4,
            "seed": 7,
        } | members


QUESTIONS = (
    question("single_choice", key="single_choice", text="Are you better off?", options=["Better", "Same", "Worse"]),
    question("multiple_choice", key="multiple_choice", text="What do you do?", options=["Read", "Run", "Cook"]),
    question("likert", key="likert", text="How satisfied are you?"),
    question("nps", key="nps", text="Would you recommend it?"),
    question("numeric", key="numeric", text="How many hours?", scale={"min": 0, "max": 24}),
    question("open_ended", key="open_ended", text="Why is that so?"),
)


async def new_study(
    client: httpx.AsyncClient, *questions: dict[str, Any], organization_id: str | None = None
) -> Study:  # fmt: skip
    """Make a workspace with an exploration, two personas by hand and a questionnaire."""
    place = {"name": "Study", "organization_id": organization_id}
    workspace_id = (await _made(client, "/workspaces", place))["id"]
    exploration_id = (await _made(client, f"/workspaces/{workspace_id}/explorations", exploration()))["id"]
    base = f"/workspaces/{workspace_id}/explorations/{exploration_id}"
    people = [persona("Ada Moreno"), persona("Ben Carter", gender="Male", age_range={"min": 60, "max": 66})]
    ids = [(await _made(client, f"{base}/personas", body))["id"] for body in people]
    made = await _made(client, f"{base}/questionnaires", questionnaire(*(questions or QUESTIONS)))
    keys = {q["key"]: q["type"] for section in made["sections"] for q in section["questions"]}
    return Study(workspace_id, exploration_id, ids, made["id"], keys)


async def _made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


NOTICED: Final = frozenset({"omi_stage", "omi_message"})
"""Tables that a worker writes in its own time, when it hands events out."""


async def stored(workspace_id: str) -> dict[str, int]:
    """Return how many rows each table holds of a workspace, those that only tell what was noticed left out."""
    counts = {}
    async with db.scope([UUID(workspace_id)]) as session:
        for table in metadata.sorted_tables:
            if "workspace_id" in table.columns and table.name not in NOTICED:
                query = select(func.count()).where(table.columns["workspace_id"] == UUID(workspace_id))
                counts[table.name] = int((await session.execute(query)).scalar_one())
    return counts
