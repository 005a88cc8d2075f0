"""Bodies of the jobs that check personas."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.jobs.errors import PermanentError
from core.llm.errors import ModelReplyUnusable
from core.llm.prompts import Prompt
from core.omi.external import ExternalOmi, ExternalTraits
from core.personas import checks, confidence, supporting, verdicts
from core.personas.check_schemas import Verdict, overall
from core.personas.checks import Judged, Origin
from core.personas.jobs import COMPUTE_CONFIDENCE, VALIDATE_TRAITS, ComputeConfidence, ValidateTraits
from core.personas.prompts import PERSONA_EVIDENCE, PERSONA_TRAIT_VERDICTS, TraitsToJudge
from core.stats.sampling import derive_seed31
from worker.context import Asked, JobContext
from worker.outside import ask_outside
from worker.registry import Done, body

# More draws for a reply that cannot be used.
UNUSABLE_REPLIES: Final = 2
SEED: Final = derive_seed31("checks of personas")


@body(VALIDATE_TRAITS)
async def validate_traits(ctx: JobContext, args: ValidateTraits) -> Done:
    """Let rules decide first, then the external co-pilot where there is one, then a model about what is left."""
    workspace_id = ctx.claim.workspace_id
    if workspace_id is None:
        raise PermanentError("Traits are validated in a workspace.")
    async with ctx.scope() as session:
        judged = await checks.gather(session, workspace_id, args.validation_id)
    row = judged.row
    names = list(row.traits)
    decided = verdicts.by_rules(judged.profile, row.traits)
    outside, notice = await _ask_outside(ctx, judged, [name for name in names if name not in decided])
    decided |= outside
    left = [name for name in names if name not in decided]
    await ctx.progress(total=1 if left else 0, message="Traits are judged")
    said: dict[str, Verdict] = {}
    origin: Origin | None = None
    if left:
        asked = await ask_usable(ctx, PERSONA_TRAIT_VERDICTS, _question(judged, left), "verdicts", {"id": str(row.id)})
        said, origin = verdicts.by_model(left, asked.output), origin_of(asked, PERSONA_TRAIT_VERDICTS)
    found = verdicts.together(names, decided, said)

    async def write(session: AsyncSession) -> None:
        await checks.keep_verdicts(session, workspace_id, row.id, found, origin)

    link = f"/workspaces/{workspace_id}/explorations/{row.exploration_id}/personas/traits-validations/{row.id}"
    told = {"validation_id": str(row.id), "valid": overall(found), "link": link}
    return Done(told | {"source": "external" if outside else "built_in", "notice": notice}, write)


async def _ask_outside(ctx: JobContext, judged: Judged, left: list[str]) -> tuple[dict[str, Verdict], str | None]:
    """Return what the external co-pilot holds of traits that no rule decided; without it nothing, and a notice."""
    if not left:
        return {}, None
    asked = _question(judged, left).model_dump(mode="json") | {"exploration_id": str(judged.row.exploration_id)}
    said, notice = await ask_outside(ctx, asked, ExternalTraits, ExternalOmi.judge_traits)
    if said is None:
        return {}, notice
    return verdicts.by_external(left, [(one.name, one.valid, one.reason) for one in said.traits]), None


def _question(judged: Judged, left: list[str]) -> TraitsToJudge:
    """Return what a model is asked: the traits that no rule decided, the others beside them."""
    known = judged.profile.known() | judged.profile.attributes
    if judged.row.persona_id is None and "name" not in judged.row.traits:
        known.pop("name", None)
    return TraitsToJudge(
        brief=judged.brief,
        objective=judged.objective,
        trait_group=judged.row.trait_group,
        traits={name: judged.row.traits[name] for name in left},
        others={name: value for name, value in known.items() if name not in left},
    )


@body(COMPUTE_CONFIDENCE)
async def compute_confidence(ctx: JobContext, args: ComputeConfidence) -> Done:
    """Have a model read which passages bear on a persona's traits, check what it says, and count what is left."""
    workspace_id = ctx.claim.workspace_id
    if workspace_id is None:
        raise PermanentError("Personas belong to a workspace.")
    async with ctx.scope() as session:
        weighed = await supporting.gather(session, workspace_id, args.exploration_id, args.persona_id)
    await ctx.progress(total=1 if weighed.offered else 0, message="Evidence is weighed")
    citations: list[confidence.Citation] = []
    dropped, origin = 0, None
    if weighed.offered:
        passages = {"passage_ids": [str(one.passage_id) for one in weighed.offered.values()]}
        asked = await ask_usable(ctx, PERSONA_EVIDENCE, weighed.question(), "evidence", passages)
        citations, dropped = confidence.checked(asked.output.findings, weighed.offered, list(weighed.traits()))
        origin = origin_of(asked, PERSONA_EVIDENCE)
    result = confidence.computed(
        citations,
        weighed.objective,
        clock.now(),
        attached=weighed.attached,
        dropped=dropped,
        from_brief=weighed.objective_id is None,
    )

    async def write(session: AsyncSession) -> None:
        await supporting.keep(
            session, workspace_id, args.exploration_id, ctx.claim.job_id, weighed, citations, result, origin
        )

    told = {"persona_id": str(weighed.persona_id), "version": weighed.version}
    return Done(told | {"score": result.score, "tier": result.tier}, write)


async def ask_usable(
    ctx: JobContext, prompt: Prompt[Any, Any], data: BaseModel, key: str, made_from: dict[str, Any]
) -> Asked[Any]:
    """Ask until a reply can be used, a few times at most; raises ModelReplyUnusable."""
    again = 0
    while True:
        try:
            return await ctx.ask(
                prompt, data, key=f"{key}:{again}" if again else key, seed=SEED, draw=again, made_from=made_from
            )
        except ModelReplyUnusable:
            again += 1
            if again > UNUSABLE_REPLIES:
                raise


def origin_of(asked: Asked[Any], prompt: Prompt[Any, Any]) -> Origin:
    """Return what made an answer."""
    return Origin(asked.model, asked.demonstration, prompt.name, prompt.version, SEED, asked.lineage_id)
