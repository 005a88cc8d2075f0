"""What changes while a job makes personas: others that another job saves, the brief."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.explorations import service as explorations
from core.explorations.schemas import ExplorationCreate, ExplorationUpdate
from core.jobs.errors import Snooze
from core.jobs.service import Author
from core.llm.scripted import Asked, ScriptedModel
from core.personas import service as personas
from core.personas.schemas import AutoGenerate, PersonaCreate
from core.personas.traits import Profile
from core.workspaces.access import Member
from tests.factories import jobs
from tests.factories.explorations import exploration
from tests.factories.personas import prose_reply
from tests.fixtures.runners import MakeRunner


class Place:
    """A workspace with an exploration."""

    def __init__(self, workspace_id: UUID, exploration_id: UUID) -> None:
        self.member, self.at = Member(workspace_id, Author("system"), "admin"), (workspace_id, exploration_id)

    async def start(self) -> UUID:
        """Submit a job that makes two personas, always with the same seed."""
        async with db.scope(self.at[:1]) as session:
            job = await personas.start_generation(session, self.member, self.at[1], AutoGenerate(count=2, seed=7))
        return job.id

    async def since(self, known: list[Profile]) -> list[str]:
        async with db.scope(self.at[:1]) as session:
            return [one.name for one in await personas.list_saved_since(session, *self.at, known)]


@pytest.fixture
async def place(workspace_id: UUID) -> Place:
    member = Member(workspace_id, Author("system"), "admin")
    async with db.scope([workspace_id]) as session:
        made = await explorations.create(session, member, ExplorationCreate.model_validate(exploration()))
    return Place(workspace_id, made.id)


def by_seed_and_draw(asked: Asked) -> dict[str, Any]:
    return prose_reply(f"P{asked.seed}x{asked.draw} Person")


async def test_jobs_with_one_seed_save_no_persona_twice(
    place: Place, make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await place.start(), await place.start()
    read, runner = personas.list_profiles, make_runner(ScriptedModel({"persona_prose": by_seed_and_draw}))
    waiting = [first]

    async def read_then_wait(*args: Any) -> list[Profile]:
        found = await read(*args)
        if waiting:
            await runner.run(waiting.pop())  # between what the second job reads and what it writes
        return found

    monkeypatch.setattr(personas, "list_profiles", read_then_wait)
    await runner.run(second)
    assert [(await jobs.read(one)).status for one in (first, second)] == ["succeeded", "retry_wait"]
    await asyncio.sleep(0.2)
    await runner.run(second)
    assert (await jobs.read(second)).status == "succeeded"
    names = await place.since([])
    assert (len(names), len(set(names))) == (4, 4)


async def test_a_later_transaction_waits_for_the_earlier_one(place: Place) -> None:
    async with db.scope(place.at[:1]) as session:
        assert await personas.list_saved_since(session, *place.at, []) == []
        waiting = asyncio.create_task(place.since([]))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await personas.create(session, *place.at, PersonaCreate(name="Ada"))
    assert await waiting == ["Ada"]


async def test_a_brief_that_is_changed_meanwhile_makes_a_rerun_pay_for_nothing_twice(
    place: Place, make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedModel({"persona_prose": by_seed_and_draw})
    job, runner, save = await place.start(), make_runner(model), personas.save_generated

    async def change_and_break_off(*_: Any) -> None:
        async with db.scope(place.at[:1]) as session:
            change = ExplorationUpdate(description="Something else entirely.")
            await explorations.update(session, place.member, place.at[1], change)
        monkeypatch.setattr(personas, "save_generated", save)
        raise Snooze(0, "as if the worker had died")

    monkeypatch.setattr(personas, "save_generated", change_and_break_off)
    await runner.run(job)
    asked = len(model.asked)
    await asyncio.sleep(0.2)
    await runner.run(job)
    assert (await jobs.read(job)).status == "succeeded"
    assert len(model.asked) == asked
