"""Bodies of the jobs that find out about a persona: OCEAN profile, preview, life story."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.explorations import service as explorations
from core.llm.errors import ModelReplyUnusable
from core.llm.prompts import Prompt
from core.personas import backstory, ocean, preview, profiling
from core.personas.backstory import BackstoryWords
from core.personas.jobs import BACKSTORY, OCEAN, PREVIEW, AdministerOcean, AskPersona, WriteBackstory
from core.personas.mini_ipip import instrument
from core.personas.ocean import Draw, ItemAnswers
from core.personas.profiling import Origin, Portrait
from core.personas.prompts import (
    MINI_IPIP,
    PERSONA_BACKSTORY,
    PERSONA_PREVIEW,
    AskedItem,
    BackstoryInput,
    Brief,
    MiniIpipInput,
    PreviewInput,
)
from core.personas.rules import Contradiction
from worker.context import Asked, JobContext
from worker.registry import Done, body

# More draws for a reply that cannot be used, and for a story that contradicts the persona.
UNUSABLE_REPLIES: Final = 2
REWRITES: Final = 2
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")


@body(OCEAN)
async def administer_ocean(ctx: JobContext, args: AdministerOcean) -> Done:
    """Have the persona take the questionnaire, each time in an order of its own; code scores the answers."""
    workspace_id = _workspace_of(ctx)
    async with ctx.scope() as session:
        of = await profiling.portrait(session, workspace_id, args.exploration_id, args.persona_id, args.version)
    await ctx.progress(total=args.repeats, message="The questionnaire is answered")
    ended = await asyncio.gather(
        *(_take(ctx, args, of, number) for number in range(args.repeats)), return_exceptions=True
    )
    failed = [end for end in ended if isinstance(end, BaseException)]
    if failed:
        raise BaseExceptionGroup("the questionnaire could not be answered", failed)
    taken = [end for end in ended if not isinstance(end, BaseException)]
    content = ocean.result_of([draw for draw, _ in taken], of.profile.ocean)
    content |= {"repeats": args.repeats, "blind": args.blind}
    origin = _origin(ctx, MINI_IPIP, args.seed, [asked for _, asked in taken])

    async def write(session: AsyncSession) -> None:
        await profiling.save_result(session, workspace_id, of, profiling.OCEAN_RESULT, content, origin)

    return Done({"persona_id": str(of.persona_id), "version": of.version}, write)


async def _take(ctx: JobContext, args: AdministerOcean, of: Portrait, number: int) -> tuple[Draw, Asked[ItemAnswers]]:
    """Administer the questionnaire once."""
    shown = ocean.item_order(args.seed, number)
    persona = of.profile.known()
    if args.blind:
        persona.pop("ocean", None)
    data = MiniIpipInput(
        persona=persona,
        attributes=of.attributes,
        scale=list(instrument().scale),
        items=[AskedItem(number=item.number, text=item.text) for item in shown],
    )
    seed = ocean.draw_seed(args.seed, number)
    asked = await _ask(ctx, MINI_IPIP, data, of, key=f"ocean:{number}", seed=seed, draw=number)
    lineage_id = str(asked.lineage_id) if asked.lineage_id else None
    return Draw(number, seed, tuple(item.number for item in shown), asked.output, lineage_id), asked


@body(PREVIEW)
async def preview_persona(ctx: JobContext, args: AskPersona) -> Done:
    """Have the persona introduced in words, beside its traits in groups."""
    workspace_id = _workspace_of(ctx)
    async with ctx.scope() as session:
        of = await profiling.portrait(session, workspace_id, args.exploration_id, args.persona_id, args.version)
    await ctx.progress(total=1, message="The persona is introduced")
    groups = preview.trait_groups(of.profile.known(), of.attributes)
    data = PreviewInput(name=of.profile.name, groups=groups, backstory=of.profile.backstory)
    asked = await _ask(ctx, PERSONA_PREVIEW, data, of, key="preview", seed=args.seed)
    content = preview.preview_content(asked.output, groups)
    origin = _origin(ctx, PERSONA_PREVIEW, args.seed, [asked])

    async def write(session: AsyncSession) -> None:
        await profiling.save_result(session, workspace_id, of, profiling.PREVIEW_RESULT, content, origin)

    return Done({"persona_id": str(of.persona_id), "version": of.version}, write)


@body(BACKSTORY)
async def write_backstory(ctx: JobContext, args: WriteBackstory) -> Done:
    """Have a life story written for the persona as it is now; one that code finds contradictory is written anew.

    Where that helps nothing, the story with the fewest contradictions is kept, and says them.
    """
    workspace_id = _workspace_of(ctx)
    async with ctx.scope() as session:
        exploration = await explorations.get(session, workspace_id, args.exploration_id)
        of = await profiling.portrait(session, workspace_id, args.exploration_id, args.persona_id)
    brief = Brief(title=exploration.title, description=exploration.description or "", country=exploration.country)
    await ctx.progress(total=1, message="The life story is written")
    asked, warnings = await _consistent_story(ctx, args, of, brief)
    words = asked.output
    content = {
        "backstory": words.backstory,
        "experiences": sorted((one.model_dump() for one in words.experiences), key=lambda one: int(one["age"])),
        "contradictions": [one.reason for one in warnings],
    }
    origin = _origin(ctx, PERSONA_BACKSTORY, args.seed, [asked])
    result: dict[str, Any] = {"persona_id": str(of.persona_id), "version": _next_version(of, words)}

    async def write(session: AsyncSession) -> None:
        await profiling.save_backstory(session, workspace_id, args.exploration_id, of, words.backstory, content, origin)

    return Done(result, write)


def _next_version(of: Portrait, words: BackstoryWords) -> int:
    """Return which version the story makes: the same story as before makes none."""
    return of.version + (words.backstory != of.profile.backstory)


async def _consistent_story(
    ctx: JobContext, args: WriteBackstory, of: Portrait, brief: Brief
) -> tuple[Asked[BackstoryWords], list[Contradiction]]:
    """Return the first story without contradictions, else the one with the fewest."""
    persona = of.profile.known()
    present = persona.pop("backstory", None)
    best: tuple[Asked[BackstoryWords], list[Contradiction]] | None = None
    for rewrite in range(REWRITES + 1):
        data = BackstoryInput(
            brief=brief,
            persona=persona,
            attributes=of.attributes,
            present_backstory=present,
            contradictions=[one.reason for one in best[1]] if best else [],
        )
        key = f"backstory:{rewrite}"
        draw = rewrite * (UNUSABLE_REPLIES + 1)
        asked = await _ask(
            ctx, PERSONA_BACKSTORY, data, of, key=key, seed=args.seed, draw=draw, done=0 if rewrite else 1
        )
        found = backstory.contradictions(
            asked.output.backstory, of.profile, year=clock.now().year, experiences=asked.output.experiences
        )
        if best is None or len(found) < len(best[1]):
            best = (asked, found)
        if not found:
            break
    assert best is not None, "at least one story was written"
    return best


async def _ask(
    ctx: JobContext,
    prompt: Prompt[In, Out],
    data: In,
    of: Portrait,
    *,
    key: str,
    seed: int,
    draw: int = 0,
    done: int = 1,
) -> Asked[Out]:
    """Ask until a reply can be used, a few times at most."""
    again = 0
    while True:
        try:
            return await ctx.ask(
                prompt,
                data,
                key=key + (f":again{again}" if again else ""),
                seed=seed,
                draw=draw + again * 100,
                done=done,
                made_from={"persona_id": str(of.persona_id), "version": of.version},
            )
        except ModelReplyUnusable:
            again += 1
            if again > UNUSABLE_REPLIES:
                raise


def _workspace_of(ctx: JobContext) -> UUID:
    assert ctx.claim.workspace_id is not None, "personas belong to a workspace"
    return ctx.claim.workspace_id


def _origin(ctx: JobContext, prompt: Prompt[Any, Any], seed: int, asked: Sequence[Asked[Any]]) -> Origin:
    first = asked[0]
    return Origin(
        job_id=ctx.claim.job_id,
        model=first.model,
        demonstration=any(one.demonstration for one in asked),
        prompt_name=prompt.name,
        prompt_version=prompt.version,
        seed=seed,
        lineage_id=first.lineage_id,
    )
