"""A complete run whose answers are known one by one, written as rows."""

from __future__ import annotations

import json

from sqlalchemy import text

from core.db import session as db
from core.surveys.models import Simulation
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.fixtures.jobs import new_workspace

CONTENT = content(
    question("single_choice", key="mood"),
    question("multiple_choice", key="uses"),
    question("nps", key="recommend"),
    question("open_ended", key="why"),
)
# age, sex, mood, uses, recommend; 100 respondents of four personas in turn
PEOPLE: list[tuple[str, str, str | None, list[str], int]] = [
    *[("18-29", "f", "1", ["1"], 10)] * 30,
    *[("18-29", "m", "2", ["1", "2"], 0)] * 10,
    *[("30-44", "f", "1", ["2"], 9)] * 20,
    *[("30-44", "m", "2", ["1", "2"], 7)] * 39,
    ("65+", "m", None, ["2"], 0),
]


async def answered() -> Simulation:
    """Write a complete run of 100 respondents and return it."""
    made = await simulations.submit(await new_workspace(), CONTENT, sample_size=len(PEOPLE), people=4)
    rows = [
        {"n": number, "p": made.personas[number % 4]["persona_id"], "a": {"age": age, "sex": sex, "one": "x"}}
        | {"g": {"mood": mood, "uses": uses, "recommend": recommend, "why": f"Because {number}."}}
        for number, (age, sex, mood, uses, recommend) in enumerate(PEOPLE, start=1)
    ]
    ids = {"w": made.workspace_id, "s": made.id, "rows": json.dumps(rows)}
    async with db.scope([made.workspace_id]) as session:
        await session.execute(
            text("""
                INSERT INTO respondent (workspace_id, simulation_id, number, persona_id, persona_version, weight,
                    attributes) SELECT :w, :s, r.n, r.p, 1, 1, r.a
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(n int, p uuid, a jsonb)
            """),
            ids,
        )
        await session.execute(
            text("""
                INSERT INTO answer (workspace_id, simulation_id, respondent_number, question_key, method, value,
                    missing_reason)
                SELECT :w, :s, r.n, g.key, 'direct', nullif(g.value, 'null'),
                    CASE WHEN g.value = 'null' THEN 'refused' END
                FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(n int, g jsonb), jsonb_each(r.g) AS g
            """),
            ids,
        )
        await session.execute(text("UPDATE simulation SET complete = true WHERE id = :s"), {"s": made.id})
    return await simulations.read(made)
