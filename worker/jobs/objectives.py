"""Body of the jobs on research objectives: gather, ask, judge, save."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.llm.errors import ModelReplyUnusable
from core.objectives import analyzing
from core.objectives.analyzing import Gathered, Origin
from core.objectives.jobs import ANALYZE_OBJECTIVE, CLARIFY_OBJECTIVE, AnalyzeObjective
from core.objectives.prompts import OBJECTIVE_ANALYSIS, ObjectiveReply
from core.stats.sampling import derive_seed31
from worker.context import Asked, JobContext
from worker.registry import Done, body

UNUSABLE_REPLIES: Final = 2
"""More draws for a reply that cannot be used."""


@body(CLARIFY_OBJECTIVE)
@body(ANALYZE_OBJECTIVE)
async def analyze_objective(ctx: JobContext, args: AnalyzeObjective) -> Done:
    """Have an objective taken apart as it is written now, and keep what can be believed of that."""
    workspace_id = ctx.claim.workspace_id
    assert workspace_id is not None, "an objective belongs to a workspace"
    async with ctx.scope() as session:
        gathered = await analyzing.gather(session, workspace_id, args.research_objective_id)
    await ctx.progress(total=1, message="The objective is taken apart")
    seed = derive_seed31(args.seed, "objective")
    asked = await _ask(ctx, args, gathered, seed)
    finding = analyzing.judge_reply(asked.output, gathered)
    origin = Origin(
        model=asked.model,
        demonstration=asked.demonstration,
        prompt_name=OBJECTIVE_ANALYSIS.name,
        prompt_version=OBJECTIVE_ANALYSIS.version,
        seed=seed,
        job_id=ctx.claim.job_id,
        lineage_id=asked.lineage_id,
    )

    async def write(session: AsyncSession) -> None:
        await analyzing.save_analysis(session, workspace_id, args.research_objective_id, finding, origin)

    objective_id = str(args.research_objective_id)
    return Done({"research_objective_id": objective_id, "analysis_id": str(origin.id)}, write)


async def _ask(ctx: JobContext, args: AnalyzeObjective, gathered: Gathered, seed: int) -> Asked[ObjectiveReply]:
    """Ask until a reply can be used, a few times at most."""
    draw = 0
    while True:
        try:
            return await ctx.ask(
                OBJECTIVE_ANALYSIS,
                gathered.data,
                key=f"objective:{draw}",
                seed=seed,
                draw=draw,
                made_from={
                    "research_objective_id": str(args.research_objective_id),
                    "passages": [str(passage_id) for passage_id in gathered.passages.values()],
                },
            )
        except ModelReplyUnusable:
            draw += 1
            if draw > UNUSABLE_REPLIES:
                raise
