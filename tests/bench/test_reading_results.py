"""All that reads the answers of a run of 10,000 respondents and 50 questions, over HTTP, beside counting its rows.

The rows are written in one go, as a run leaves them. `RESULTS_RESPONDENTS` makes it smaller.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any, Final

import asyncpg
import pytest

from core.db.session import asyncpg_url
from tests.bench.meter import cpu_s
from tests.bench.page import READ, READING, record
from tests.factories.questionnaires import question
from tests.fixtures.system import PEOPLE, Study, System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
RESPONDENTS: Final = int(os.environ.get("RESULTS_RESPONDENTS") or 10_000)
TIMES: Final = 25
TYPES: Final = ("single_choice", "likert", "multiple_choice", "nps", "likert", "single_choice", "likert", "numeric")
LABELS: Final = ["Much", "Rather", "Hardly", "Not at all", "Do not know"]
OPTIONS: Final[dict[str, Any]] = {"single_choice": {"options": LABELS}, "multiple_choice": {"options": LABELS}}
QUESTIONS: Final = [
    question(type_, key=f"q{number}", text=f"Question {number} about the cost of living?", **OPTIONS.get(type_, {}))
    for number in range(1, 51)
    for type_ in ["open_ended" if number == 50 else TYPES[number % len(TYPES)]]
]
COUNT: Final = "SELECT count(*), count(DISTINCT question_key) FROM answer WHERE simulation_id = $1::uuid"
RESPONDENT_ROWS: Final = """
    INSERT INTO respondent (workspace_id, simulation_id, number, persona_id, persona_version, weight, attributes)
    SELECT s.workspace_id, s.id, n, CAST(p.persona ->> 'persona_id' AS uuid), CAST(p.persona ->> 'version' AS int),
        1 + 0.1 * (n % jsonb_array_length(s.personas)), jsonb_build_object(
            'age', (ARRAY['18-29', '30-44', '45-59', '60-74', '75+'])[1 + (n * 7919::bigint) % 5],
            'gender', (ARRAY['Female', 'Male'])[1 + (n * 104729::bigint) % 2],
            'region', (ARRAY['North', 'South', 'East', 'West'])[1 + (n * 1299709::bigint) % 4])
    FROM simulation s CROSS JOIN generate_series(1, $2::int) AS n
        CROSS JOIN LATERAL (SELECT s.personas -> (n % jsonb_array_length(s.personas)) AS persona) AS p
    WHERE s.id = $1::uuid
"""
ANSWER_ROWS: Final = """
    INSERT INTO answer (workspace_id, simulation_id, respondent_number, question_key, method, value, model, lineage_id,
        missing_reason)
    SELECT r.workspace_id, r.simulation_id, r.number, q.key, 'direct', CASE WHEN d.draw < 0.01 THEN NULL ELSE
        CASE q.type
            WHEN 'multiple_choice' THEN (ARRAY['["1"]', '["2"]', '["1", "2"]', '["2", "3"]', '["1", "2", "3"]'
                ]::jsonb[])[1 + floor(d.draw * 5)::int]
            WHEN 'nps' THEN to_jsonb(floor(d.draw * 11)::int)
            WHEN 'numeric' THEN to_jsonb(floor(d.draw * 240)::int / 10.0)
            WHEN 'open_ended' THEN to_jsonb('Because of the prices, number ' || r.number)
            ELSE to_jsonb((1 + floor(d.draw * q.options))::int::text)
        END END, 'offline-1', gen_random_uuid(), CASE WHEN d.draw < 0.01 THEN 'refused' END
    FROM respondent r CROSS JOIN jsonb_to_recordset($2::jsonb) AS q(key text, type text, options int)
        CROSS JOIN LATERAL (SELECT (hashtextextended(q.key, r.number) & 1048575) / 1048576.0 AS draw) AS d
    WHERE r.simulation_id = $1::uuid
"""


async def written(study: Study) -> str:
    """Write a run that has ended; return its id."""
    system = study.system
    sections = [{"title": f"Part {part + 1}", "questions": QUESTIONS[part::2]} for part in range(2)]
    made = await system.post(f"{study.base}/questionnaires", {"title": "Large", "sections": sections})
    study.questionnaire_id = made["id"]
    more = [dict(PEOPLE[number % 3], name=f"Dora {number}") for number in range(9)]
    study.persona_ids += [(await system.post(f"{study.base}/personas", one))["id"] for one in more]
    job = await study.simulate(RESPONDENTS, seed=1)
    asked = [
        {"key": one["key"], "type": one["type"], "options": len(one["options"])}
        for section in made["sections"]
        for one in section["questions"]
    ]
    run = job["subject_id"]
    await system.rows(RESPONDENT_ROWS, run, RESPONDENTS)
    await system.rows(ANSWER_ROWS, run, json.dumps(asked))
    await system.rows(
        "UPDATE job SET status = 'succeeded', finished_at = now() WHERE id = $1::uuid OR parent_id = $1::uuid",
        job["id"],
    )
    await system.rows(
        "UPDATE simulation SET complete = true, model = 'offline-1', demonstration = true WHERE id = $1::uuid", run
    )
    await system.rows("VACUUM ANALYZE answer")
    await system.rows("VACUUM ANALYZE respondent")
    return str(run)


async def plain_count(system: System, run: str) -> float:
    """Return the milliseconds in which Postgres counts the answers and the questions, the median of five times."""
    connection = await asyncpg.connect(asyncpg_url(system.postgres.url))
    try:
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            assert tuple(await connection.fetchrow(COUNT, run)) == (RESPONDENTS * len(QUESTIONS), len(QUESTIONS))
            taken.append(1000 * (time.perf_counter() - began))
        return sorted(taken)[2]
    finally:
        await connection.close()


async def reading(study: Study, run: str, other: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return what is read: name → path and query."""
    at = f"{study.base}/simulations/{run}"
    young = await study.system.post(
        f"{study.base}/segments", {"name": "Young", "conditions": [["a:age=18-29", "a:age=30-44"], "q:q1=1"]}
    )
    targets = {"margins": {"age": {"18-29": 0.3, "30-44": 0.3, "45-59": 0.2, "60-74": 0.1, "75+": 0.1}}}
    targets["margins"]["gender"] = {"Female": 0.51, "Male": 0.49}
    census = await study.system.post(f"{at}/weightings", {"name": "Census", "targets": targets})
    return {
        "results": (f"{at}/results", {}),
        "results of a segment": (f"{at}/results", {"segment": young["id"]}),
        "results with a filter, weighted": (f"{at}/results", {"filter": "a:gender=Female", "weighting": census["id"]}),
        "a table of two variables": (f"{at}/crosstab", {"row": "q:q1", "col": "a:age"}),
        "a banner page, 10 questions × 12 columns": (f"{at}/banner", {"cols": ["a:age", "a:gender", "a:region"]}),
        "quality alarms": (f"{at}/quality", {}),
        "a page of 200 responses": (f"{at}/responses", {"limit": 200}),
        "a comparison of two such runs, asked again": (f"{study.base}/simulations/compare", {"a": run, "b": other}),
        "the list of simulations": (f"{study.base}/simulations", {}),
        "a weighting's report": (f"{at}/weightings/{census['id']}", {}),
    }


async def test_reading_a_large_run(study: Study) -> None:
    system = study.system
    run, other = await written(study), await written(study)
    first_began = time.perf_counter()
    await system.get(f"{study.base}/simulations/{run}/results")
    first = time.perf_counter() - first_began
    await system.get(f"{study.base}/simulations/{other}/results")
    compared_began = time.perf_counter()
    await system.client.get(f"{study.base}/simulations/compare", params={"a": run, "b": other, "alpha": 0.01})
    compared = time.perf_counter() - compared_began
    figures = {}
    for name, (path, params) in (await reading(study, run, other)).items():
        reference = await plain_count(system, run)
        taken = []
        cpu = cpu_s(system.web.process.pid)
        for _ in range(TIMES):
            began = time.perf_counter()
            answer = await system.client.get(path, params=params)
            taken.append(1000 * (time.perf_counter() - began))
            assert answer.status_code == 200, answer.text
            await asyncio.sleep(0.01)
        each = 1000 * (cpu_s(system.web.process.pid) - cpu) / TIMES
        taken.sort()
        p95 = taken[int(0.95 * TIMES)]
        figures[name] = p95
        record(
            f"{READING}, {name}, p95",
            f"{p95:.0f} ms",
            p95,
            reference=f"{reference:.0f} ms: count its answers",
            ratio=reference / p95,
            said=f"p50 {taken[TIMES // 2]:.0f} ms; web {each:.0f} ms CPU each",
        )
    record(f"{READING}, the first reading after its end", f"{first:.1f} s", first, said="columns are made and kept")
    record(
        f"{READING}, the first comparison of two such runs",
        f"{compared:.1f} s",
        compared,
        said="computed once, and kept",
    )
    assert len(figures) == len(READ)
