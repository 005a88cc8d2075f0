"""Stage changes are noticed through events, once, and said in the sessions in the same transaction."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.explorations import service as explorations
from core.explorations.schemas import MethodUpdate
from core.jobs import service as jobs
from core.jobs.service import Author
from core.omi import noticing, repository
from core.settings import get_settings
from tests.factories import jobs as job_rows
from tests.factories import omi as made
from tests.factories.jobs import PROBE, ProbeArgs
from worker.fanout import fan_out

pytestmark = pytest.mark.usefixtures("job_database")


@pytest.fixture
async def exploration_id(workspace_id: UUID) -> UUID:
    """An exploration whose first stage has been noticed."""
    found = await made.explore(workspace_id)
    async with db.scope([workspace_id]) as session:
        await explorations.update(session, made.member(workspace_id), found, MethodUpdate(is_quantitative=True))
    await fan_out()
    return found


async def kept(exploration_id: UUID) -> tuple[str, str | None, int]:
    """Return the stage kept of an exploration, the one before, and the number of its change."""
    query = text("SELECT stage, previous, number FROM omi_stage WHERE exploration_id = :id")
    async with db.scope(db.SYSTEM) as session:
        row = (await session.execute(query, {"id": exploration_id})).one()
    return row.stage, row.previous, row.number


async def notified(exploration_id: UUID) -> list[dict[str, Any]]:
    """Return the arguments of the notifications submitted."""
    query = text("SELECT args FROM job WHERE subject_id = :id AND kind = 'omi.notify' ORDER BY created_at, id")
    async with db.scope(db.SYSTEM) as session:
        return [row.args for row in await session.execute(query, {"id": exploration_id})]


async def test_a_change_is_kept_and_said_once_in_each_session(workspace_id: UUID, exploration_id: UUID) -> None:
    talks = [await made.open_session(workspace_id, exploration_id, Author("user", uuid4())) for _ in range(2)]
    await made.add_personas(workspace_id, exploration_id, "Ada Moreno", "Ben Carter")
    await asyncio.gather(*(fan_out() for _ in range(4)))
    await fan_out()
    assert await kept(exploration_id) == ("survey_builder", "workspace_setup", 2)
    for talk in talks:
        greeting, told = await made.messages(talk)
        assert (greeting.number, told.number, told.type, told.omi_state) == (1, 2, "stage_transition", "acknowledging")
        assert "2 personas" in told.content
        assert told.data == {"stage": "survey_builder", "previous": "workspace_setup", "number": 2}


async def test_events_that_change_no_stage_say_nothing(workspace_id: UUID, exploration_id: UUID) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    await made.add_personas(workspace_id, exploration_id, "Ada Moreno")
    await fan_out()
    await made.add_personas(workspace_id, exploration_id, "Ben Carter")
    await fan_out()
    assert len(await made.messages(talk)) == 2


async def test_a_stage_can_go_back_and_is_told_so(workspace_id: UUID, exploration_id: UUID) -> None:
    for ended in (True, False):
        async with db.scope([workspace_id]) as session:
            await explorations.update(session, made.member(workspace_id), exploration_id, MethodUpdate(is_ended=ended))
        await fan_out()
    assert await kept(exploration_id) == ("workspace_setup", "completed", 3)


async def test_a_round_that_is_broken_off_is_made_up_for(
    workspace_id: UUID, exploration_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    await made.add_personas(workspace_id, exploration_id, "Ada Moreno")

    async def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(repository, "say_in_all", away)
        with pytest.raises(DatabaseUnavailable):
            await fan_out()
    assert await kept(exploration_id) == ("workspace_setup", None, 1)
    await fan_out()
    assert [one.type for one in await made.messages(talk)] == ["greeting", "stage_transition"]


async def end_job(workspace_id: UUID, exploration_id: UUID, status: str) -> UUID:
    """Submit a job in an exploration and end it."""
    async with db.scope([workspace_id]) as session:
        job = await jobs.submit(
            session,
            PROBE,
            ProbeArgs(),
            workspace_id=workspace_id,
            author=made.AUTHOR,
            exploration_id=exploration_id,
        )
    await job_rows.finish(await job_rows.claim(job.id), status)
    await fan_out()
    return job.id


async def test_a_failed_job_is_of_concern(workspace_id: UUID, exploration_id: UUID) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    await end_job(workspace_id, exploration_id, "succeeded")
    job_id = await end_job(workspace_id, exploration_id, "failed")
    [_, told] = await made.messages(talk)
    assert (told.type, told.omi_state, told.data["job_id"]) == ("concern", "concerned", str(job_id))


@pytest.mark.parametrize(("status", "state", "said"), [("failed", "concerned", 3), ("cancelled", "idle", 2)])
async def test_a_chat_without_a_reply_does_not_think_for_ever(
    workspace_id: UUID, exploration_id: UUID, status: str, state: str, said: int
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    job = await made.say(talk, "Hello?")
    await job_rows.finish(await job_rows.claim(job.id), status)
    await fan_out()
    async with db.scope([workspace_id]) as session:
        read = await session.execute(text("SELECT state FROM omi_session WHERE id = :id"), {"id": talk.id})
        assert read.scalar_one() == state
    assert len(await made.messages(talk)) == said


async def test_without_an_external_service_nothing_is_notified(exploration_id: UUID) -> None:
    assert await notified(exploration_id) == []


async def test_each_change_is_notified_once_with_its_number(
    workspace_id: UUID, exploration_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = get_settings().model_copy(update={"omi_base_url": "http://127.0.0.1:9/"})
    monkeypatch.setattr(noticing, "get_settings", lambda: settings)
    await made.add_personas(workspace_id, exploration_id, "Ada Moreno")
    await fan_out()
    await fan_out()
    [args] = await notified(exploration_id)
    assert args["workspace_id"] == str(workspace_id)
    assert (args["stage"], args["previous"], args["number"]) == ("survey_builder", "workspace_setup", 2)
