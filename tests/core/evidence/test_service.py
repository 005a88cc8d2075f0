"""Documents of an exploration: stored once, attached to one objective, gone with all that was made of them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.db import session as db
from core.evidence import service as evidence
from core.evidence.errors import EvidenceNotFound, EvidenceOfAnotherObjective
from tests.factories.evidence import new_place

TEXT = "Fees drive customers away.\n\nApps keep them."


async def test_a_text_is_ready_at_once_and_its_passages_are_in_order(database: str) -> None:
    place = await new_place()
    made = await place.add("First. " * 100 + "\n\n" + "Second. " * 100)
    assert (made.status, made.n_passages, made.title) == ("ready", 2, "First. " * 10 + "First.…")
    async with db.scope([place.member.workspace_id]) as session:
        passages = await evidence.list_passages(session, *place.ids, made.id, limit=5)
        rest = await evidence.list_passages(session, *place.ids, made.id, limit=5, after=1)
    assert [(one.ordinal, one.position, one.text[:6]) for one in passages] == [
        (1, {"paragraph": 1}, "First."),
        (2, {"paragraph": 2}, "Second"),
    ]
    assert [one.ordinal for one in rest] == [2]


async def test_the_same_text_is_stored_once_in_an_exploration(database: str) -> None:
    place = await new_place()
    first, new = await place.add_again(TEXT)
    again, second = await place.add_again(TEXT, title="Another name")
    assert (new, second) == (True, False)
    assert again == first
    elsewhere = await new_place(place.member.workspace_id)
    assert (await elsewhere.add(TEXT)).id != first.id


async def test_a_document_is_of_one_objective_at_most(database: str) -> None:
    place = await new_place()
    mine, other = uuid4(), uuid4()
    free = await place.add(TEXT)
    assert (await place.add(TEXT, research_objective_id=mine)).research_objective_id == mine
    assert (await place.add(TEXT)).research_objective_id == mine
    with pytest.raises(EvidenceOfAnotherObjective):
        await place.add(TEXT, research_objective_id=other)
    async with db.scope([place.member.workspace_id]) as session:
        of_mine = await evidence.list_for(session, *place.ids, research_objective_id=mine, limit=5)
        of_other = await evidence.list_for(session, *place.ids, research_objective_id=other, limit=5)
        assert await evidence.count_for(session, *place.ids) == 1
    assert ([one.id for one in of_mine], of_other) == ([free.id], [])


async def test_a_deleted_document_is_gone_with_its_passages(database: str) -> None:
    place = await new_place()
    made = await place.add(TEXT)
    async with db.scope([place.member.workspace_id]) as session:
        await evidence.delete(session, place.member, place.exploration_id, made.id)
    async with db.scope([place.member.workspace_id]) as session:
        assert await evidence.search(session, *place.ids, "fees", limit=5) == []
        with pytest.raises(EvidenceNotFound):
            await evidence.get(session, *place.ids, made.id)
    assert (await place.add(TEXT)).id != made.id
