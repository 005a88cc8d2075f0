"""What is remembered of calls and answers, on a real Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Table, Uuid, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import col

from core.db import session as db
from core.db.base import uuid7
from core.db.session import DIALECT, asyncpg_url
from core.embedded.postgres import Postgres
from core.llm import service
from core.llm.contract import Call, Completion
from core.llm.models import LlmAnswer, LlmCall
from core.llm.scripted import ScriptedModel
from core.llm.service import Billed, CachedAnswer
from tests.core.llm.examples import CHOICE, QUESTION, WORD

WORKSPACE = UUID(int=1)
OTHER_WORKSPACE = UUID(int=2)


@pytest.fixture
async def session(postgres_server: Postgres) -> AsyncIterator[AsyncSession]:
    """A transaction in a schema of its own with this package's tables, rolled back at the end."""
    engine = create_async_engine(DIALECT, connect_args={"dsn": asyncpg_url(postgres_server.url)})
    tables = MetaData()
    workspace = Table("workspace", tables, Column("id", Uuid, primary_key=True))
    for model in (LlmCall, LlmAnswer):
        cast("Table", cast("Any", model).__table__).to_metadata(tables)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("CREATE SCHEMA llm_memory"))
            await connection.execute(text("SET LOCAL search_path TO llm_memory"))
            await connection.run_sync(tables.create_all, checkfirst=False)
            await connection.execute(insert(workspace), [{"id": WORKSPACE}, {"id": OTHER_WORKSPACE}])
            driver = (await connection.get_raw_connection()).driver_connection
            async with AsyncSession(connection, expire_on_commit=False, info={db._DRIVER: driver}) as opened:
                yield opened
            await connection.rollback()
    finally:
        await engine.dispose()


async def answered(seed: int) -> Completion[Any]:
    return await ScriptedModel({"word": {"word": f"é{seed}", "count": seed}}).complete(WORD, QUESTION, seed=seed)


def remembered(workspace_id: UUID, *completions: Completion[Any]) -> list[tuple[UUID, Completion[Any]]]:
    return [(workspace_id, completion) for completion in completions]


async def find(session: AsyncSession, workspace_id: UUID, keys: list[str]) -> dict[str, CachedAnswer]:
    """Return what a workspace remembers, by key."""
    found = await service.find_answers(session, [(workspace_id, key) for key in keys])
    assert [one is None or one.key == key for one, key in zip(found, keys, strict=True)] == [True] * len(keys)
    return {one.key: one for one in found if one is not None}


async def test_a_remembered_answer_is_found_and_restored(session: AsyncSession) -> None:
    done = await answered(2**62)
    await service.save_answers(session, remembered(WORKSPACE, done))

    found = await find(session, WORKSPACE, [done.key, "0" * 64])

    assert list(found) == [done.key]
    restored = service.restore(WORD, QUESTION, found[done.key], seed=2**62)
    assert restored == replace(done, content="", calls=())
    with pytest.raises(ValueError, match="choice"):
        service.restore(CHOICE, QUESTION, found[done.key], seed=1)


async def test_answers_stay_within_their_workspace(session: AsyncSession) -> None:
    done = await answered(1)
    await service.save_answers(session, remembered(WORKSPACE, done))
    assert await find(session, OTHER_WORKSPACE, [done.key]) == {}
    await service.save_answers(session, remembered(OTHER_WORKSPACE, done))
    assert len(await find(session, OTHER_WORKSPACE, [done.key])) == 1


async def test_the_first_answer_under_a_key_stays(session: AsyncSession) -> None:
    done = await answered(1)
    await service.save_answers(session, remembered(WORKSPACE, done, done))
    await service.save_answers(session, remembered(WORKSPACE, replace(done, value={"word": "later", "count": 9})))
    found = await find(session, WORKSPACE, [done.key])
    assert found[done.key].value == {"word": "é1", "count": 1}


async def test_many_answers_are_saved_and_found_at_once(session: AsyncSession) -> None:
    done = [await answered(seed) for seed in range(1200)]
    await service.save_answers(session, remembered(WORKSPACE, *done))
    found = await find(session, WORKSPACE, [each.key for each in done])
    assert {each.key: each.value for each in done} == {key: answer.value for key, answer in found.items()}
    assert await find(session, WORKSPACE, []) == {}


async def test_every_try_is_a_row_of_the_ledger(session: AsyncSession) -> None:
    [call] = (await answered(1)).calls
    calls: list[Call] = [
        replace(call, id=uuid7(), outcome="transient", attempt_no=1, cost_usd=Decimal(0), input_tokens=0),
        replace(call, id=uuid7(), attempt_no=2, cost_usd=Decimal("0.0000000123"), request_id="req-1"),
        replace(call, id=uuid7(), kind="embedding", prompt_name=None, prompt_version=None),
    ]
    job_id = uuid7()
    for _ in range(2):  # told twice, written once
        await service.record_calls(session, [Billed(call, WORKSPACE, job_id, "s-1") for call in calls])
    await service.record_calls(session, [])

    rows = (await session.execute(select(LlmCall).order_by(col(LlmCall.kind), col(LlmCall.attempt_no)))).scalars().all()

    assert [(row.outcome, row.attempt_no, row.cost_usd) for row in rows] == [
        ("transient", 1, Decimal(0)),
        ("ok", 2, Decimal("0.0000000123")),
        ("ok", 1, None),
    ]
    assert {(row.workspace_id, row.job_id, row.step_key) for row in rows} == {(WORKSPACE, job_id, "s-1")}
    assert (rows[2].kind, rows[2].prompt_name, rows[1].request_id) == ("embedding", None, "req-1")
    assert rows[0].created_at.tzinfo is not None
    total = select(func.count()).select_from(LlmCall)
    await service.record_calls(session, [Billed(replace(call, id=uuid7()), WORKSPACE) for _ in range(1100)])
    assert (await session.execute(total)).scalar_one() == 1103
