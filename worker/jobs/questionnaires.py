"""Body of the job that drafts a questionnaire."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.jobs.errors import PermanentError
from core.llm.errors import ModelReplyUnusable
from core.questionnaires import generating
from core.questionnaires.drafting import Drafted, checked
from core.questionnaires.jobs import GENERATE_QUESTIONNAIRE, GenerateQuestionnaire
from core.questionnaires.prompts import QUESTIONNAIRE_DRAFT, DraftedQuestionnaire, DraftInput
from core.stats.sampling import derive_seed31
from worker.context import Asked, JobContext
from worker.registry import Done, body

# More drafts of a questionnaire in which something is wrong, and more draws for a reply that cannot be used.
MENDS: Final = 2
UNUSABLE_REPLIES: Final = 2
MISTAKES_TOLD: Final = 20


@body(GENERATE_QUESTIONNAIRE)
async def generate_questionnaire(ctx: JobContext, args: GenerateQuestionnaire) -> Done:
    """Have a questionnaire drafted until nothing is wrong with it, thrice at most; the best draft is saved."""
    workspace_id = ctx.claim.workspace_id
    assert workspace_id is not None, "questionnaires belong to a workspace"

    async def gather() -> tuple[dict[str, Any], tuple[()]]:
        async with ctx.scope() as session:
            return (await generating.gather(session, workspace_id, args)).model_dump(mode="json"), ()

    # Gathered once, so that a rerun asks the same whatever changes meanwhile.
    given = DraftInput.model_validate(await ctx.step("gathered", {}, gather))
    await ctx.progress(total=1, message="The questionnaire is drafted")
    best, foreign = Drafted(), False
    for mend in range(MENDS + 1):
        told = given.model_copy(update={"mistakes": best.warnings()[:MISTAKES_TOLD]})
        asked = await _ask(ctx, args, told, mend)
        drafted = checked(given, asked.output)
        foreign = asked.demonstration and not args.language.lower().startswith("en")
        best = drafted if mend == 0 or drafted.faults < best.faults else best
        if not best.warnings():
            break
    if best.content is None:
        raise PermanentError(
            f"No question of the drafts can be asked. {' '.join(best.wrong[:3])}", code="questionnaire_not_usable"
        )
    warnings = ["The demonstration model writes English only.", *best.warnings()] if foreign else best.warnings()
    made_id = uuid7()

    async def write(session: AsyncSession) -> None:
        await generating.save(session, workspace_id, args, best, made_id)

    return Done({"questionnaire_id": str(made_id), "seed": args.seed, "warnings": warnings}, write)


async def _ask(
    ctx: JobContext, args: GenerateQuestionnaire, data: DraftInput, mend: int
) -> Asked[DraftedQuestionnaire]:
    """Ask until a reply can be used, a few times at most; raises ModelReplyUnusable."""
    for again in range(UNUSABLE_REPLIES + 1):
        try:
            return await ctx.ask(
                QUESTIONNAIRE_DRAFT,
                data,
                key=f"draft:{mend}:{again}",
                seed=derive_seed31(args.seed, "questionnaire"),
                draw=mend * (UNUSABLE_REPLIES + 1) + again,
                done=0 if mend else 1,
                made_from={"exploration_id": str(args.exploration_id)},
            )
        except ModelReplyUnusable:
            if again == UNUSABLE_REPLIES:
                raise
    raise AssertionError
