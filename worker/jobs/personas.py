"""Bodies of the jobs on personas."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.explorations import service as explorations
from core.jobs.errors import PermanentError, Snooze
from core.llm.contract import Call
from core.llm.errors import ModelReplyUnusable
from core.personas import generation, grounding, paneling
from core.personas import service as personas
from core.personas.cells import candidate_cells, plan_cells
from core.personas.grounding import Gathered, Ground
from core.personas.jobs import GENERATE_PERSONAS, GeneratePersonas
from core.personas.prompts import PERSONA_PROSE, Brief, PersonaProse, PersonaProseInput
from core.personas.rules import contradictions
from core.personas.service import Draft
from core.personas.temperament import draw_targets
from core.personas.traits import Ocean, Profile
from core.stats.sampling import derive_seed31
from core.stats.targets import Cell
from worker.context import Asked, JobContext
from worker.registry import Done, body

# More draws for a persona that is too like another, and for a reply that cannot be used.
REGENERATIONS: Final = 3
UNUSABLE_REPLIES: Final = 2
# More drafts of a persona that rules find impossible, and how far apart their draws lie from those of others.
MENDS: Final = 2
MENDED: Final = 100
# Names of others that a model is told of; a long list costs more than it helps.
NAMES_TOLD: Final = 200
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A persona as it was written and what wrote it."""

    cell: Cell
    profile: Profile
    seed: int
    asked: Asked[PersonaProse]
    passage_ids: Sequence[UUID]
    impossible: Sequence[str]


@dataclass(frozen=True, slots=True)
class Writing:
    """One run of the job: asks for a persona by number."""

    ctx: JobContext
    args: GeneratePersonas
    brief: Brief
    oceans: Sequence[Ocean]
    grounds: Sequence[Ground]

    async def write(
        self,
        index: int,
        cell: Cell,
        draw: int = 0,
        avoid: Sequence[Profile] = (),
        alike: Sequence[Profile] = (),
    ) -> Candidate:
        """Ask for one persona, unlike the `alike` and with none of the names of `avoid`.

        One that rules find impossible is asked for again, twice at most; then the least impossible one stays.
        """
        best = await self._write(index, cell, draw, avoid, alike, ())
        for mend in range(1, MENDS + 1):
            if not best.impossible:
                break
            fresh = await self._write(index, cell, draw + mend * MENDED, avoid, alike, best.impossible)
            best = fresh if len(fresh.impossible) < len(best.impossible) else best
        return best

    async def _write(
        self,
        index: int,
        cell: Cell,
        draw: int,
        avoid: Sequence[Profile],
        alike: Sequence[Profile],
        mistakes: Sequence[str],
    ) -> Candidate:
        ground = self.grounds[index]
        data = generation.prose_input(
            self.brief,
            cell,
            self.oceans[index],
            ground,
            avoid_names=sorted({other.name for other in avoid[:NAMES_TOLD]}),
            avoid_summaries=[generation.summary_of(other) for other in alike],
            mistakes=mistakes,
        )
        seed = derive_seed31(self.args.seed, "persona", index)
        asked = await self._ask(index, draw, data, seed, cell)
        asked_for = self.args.targets is not None
        profile = generation.profile_from(cell, asked.output, self.oceans[index], asked_for=asked_for)
        impossible = [one.reason for one in contradictions(profile)]
        return Candidate(cell, profile, seed, asked, ground.cited(asked.output.cites), impossible)

    async def _ask(self, index: int, draw: int, data: PersonaProseInput, seed: int, cell: Cell) -> Asked[PersonaProse]:
        """Ask until a reply can be used, a few times at most."""
        offered = [str(one.passage_id) for one in self.grounds[index].found]
        again = 0
        while True:
            try:
                return await self.ctx.ask(
                    PERSONA_PROSE,
                    data,
                    key=f"persona:{index}:{draw}" + (f":{again}" if again else ""),
                    seed=seed,
                    draw=draw + again * (REGENERATIONS + 1),
                    done=0 if draw else 1,
                    made_from={"exploration_id": str(self.args.exploration_id), "cell": dict(cell.values)}
                    | ({"passage_ids": offered} if offered else {}),
                )
            except ModelReplyUnusable:
                again += 1
                if again > UNUSABLE_REPLIES:
                    raise

    async def make_distinct(self, written: list[Candidate], present: Sequence[Profile]) -> None:
        """Replace, in order, each persona too like one that is present or an earlier one; raises PermanentError."""
        for index in range(len(written)):
            for draw in range(1, REGENERATIONS + 2):
                earlier = [*(candidate.profile for candidate in written[:index]), *present]
                match = await asyncio.to_thread(generation.closest, written[index].profile, earlier)
                if match is None:
                    break
                if draw > REGENERATIONS:
                    raise PermanentError(
                        f"Persona {index + 1} stayed too like another one of the exploration after"
                        f" {REGENERATIONS} more tries;"
                        " ask for fewer personas or for a population with more different cells.",
                        code="personas_not_distinct",
                    )
                others = _others(written, index, present)
                written[index] = await self.write(
                    index, written[index].cell, draw, others, [earlier[match.index], written[index].profile]
                )

    async def make_names_distinct(self, written: list[Candidate], present: Sequence[Profile]) -> None:
        """Write anew, once, each persona whose first name is taken; it stays if that gives no better one.

        Taken are the first names of who is present and of those written earlier.
        """
        for index in range(len(written)):
            earlier = [*(candidate.profile for candidate in written[:index]), *present]
            if generation.first_name(written[index].profile) not in map(generation.first_name, earlier):
                continue
            others = _others(written, index, present)
            fresh = await self.write(index, written[index].cell, REGENERATIONS + 2, others, [written[index].profile])
            taken = {generation.first_name(other) for other in others}
            known = generation.first_name(fresh.profile) in taken
            if not known and await asyncio.to_thread(generation.closest, fresh.profile, others) is None:
                written[index] = fresh


def _others(written: Sequence[Candidate], index: int, present: Sequence[Profile]) -> list[Profile]:
    """Return all but one of those written, then who is present."""
    return [*(candidate.profile for at, candidate in enumerate(written) if at != index), *present]


def _planned(args: GeneratePersonas, brief: Brief, objective: Mapping[str, str]) -> tuple[Sequence[Cell], list[Cell]]:
    """Return the population's cells, and each persona's."""
    told, narrowed = grounding.population_text(brief, objective), grounding.narrowed_by(objective, brief.country)
    cells = candidate_cells(args.targets, told, brief.country, narrowed)
    return cells, plan_cells(cells, args.count, args.seed)


async def _gathered(ctx: JobContext, args: GeneratePersonas, workspace_id: UUID) -> Gathered:
    """Gather once for this job: whatever changes meanwhile, a rerun asks the same and finds the answers paid for."""

    async def call() -> tuple[dict[str, Any], Sequence[Call]]:
        async with ctx.scope() as session:
            found = await explorations.get(session, workspace_id, args.exploration_id)
            brief = Brief(title=found.title, description=found.description or "", country=found.country)
            objective = await grounding.objective_of(session, workspace_id, args.exploration_id)
        _, planned = _planned(args, brief, objective)
        async with ctx.scope() as session:
            grounds = await grounding.gather_grounds(
                session, workspace_id, args.exploration_id, brief, objective, planned
            )
        return Gathered.of(brief, objective, grounds).model_dump(mode="json"), ()

    return Gathered.model_validate(await ctx.step("gathered", {}, call))


@body(GENERATE_PERSONAS)
async def generate_personas(ctx: JobContext, args: GeneratePersonas) -> Done:
    """Draw balanced cells, have all personas written at once, make them distinct in the exploration, save them."""
    workspace_id = ctx.claim.workspace_id
    assert workspace_id is not None, "personas belong to a workspace"
    gathered = await _gathered(ctx, args, workspace_id)
    brief = gathered.brief
    cells, planned = _planned(args, brief, gathered.objective)
    await ctx.progress(total=args.count, message="Personas are written")
    writing = Writing(ctx, args, brief, draw_targets(args.count, args.seed), gathered.grounds())
    written = await _all(writing.write(index, cell) for index, cell in enumerate(planned))
    # Read last, so that what another job has saved meanwhile counts, and first drafts stay those of the seed, which a
    # rerun need not pay for.
    async with ctx.scope() as session:
        present = await personas.list_profiles(session, workspace_id, args.exploration_id)
    await writing.make_distinct(written, present)
    await writing.make_names_distinct(written, present)
    weights = generation.persona_weights(cells, [candidate.profile for candidate in written])
    drafts = [
        _draft(persona_id, candidate, weight)
        for persona_id, candidate, weight in zip(sorted(uuid7() for _ in written), written, weights, strict=True)
    ]

    async def write(session: AsyncSession) -> None:
        since = await personas.list_saved_since(session, workspace_id, args.exploration_id, present)
        if generation.any_alike([candidate.profile for candidate in written], since):
            # Another run takes them into account, and what was answered already costs nothing.
            raise Snooze(0, "Personas like these were saved meanwhile.", code="personas_saved_meanwhile")
        await personas.save_generated(session, workspace_id, args.exploration_id, ctx.claim.job_id, drafts)
        await paneling.save_generation(
            session,
            workspace_id,
            args.exploration_id,
            ctx.claim.job_id,
            count=args.count,
            seed=args.seed,
            targets=args.targets,
            cells=cells,
        )

    return Done({"persona_ids": [str(draft.id) for draft in drafts], "seed": args.seed}, write)


def _draft(persona_id: UUID, candidate: Candidate, weight: float) -> Draft:
    return Draft(
        id=persona_id,
        profile=candidate.profile,
        weight=weight,
        model=candidate.asked.model,
        demonstration=candidate.asked.demonstration,
        prompt_name=PERSONA_PROSE.name,
        prompt_version=PERSONA_PROSE.version,
        seed=candidate.seed,
        lineage_id=candidate.asked.lineage_id,
        passage_ids=candidate.passage_ids,
    )


async def _all(asks: Iterable[Awaitable[Result]]) -> list[Result]:
    """Wait for every ask, so that no answer under way is lost when another fails; then raise what failed."""
    ended = await asyncio.gather(*asks, return_exceptions=True)
    failed = [end for end in ended if isinstance(end, BaseException)]
    if failed:
        raise BaseExceptionGroup("personas could not be written", failed)
    return [end for end in ended if not isinstance(end, BaseException)]
