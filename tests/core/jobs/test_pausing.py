"""What is paused does not start, says so, and goes on when it is resumed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.db import session as db
from core.jobs import dispatching, engine, pausing, service
from core.jobs.engine import SUSPECT_AFTER
from core.jobs.errors import AlreadyPaused, PauseNotFound
from core.jobs.pausing import PauseScope
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.settings import get_settings
from tests.factories import jobs
from tests.fixtures.jobs import new_workspace
from worker.pauses import ModelPauses


@pytest.fixture(autouse=True)
async def _nothing_else_waits(job_database: None) -> AsyncIterator[None]:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("UPDATE job SET status = 'failed' WHERE status NOT IN ('succeeded', 'failed')"))
    yield
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("DELETE FROM pause"))


async def pause(scope: PauseScope, value: object, reason: str = "an incident") -> UUID:
    async with db.scope(db.SYSTEM) as session:
        made = await pausing.create(session, scope=scope, value=str(value), reason=reason, created_by_id=None)
    return made.id


async def resume(pause_id: UUID) -> None:
    async with db.scope(db.SYSTEM) as session:
        await pausing.delete(session, pause_id)


async def dispatch() -> list[UUID]:
    async with db.scope(db.SYSTEM) as session:
        return [hint.job_id for hint in await dispatching.dispatch(session, "batch", 100)]


async def message(job_id: UUID) -> str:
    async with db.scope(db.SYSTEM) as session:
        return (await service.read(session, await service.get(session, job_id))).progress.message


async def old(workspace_id: UUID) -> UUID:
    """A job that waits long enough to be dispatched."""
    return await jobs.submit(workspace_id, updated_at="now() - interval '1 minute'")


@pytest.mark.parametrize("scope", ["kind", "workspace"])
async def test_what_is_paused_is_not_there_to_claim_until_it_is_resumed(workspace_id: UUID, scope: PauseScope) -> None:
    job_id = await jobs.submit(workspace_id)
    pause_id = await pause(scope, jobs.PROBE.kind if scope == "kind" else workspace_id)
    assert await jobs.try_claim(job_id) is None
    assert (await jobs.read(job_id)).status == "queued"
    await resume(pause_id)
    assert await jobs.try_claim(job_id) is not None


async def test_others_are_claimed(workspace_id: UUID) -> None:
    await pause("kind", "test.other")
    await pause("workspace", await new_workspace())
    await pause("model", jobs.PROBE.kind)
    await pause("model", workspace_id)
    assert await jobs.try_claim(await jobs.submit(workspace_id)) is not None


async def test_what_is_paused_is_not_dispatched(workspace_id: UUID) -> None:
    other = await new_workspace()
    held, free = await old(workspace_id), await old(other)
    pause_id = await pause("workspace", workspace_id)
    assert await dispatch() == [free]
    await resume(pause_id)
    assert await dispatch() == [held]


async def test_what_was_dispatched_already_waits_again(workspace_id: UUID) -> None:
    job_id = await old(workspace_id)
    other = await old(await new_workspace())
    assert set(await dispatch()) == {job_id, other}
    await pause("workspace", workspace_id)
    async with db.scope(db.SYSTEM) as session:
        assert (await dispatching.look(session)).paused
        assert await dispatching.withdraw_paused(session) == [job_id]
    assert (await jobs.read(job_id)).status == "queued"
    assert (await jobs.read(other)).status == "dispatched"


async def test_a_suspect_is_not_taken(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id, rescues=SUSPECT_AFTER)
    pause_id = await pause("workspace", workspace_id)
    async with db.scope(db.SYSTEM) as session:
        assert await engine.take_suspects(session, [job_id]) == set()
    await resume(pause_id)
    async with db.scope(db.SYSTEM) as session:
        assert await engine.take_suspects(session, [job_id]) == {job_id}


async def test_what_runs_goes_on_to_its_end(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    await pause("workspace", workspace_id)
    await jobs.finish(held)
    assert (await jobs.read(held.job_id)).status == "succeeded"


async def test_a_parent_whose_shards_are_done_puts_them_together(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 1)
    [shard] = await jobs.children(parent.job_id)
    held = await jobs.claim(shard.id)
    await pause("workspace", workspace_id)
    await pause("kind", jobs.PROBE.kind)
    await jobs.finish(held)
    assert await jobs.try_claim(parent.job_id) is not None


async def test_shards_of_a_paused_workspace_wait_and_their_parent_says_so(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 2)
    first, second = await jobs.children(parent.job_id)
    running = await jobs.claim(first.id)
    await pause("workspace", workspace_id)
    assert await jobs.try_claim(second.id) is None
    assert await message(parent.job_id) == ""
    await jobs.finish(running)
    assert "an incident" in await message(parent.job_id)


async def test_a_job_says_why_it_waits_until_it_is_resumed(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id)
    pause_id = await pause("kind", jobs.PROBE.kind, "The provider has an incident.")
    assert await message(job_id) == "Paused by the administrators of the service: The provider has an incident."
    await resume(pause_id)
    assert await message(job_id) == ""


async def test_watchers_are_told_of_a_pause_and_of_its_end(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id)
    before = (await jobs.read(job_id)).version
    await resume(await pause("workspace", workspace_id))
    told = await jobs.column("SELECT data ->> 'message' FROM job_event WHERE job_id = :id ORDER BY sequence", job_id)
    assert told == [None, "Paused by the administrators of the service: an incident", ""]
    assert (await jobs.read(job_id)).version == before + 2


async def test_one_thing_is_paused_once(workspace_id: UUID) -> None:
    await pause("workspace", workspace_id)
    with pytest.raises(AlreadyPaused):
        await pause("workspace", workspace_id)


async def test_a_pause_that_is_gone_cannot_be_lifted(job_database: None) -> None:
    with pytest.raises(PauseNotFound):
        await resume(uuid4())


async def test_jobs_that_wait_for_a_paused_model_are_woken_when_it_is_resumed(workspace_id: UUID) -> None:
    later = "now() + interval '1 minute'"
    suspended, other = [
        await jobs.submit(workspace_id, status="retry_wait", next_attempt_at=later, error=f'{{"code": "{code}"}}')
        for code in (pausing.SUSPENDED, "model_unavailable")
    ]
    await resume(await pause("model", "some-model"))
    assert await jobs.try_claim(suspended) is not None
    assert await jobs.try_claim(other) is None


async def refused(workspace_id: UUID) -> UUID:
    """A job that a process has just refused, for a model it takes for paused."""
    later, error = "now() + interval '1 minute'", f'{{"code": "{pausing.SUSPENDED}"}}'
    return await jobs.submit(workspace_id, status="retry_wait", next_attempt_at=later, error=error)


async def test_who_was_refused_after_the_model_was_resumed_is_woken_by_who_refused(workspace_id: UUID) -> None:
    watch = ModelPauses(ModelClient(ModelConfig.from_settings(get_settings())))
    pause_id = await pause("model", "some-model")
    await watch.look()
    await resume(pause_id)
    in_between = await refused(workspace_id)
    await watch.look()
    assert await jobs.try_claim(in_between) is not None
    in_that_moment = await refused(workspace_id)
    await watch.look()
    assert await jobs.try_claim(in_that_moment) is not None


async def test_nobody_is_woken_while_the_model_is_paused(workspace_id: UUID) -> None:
    watch = ModelPauses(ModelClient(ModelConfig.from_settings(get_settings())))
    await pause("model", "some-model")
    await watch.look()
    waiting = await refused(workspace_id)
    await watch.look()
    assert await jobs.try_claim(waiting) is None


async def test_a_process_learns_of_a_paused_model_and_of_its_end(job_database: None) -> None:
    model = ModelClient(ModelConfig.from_settings(get_settings()))
    watch = ModelPauses(model)
    pause_id = await pause("model", "some-model", "too dear")
    await watch.look()
    assert model.suspensions.reasons == {"some-model": "too dear"}
    await resume(pause_id)
    await watch.look()
    assert model.suspensions.reasons == {}
