"""The job that makes personas: distinct, decided by the cell, the same for a seed, all or none."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from core.db.text import look_of
from core.embedded import samples
from core.embedded.offline_model.content import HANDLERS
from core.evidence import service as evidence
from core.evidence.schemas import FoundPassage
from core.explorations import service as explorations
from core.jobs.errors import PermanentError
from core.llm.errors import ModelRefused
from core.llm.scripted import Asked as Request
from core.llm.scripted import ScriptedModel
from core.objectives import service as objectives
from core.personas import paneling
from core.personas import service as personas
from core.personas.generation import profile_from, prose_likeness, summary_of
from core.personas.jobs import GENERATE_PERSONAS, GeneratePersonas
from core.personas.prompts import PersonaProseInput
from core.personas.service import Draft, warnings_of
from core.personas.temperament import draw_targets
from core.personas.traits import Profile
from core.stats.sampling import derive_seed31
from core.stats.targets import Cell, margins_of
from tests.factories.personas import passage, prose, prose_reply
from worker.context import Asked, JobContext
from worker.jobs.personas import generate_personas
from worker.registry import Done

EXPLORATION = UUID(int=5)
TARGETS = {"margins": {"gender": {"Female": 0.5, "Male": 0.5}, "age": {"18-29": 0.25, "30-64": 0.75}}}


@dataclass
class Context:
    """Stands in for a job's context: asks a script, keeps what is committed and told."""

    model: ScriptedModel
    claim: Any = field(
        default_factory=lambda: SimpleNamespace(
            workspace_id=UUID(int=1), exploration_id=EXPLORATION, job_id=UUID(int=2)
        )
    )
    keys: list[str] = field(default_factory=list)
    total: int = 0

    async def ask(self, prompt: Any, data: Any, *, key: str, seed: int, draw: int = 0, **_: Any) -> Asked[Any]:
        await asyncio.sleep(0)
        found = await self.model.complete(prompt, data, seed=seed, draw=draw)
        self.keys.append(key)
        return Asked(found.output, found.value, found.model, UUID(int=seed), replayed=False)

    async def step(self, _key: str, _data: Any, call: Callable[[], Any]) -> Any:
        return (await call())[0]

    async def progress(self, *, total: int, message: str = "") -> None:
        self.total = total

    @asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        yield None


FIRST = derive_seed31(7, "persona", 0)


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    async def get(*_: Any) -> Any:
        return SimpleNamespace(title="Mood", description="Who feels better?", country="India")

    monkeypatch.setattr(explorations, "get", get)


@pytest.fixture(autouse=True)
def ground(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the exploration has to rest on: `objective` and `passages`."""
    held: dict[str, Any] = {"objective": {}, "passages": []}

    async def current(*_: Any) -> Any:
        return SimpleNamespace(known=lambda: held["objective"])

    async def count_for(*_: Any) -> int:
        return len(held["passages"])

    async def relevant(*_: Any, limit: int) -> list[FoundPassage]:
        return list(held["passages"][:limit])

    monkeypatch.setattr(objectives, "current", current)
    monkeypatch.setattr(evidence, "count_for", count_for)
    monkeypatch.setattr(evidence, "relevant", relevant)
    return held


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> list[Profile]:
    """The personas that the exploration has already."""
    there: list[Profile] = []

    async def list_profiles(_session: Any, _workspace: UUID, exploration_id: UUID) -> list[Profile]:
        assert exploration_id == EXPLORATION
        return list(there)

    async def list_saved_since(*_: Any) -> list[Profile]:
        return []

    monkeypatch.setattr(personas, "list_profiles", list_profiles)
    monkeypatch.setattr(personas, "list_saved_since", list_saved_since)
    return there


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """The drafts that the end of the job writes."""
    kept: list[Draft] = []

    async def save(_session: Any, _workspace: UUID, exploration_id: UUID, _job: UUID, drafts: Sequence[Draft]) -> None:
        assert exploration_id == EXPLORATION
        kept.extend(drafts)

    monkeypatch.setattr(personas, "save_generated", save)
    return kept


@pytest.fixture(autouse=True)
def populations(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The populations that the end of the job keeps."""
    kept: list[dict[str, Any]] = []

    async def save(*_: Any, **population: Any) -> None:
        kept.append(population)

    monkeypatch.setattr(paneling, "save_generation", save)
    return kept


def by_seed(request: Request) -> dict[str, Any]:
    return prose_reply(f"P{request.seed} Person")


def asked_for(request: Request) -> PersonaProseInput:
    return cast("PersonaProseInput", request.data)


async def run(script: Callable[[Request], Any], count: int = 4, seed: int = 7) -> tuple[Done, Context]:
    context = Context(ScriptedModel({"persona_prose": script}))
    args = GeneratePersonas(exploration_id=EXPLORATION, count=count, seed=seed, targets=TARGETS)
    done = await generate_personas(cast("JobContext", context), args)
    assert isinstance(done, Done)
    if done.write is not None:
        await done.write(cast("Any", None))
    return done, context


async def test_personas_are_saved_in_order_with_cells_weights_and_origin(saved: list[Draft]) -> None:
    done, context = await run(by_seed)
    assert set(done.result) == set(GENERATE_PERSONAS.result)
    assert done.result["persona_ids"] == [str(draft.id) for draft in saved]
    assert context.total == len(context.keys) == 4
    assert sorted(draft.profile.attributes["age"] for draft in saved) == ["18-29", "30-64", "30-64", "30-64"]
    assert all(draft.profile.gender == draft.profile.attributes["gender"] for draft in saved)
    assert sum(draft.weight for draft in saved) == pytest.approx(1)
    assert {(draft.prompt_name, draft.prompt_version) for draft in saved} == {("persona_prose", 3)}
    assert all(draft.lineage_id == UUID(int=draft.seed) for draft in saved)


async def test_each_is_asked_for_with_target_scores_and_keeps_them(saved: list[Draft]) -> None:
    _, context = await run(by_seed)
    assert [asked_for(request).ocean for request in context.model.asked] == draw_targets(4, 7)
    assert [draft.profile.ocean for draft in saved] == draw_targets(4, 7)


async def test_the_population_they_were_drawn_from_is_kept(
    saved: list[Draft], populations: list[dict[str, Any]]
) -> None:
    await run(by_seed)
    assert [(one["count"], one["seed"], one["targets"]) for one in populations] == [(4, 7, TARGETS)]
    assert margins_of(populations[0]["cells"])["gender"] == pytest.approx({"Female": 0.5, "Male": 0.5})


async def test_the_same_seed_makes_the_same_people(saved: list[Draft]) -> None:
    await run(by_seed)
    first = [(draft.profile, draft.weight, draft.seed) for draft in saved]
    saved.clear()
    await run(by_seed)
    assert [(draft.profile, draft.weight, draft.seed) for draft in saved] == first
    saved.clear()
    await run(by_seed, seed=8)
    assert [draft.seed for draft in saved] != [seed for _, _, seed in first]


async def test_a_second_person_of_one_name_is_written_again(saved: list[Draft]) -> None:
    def script(request: Request) -> dict[str, Any]:
        return prose_reply("Ada") if request.draw == 0 else prose_reply(f"O{request.seed} Other")

    _, context = await run(script, count=3)
    again = [request for request in context.model.asked if request.draw]
    assert len({draft.profile.name for draft in saved}) == 3
    assert context.keys == ["persona:0:0", "persona:1:0", "persona:2:0", "persona:1:1", "persona:2:1"]
    assert asked_for(again[0]).avoid_names == ["Ada"]
    assert asked_for(again[0]).avoid_summaries[0].startswith("Ada, ")


async def test_a_second_person_of_one_first_name_is_written_again_once(saved: list[Draft]) -> None:
    def script(request: Request) -> dict[str, Any]:
        return prose_reply(f"Hamish P{request.seed}") if request.draw == 0 else prose_reply(f"O{request.seed} Other")

    _, context = await run(script, count=3)
    assert len({draft.profile.name.split()[0] for draft in saved}) == 3
    assert len(context.keys) == 5


async def test_whom_the_exploration_has_is_not_made_again(saved: list[Draft], present: list[Profile]) -> None:
    def script(request: Request) -> dict[str, Any]:
        others = asked_for(request).avoid_names
        return prose_reply(f"P{request.seed}n{len(others)} Person")

    await run(script, count=3)
    first = [draft.profile for draft in saved]
    present.extend(first)
    saved.clear()
    _, context = await run(script, count=3)
    second = [draft.profile for draft in saved]
    assert len({profile.name for profile in first + second}) == 6
    assert context.keys == [f"persona:{index}:{draw}" for draw in (0, 1) for index in range(3)]
    again = [asked_for(request) for request in context.model.asked if request.draw]
    assert all({profile.name for profile in first} <= set(data.avoid_names) for data in again)
    assert [data.avoid_summaries[0] for data in again] == [summary_of(profile) for profile in first]
    saved.clear()
    await run(script, count=3)
    assert [draft.profile for draft in saved] == second


async def test_a_first_name_that_the_exploration_has_is_tried_once_more(
    saved: list[Draft], present: list[Profile]
) -> None:
    present.append(profile_from(Cell({"gender": "Male"}, 1.0), prose("Hamish Somebody")))

    def script(request: Request) -> dict[str, Any]:
        return prose_reply(f"{'Iain' if request.draw else 'Hamish'} P{request.seed}")

    _, context = await run(script, count=1)
    assert context.keys == ["persona:0:0", "persona:0:5"]
    assert [draft.profile.name.split()[0] for draft in saved] == ["Iain"]


async def test_only_so_many_names_are_told(saved: list[Draft], present: list[Profile]) -> None:
    present.extend(profile_from(Cell({}, 1.0), prose(f"Q{n} Other")) for n in range(300))
    _, context = await run(lambda request: prose_reply(f"Q7 P{request.draw}"), count=2)
    assert {len(asked_for(request).avoid_names) for request in context.model.asked if request.draw} == {200}
    assert len(saved) == 2


async def test_first_names_that_stay_alike_are_kept(saved: list[Draft]) -> None:
    _, context = await run(lambda request: prose_reply(f"Hamish P{request.seed}"), count=3)
    assert len({draft.profile.name for draft in saved}) == 3
    assert len(context.keys) == 5


async def test_people_who_stay_alike_fail_the_job_with_a_reason(saved: list[Draft]) -> None:
    with pytest.raises(
        PermanentError, match="stayed too like another one of the exploration after 3 more tries"
    ) as caught:
        await run(lambda _: prose_reply("Ada"), count=2)
    assert caught.value.code == "personas_not_distinct"
    assert saved == []


async def test_a_refused_persona_is_asked_again_with_another_draw(saved: list[Draft]) -> None:
    answered = 0

    def script(request: Request) -> Any:
        nonlocal answered
        answered += 1
        return ModelRefused() if answered == 1 else by_seed(request)

    context = Context(ScriptedModel({"persona_prose": script}))
    args = GeneratePersonas(exploration_id=EXPLORATION, count=4, seed=7, targets=TARGETS)
    await generate_personas(cast("JobContext", context), args)
    assert answered == 5
    assert sorted(key.count(":") for key in context.keys) == [2, 2, 2, 3]


async def test_a_persona_refused_to_the_end_fails_the_job_after_the_others_are_committed(saved: list[Draft]) -> None:
    context = Context(ScriptedModel({"persona_prose": lambda r: ModelRefused() if r.seed == FIRST else by_seed(r)}))
    args = GeneratePersonas(exploration_id=EXPLORATION, count=4, seed=7, targets=TARGETS)
    with pytest.raises(BaseExceptionGroup) as caught:
        await generate_personas(cast("JobContext", context), args)
    assert [type(error) for error in caught.value.exceptions] == [ModelRefused]
    assert len(context.keys) == 3
    assert saved == []


async def test_only_passages_that_were_given_can_be_cited(saved: list[Draft], ground: dict[str, Any]) -> None:
    ground["passages"] = [passage(number) for number in range(1, 4)]

    def script(request: Request) -> dict[str, Any]:
        cites = ["p2", "[P3]", "p2", "p4", str(passage(1).passage_id), str(UUID(int=404))]
        return by_seed(request) | {"cites": cites}

    _, context = await run(script, count=2)
    assert {tuple(draft.passage_ids) for draft in saved} == {(passage(2).passage_id, passage(3).passage_id)}
    told = asked_for(context.model.asked[0]).evidence
    assert [(one.ref, one.text) for one in told] == [(f"p{n}", passage(n).text) for n in (1, 2, 3)]


async def test_an_impossible_person_is_asked_for_again_with_the_reason(saved: list[Draft]) -> None:
    def script(request: Request) -> dict[str, Any]:
        again = asked_for(request).mistakes
        return prose_reply(f"P{request.seed} Person") | (
            {} if again else {"mobility": "No car, yet drives to work daily"}
        )

    _, context = await run(script, count=2)
    assert context.keys == ["persona:0:0", "persona:1:0", "persona:0:100", "persona:1:100"]
    assert asked_for(context.model.asked[-1]).mistakes == ["Who has no car does not drive it every day."]
    assert all(draft.profile.mobility != "No car, yet drives to work daily" for draft in saved)


async def test_a_person_who_stays_impossible_is_kept_with_a_warning(saved: list[Draft]) -> None:
    def script(request: Request) -> dict[str, Any]:
        return by_seed(request) | {"mobility": "No car, yet drives to work daily"}

    _, context = await run(script, count=2)
    assert len(context.keys) == 6
    assert [[one["code"] for one in warnings_of(draft.profile)] for draft in saved] == [["no_car_driving"]] * 2


async def test_the_objective_is_told_and_says_who_is_drawn(saved: list[Draft], ground: dict[str, Any]) -> None:
    ground["objective"] = {"target_audience": "Mothers aged 30 to 44", "geography": "Villages in Kerala"}
    context = Context(ScriptedModel({"persona_prose": by_seed}))
    args = GeneratePersonas(exploration_id=EXPLORATION, count=6, seed=7)
    done = await generate_personas(cast("JobContext", context), args)
    assert isinstance(done, Done)
    assert done.write is not None
    await done.write(cast("Any", None))
    assert asked_for(context.model.asked[0]).objective == ground["objective"]
    drawn = [draft.profile.attributes for draft in saved]
    assert {one["age"] for one in drawn} == {"30-34", "35-44"}
    assert {(one["gender"], one["geography"]) for one in drawn} == {("Female", "Rural")}


async def test_one_life_story_under_two_names_is_written_again(saved: list[Draft]) -> None:
    story = " ".join(f"{word}s were the first thing in her life and the last one." for word in ("Boat", "Loom", "Mill"))

    def script(request: Request) -> dict[str, Any]:
        return by_seed(request) | ({} if request.draw else {"backstory": f"P{request.seed} it was. {story}"})

    _, context = await run(script, count=2)
    assert context.keys[2:] == ["persona:1:1"]
    assert len({draft.profile.backstory for draft in saved}) == 2


def offline(request: Request) -> dict[str, Any]:
    """Answer as the offline model does."""
    return HANDLERS["persona_prose"](request.data.model_dump(mode="json"), request.seed + request.draw)


async def test_fifty_people_of_real_cells_match_their_margins_and_differ(saved: list[Draft]) -> None:
    cells = samples.ces_cells()
    targets = {"cells": [{"values": cell["values"], "share": cell["share"]} for cell in cells]}
    args = GeneratePersonas(exploration_id=EXPLORATION, count=50, seed=7, targets=targets)

    async def made() -> list[Profile]:
        saved.clear()
        done = await generate_personas(cast("JobContext", Context(ScriptedModel({"persona_prose": offline}))), args)
        assert isinstance(done, Done)
        assert done.write is not None
        await done.write(cast("Any", None))
        return [draft.profile for draft in saved]

    people = await made()
    for name in cells[0]["values"]:
        target: Counter[str] = Counter()
        for cell in cells:
            target[cell["values"][name]] += cell["share"]
        real = Counter(str(one.attributes[name]) for one in people)
        assert sum(abs(real[value] / 50 - share) for value, share in target.items()) / 2 <= 0.05, name
        assert set(real) <= set(target)
    assert len({look_of(one.name) for one in people}) == 50
    assert all(prose_likeness(one, other) <= 0.5 for one, other in combinations(people, 2))
    assert [warnings_of(one) for one in people] == [[]] * 50
    assert [one.model_dump_json() for one in await made()] == [one.model_dump_json() for one in people]
