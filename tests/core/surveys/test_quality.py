"""Quality alarms on made-up answers: each fires for its own fault in nearly every run, without it in hardly any."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from core.db import session as db
from core.questionnaires.content import order_shown, shown_options
from core.surveys import alarms as reading
from core.surveys.quality import Lines, Positions, alarms, blocks_of, ordered_by_lot
from core.surveys.repository import Tally
from core.surveys.results import question_result
from core.surveys.schemas import AlarmCode, QualityAlarm
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.fixtures.jobs import new_workspace

N, RUNS = 240, 40
AGREEMENT = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
ITEMS = [question("likert", key=f"item_{at}", options=AGREEMENT) for at in range(5)]
CHOICE = question(key="choice", options=["A", "B", "C", "D", {"label": "None", "pinned": True}], randomise=True)
CONTENT = content(*ITEMS, question("nps", key="recommend"), CHOICE)
PERSONAS = {UUID(int=at): f"Persona {at}" for at in range(8)}
Answers = dict[str, list[str | None]]


def sound(rng: np.random.Generator) -> Answers:
    """Answers as people might give: eight kinds of people, each with leanings and much that is its own."""
    leaning = rng.normal(0, 0.5, len(PERSONAS))
    own = np.array([leaning[at % len(PERSONAS)] for at in range(N)])
    found: Answers = {}
    for at in range(5):
        worded = 1 if at % 2 else -1
        points = np.clip(np.rint(3 + worded * own + rng.normal(0, 1, N)), 1, 5)
        found[f"item_{at}"] = [str(int(point)) for point in points]
    found["recommend"] = [str(int(point)) for point in np.clip(np.rint(6 + 2 * own + rng.normal(0, 2, N)), 0, 10)]
    found["choice"] = [str(int(code)) for code in rng.integers(1, 6, N)]
    return found


def collapsed(found: Answers, rng: np.random.Generator) -> None:
    found["recommend"] = ["7" if luck < 0.98 else "8" for luck in rng.random(N)]


def of_one_mind(found: Answers, rng: np.random.Generator) -> None:
    found["recommend"] = [str(at % len(PERSONAS) + int(rng.random() < 0.02)) for at in range(N)]


def yes_sayers(found: Answers, rng: np.random.Generator) -> None:
    for at in range(5):
        found[f"item_{at}"] = [str(int(point)) for point in rng.choice([3, 4, 5], N, p=[0.2, 0.5, 0.3])]


def careless(found: Answers, rng: np.random.Generator) -> None:
    for number in range(N):
        if rng.random() < 0.3:
            point = str(rng.integers(1, 6))
            for at in range(5):
                found[f"item_{at}"][number] = point


def first_in_line(found: Answers, rng: np.random.Generator) -> None:
    [asked] = ordered_by_lot(CONTENT)
    for number in range(N):
        if rng.random() < 0.35:
            found["choice"][number] = shown_options(asked, 7, number + 1)[0].code


def refusing(found: Answers, rng: np.random.Generator) -> None:
    found["recommend"] = [
        None if luck < 0.12 else value for luck, value in zip(rng.random(N), found["recommend"], strict=True)
    ]


FAULTS: dict[AlarmCode, Callable[[Answers, np.random.Generator], None]] = {
    "variance_collapse": collapsed,
    "persona_collapse": of_one_mind,
    "acquiescence": yes_sayers,
    "straight_lining": careless,
    "order_effect": first_in_line,
    "refusals": refusing,
}


def judged(found: Answers) -> dict[AlarmCode, QualityAlarm]:
    """Return the alarms of answers, counted as Postgres would."""
    people = list(PERSONAS)
    results = {}
    for asked in CONTENT.questions():
        counted = Counter((people[at % len(people)], value) for at, value in enumerate(found[asked.key]))
        tallies = [
            Tally(asked.key, persona, 1.0, int(value) if value and asked.type == "nps" else value, "direct",
                  None if value else "refused", n)
            for (persona, value), n in counted.items()
        ]  # fmt: skip
        results[asked.key] = question_result(asked, tallies, PERSONAS)
    [block] = blocks_of(CONTENT)
    keys = tuple(one.key for one in block)
    straight = sum(len({found[key][at] for key in keys}) == 1 for at in range(N))
    [by_lot] = ordered_by_lot(CONTENT)
    moved = [(at + 1, code) for at, code in enumerate(found["choice"]) if code != "5"]
    first = sum(shown_options(by_lot, 7, number)[0].code == code for number, code in moved)
    told = alarms(CONTENT, results, {keys: Lines(straight, N)}, {"choice": Positions(first, len(moved), 1 / 4)})
    return {alarm.code: alarm for alarm in told}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_alarm_fires_for_its_own_fault_and_hardly_ever_without(fault: AlarmCode) -> None:
    hits = false = 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        found = sound(rng)
        false += judged(found)[fault].fired
        FAULTS[fault](found, rng)
        hits += judged(found)[fault].fired
    sys.stdout.write(f"{fault}: fires in {hits} of {RUNS} runs with the fault, in {false} without\n")
    assert hits >= 0.9 * RUNS
    assert false <= 0.05 * RUNS


def test_an_alarm_names_the_questions_it_is_about_and_its_figure() -> None:
    rng = np.random.default_rng(1)
    found = sound(rng)
    refusing(found, rng)
    alarm = judged(found)["refusals"]
    missing = found["recommend"].count(None)
    assert [one.key for one in alarm.questions] == ["recommend"]
    assert [alarm.questions[0].figure, alarm.figure] == pytest.approx([missing / N] * 2, abs=1e-6)
    assert alarm.threshold == 0.05


def test_what_was_not_asked_twice_is_not_measured() -> None:
    alarm = judged(sound(np.random.default_rng(1)))["test_retest"]
    assert (alarm.measured, alarm.fired, alarm.figure) == (False, False, None)


def test_a_few_answers_measure_nothing() -> None:
    told = alarms(CONTENT, {one.key: question_result(one, (), PERSONAS) for one in CONTENT.questions()}, {}, {})
    assert {(alarm.measured, alarm.fired, alarm.figure) for alarm in told} == {(False, False, None)}


def test_blocks_are_statements_in_a_row_on_one_scale() -> None:
    other = question("likert", key="other", scale={"min": 1, "max": 7})
    asked = content(*ITEMS[:3], other, *ITEMS[3:], question("open_ended", key="why"))
    assert [[one.key for one in block] for block in blocks_of(asked)] == [["item_0", "item_1", "item_2"]]


@pytest.mark.usefixtures("job_database")
async def test_straight_lines_and_orders_are_read_from_the_answers() -> None:
    simulation = await simulations.submit(await new_workspace(), CONTENT, sample_size=60, people=2, seed=7)
    rng = np.random.default_rng(3)
    found = sound(rng)
    careless(found, rng)
    [asked] = ordered_by_lot(CONTENT)
    orders = {number: order_shown(asked, 7, number) or [] for number in range(1, 61)}
    async with db.scope([simulation.workspace_id]) as session:
        rows: list[dict[str, Any]] = [{"n": number} for number in range(1, 61)]
        ids = {"w": simulation.workspace_id, "s": simulation.id}
        await session.execute(
            text("""
                INSERT INTO respondent
                    (workspace_id, simulation_id, number, persona_id, persona_version, weight, attributes)
                SELECT :w, :s, n, CAST(:p AS uuid), 1, 1, '{}' FROM generate_series(1, 60) AS n
            """),
            ids | {"p": simulation.personas[0]["persona_id"]},
        )
        for key in ("choice", *(f"item_{at}" for at in range(5))):
            for row in rows:
                await session.execute(
                    text("""
                        INSERT INTO answer (workspace_id, simulation_id, respondent_number, question_key, method, value,
                            option_order)
                        VALUES (:w, :s, :n, :key, 'direct', CAST(:value AS jsonb), CAST(:order AS jsonb))
                    """),
                    ids
                    | row
                    | {
                        "key": key,
                        "value": json.dumps(found[key][row["n"] - 1]),
                        "order": json.dumps(orders[row["n"]]) if key == "choice" else None,
                    },
                )
        positions = (await reading.first_positions(session, simulation, [asked]))["choice"]
        keys = tuple(f"item_{at}" for at in range(5))
        lines = (await reading.straight_lines(session, simulation, [keys]))[keys]
        told = await reading.read(session, simulation)
    codes = [code for code in found["choice"][:60] if code != "5"]
    assert (positions.n, positions.expected) == (len(codes), 1 / 4)
    assert positions.first == sum(orders[at][0] == code for at, code in enumerate(found["choice"][:60], start=1))
    assert lines == Lines(sum(len({found[key][at] for key in keys}) == 1 for at in range(60)), 60)
    by_code = {alarm.code: alarm for alarm in told.alarms}
    assert by_code["straight_lining"].fired
    assert told.fired == sum(alarm.fired for alarm in told.alarms)
