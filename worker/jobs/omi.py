"""Bodies of the co-pilot's jobs: chat, guidance, validation, and telling the external service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar, cast, get_args
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.errors import Invalid
from core.jobs.errors import PermanentError, Snooze, TransientError
from core.llm.contract import Call
from core.llm.errors import ModelReplyUnusable
from core.llm.prompts import Prompt
from core.llm.streaming import Hear, partial_member
from core.omi import gathering, rules
from core.omi import service as omi
from core.omi.digest import Digest
from core.omi.external import ExternalFailed, ExternalOmi, ExternalVerdict
from core.omi.jobs import CHAT, GUIDE, NOTIFY, OBSERVE, VALIDATE, Chat, Guide, Notify, Observe, Validate
from core.omi.observing import observe, of_panel
from core.omi.prompts import (
    OMI_CHAT,
    OMI_GUIDANCE,
    OMI_VALIDATE,
    ChatInput,
    GuidanceInput,
    ValidationInput,
)
from core.omi.rules import Issue
from core.omi.stages import STATE_OF, TITLES, OmiState, Stage
from core.personas import paneling
from core.personas.paneling import Panel
from worker.context import Asked, JobContext
from worker.outside import ask_outside, outside
from worker.registry import Done, body
from worker.telling import Teller, telling

UNUSABLE_REPLIES: Final = 2
"""More draws for a reply that cannot be used."""
MOST_OBSERVED: Final = 8
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")


@body(CHAT)
async def chat(ctx: JobContext, args: Chat) -> Done:
    """Gather what is known and was said, once; ask; write the reply with the end of the job."""
    workspace_id, exploration_id = _place(ctx)
    await ctx.progress(total=1, message="OMI thinks about an answer")

    async def gather(session: AsyncSession) -> tuple[gathering.Gathered, dict[str, Any]]:
        said = await omi.message(session, args.session_id, args.message_id)
        found = await gathering.gather(session, workspace_id, exploration_id)
        earlier = await gathering.remembered(session, args.session_id, said.number)
        asked = {"earlier": [turn.model_dump() for turn in earlier], "message": said.content}
        return found, asked | {"reply_id": str(uuid7())}

    kept = await _gathered(ctx, str(args.message_id), gather)
    digest = Digest.model_validate(kept["digest"])
    data = ChatInput.model_validate(
        {"exploration": digest, "observations": observe(digest)[:MOST_OBSERVED], **kept["more"]}
    )
    reply_id = UUID(kept["more"]["reply_id"])
    teller = Teller(ctx, {"message_id": str(reply_id)}, lambda content: partial_member(content, "message"))
    origin = {"session_id": str(args.session_id)}
    async with telling(teller):
        asked = await _ask(ctx, OMI_CHAT, data, "reply", args.seed, origin, hear=teller.hear)
    await teller.finish(asked.output.message)

    async def write(session: AsyncSession) -> None:
        row = await omi.hold(session, args.session_id)
        await omi.say(
            session,
            row,
            asked.output.message,
            type_=asked.output.type,
            data={"source": "built_in", "notice": None} | _made_by(OMI_CHAT, asked, args.seed),
            job_id=ctx.claim.job_id,
            reply_to_id=args.message_id,
            id_=reply_id,
        )

    return Done({"session_id": str(args.session_id), "message_id": str(reply_id)}, write)


@body(GUIDE)
async def guide(ctx: JobContext, args: Guide) -> Done:
    """Guide in a stage: what rules observe is said by code, the prose is the model's."""
    await ctx.progress(total=1, message="OMI looks at the exploration")
    digest = await _digest(ctx)
    stage = _stage(args.stage) if args.stage else digest.stage
    observations = observe(digest)[:MOST_OBSERVED]
    data = GuidanceInput(stage=stage, exploration=digest, observations=observations)
    asked = await _ask(ctx, OMI_GUIDANCE, data, "guidance", args.seed, {"stage": stage})
    reply = asked.output
    state: OmiState = STATE_OF["guidance"]
    told = {
        "stage": stage,
        "next_steps": reply.next_steps,
        "observations": [one.model_dump() for one in observations],
        "source": "built_in",
        "notice": None,
    }

    async def write(session: AsyncSession) -> None:
        await omi.say_to(
            session,
            args.exploration_id,
            args.author_id,
            "guidance",
            reply.message,
            state=state,
            data=told | _made_by(OMI_GUIDANCE, asked, args.seed),
            job_id=ctx.claim.job_id,
        )

    return Done(told | {"message": reply.message, "omi_state": state}, write)


@body(VALIDATE)
async def validate(ctx: JobContext, args: Validate) -> Done:
    """Validate data: rules first, then the external co-pilot where there is one, else the model for suggestions.

    Whatever else is said, what a rule finds wrong stays wrong.
    """
    await ctx.progress(total=1, message="OMI looks at the data")
    digest = await _digest(ctx)
    stage = _stage(args.stage)
    issues = rules.check(stage, args.data, digest.holdings)
    asked = {"exploration_id": str(args.exploration_id), "stage": stage, "data": args.data}
    verdict, notice = await ask_outside(ctx, asked, ExternalVerdict, ExternalOmi.validate)
    made_by: dict[str, Any] = {}
    if verdict is not None:
        issues += [_external_issue(one.field, one.message, valid=verdict.valid) for one in verdict.issues]
        if not verdict.valid and rules.is_valid(issues):
            issues.append(_external_issue("", "The external co-pilot holds this for invalid.", valid=False))
        suggestions = list(verdict.suggestions)
    else:
        suggestions, remarks, made_by, unusable = await _suggestions(ctx, args, stage, issues, digest)
        notice = " ".join(filter(None, (notice, unusable))) or None
        issues += remarks
    valid = rules.is_valid(issues)
    state: OmiState = STATE_OF["validation"] if valid else STATE_OF["concern"]
    told = {
        "stage": stage,
        "valid": valid,
        "issues": [one.model_dump() for one in issues],
        "suggestions": suggestions,
        "source": "external" if verdict is not None else "built_in",
        "notice": notice,
    }
    message = _verdict_in_words(stage, issues)

    async def write(session: AsyncSession) -> None:
        await omi.say_to(
            session,
            args.exploration_id,
            args.author_id,
            "validation",
            message,
            state=state,
            data=told | made_by,
            job_id=ctx.claim.job_id,
        )

    return Done(told | {"message": message, "omi_state": state}, write)


@body(OBSERVE)
async def look(ctx: JobContext, args: Observe) -> Done:
    """Look at an exploration as it is now, and say what is worth saying of what has come to be."""
    workspace_id, exploration_id = _place(ctx)
    async with ctx.scope() as session:
        gathered = await gathering.gather(session, workspace_id, exploration_id)
        panel = await _panel(session, workspace_id, args)
    digest = await asyncio.to_thread(gathered.compared)
    found = [one for one in observe(digest) if one.code in args.codes]
    wrong = of_panel((await asyncio.to_thread(paneling.judge, panel)).findings) if panel is not None else []
    found = [*wrong, *(one for one in found if not (wrong and one.code == "panel_distinct"))]

    async def write(session: AsyncSession) -> None:
        for one in found:
            await omi.say_in_all(session, exploration_id, one.kind, one.message, {"code": one.code}, ctx.claim.job_id)

    return Done({"codes": [one.code for one in found]}, write)


@body(NOTIFY)
async def notify(ctx: JobContext, args: Notify) -> Done:
    """Tell the external co-pilot of a stage; what may do another time is tried again, and the key makes it harmless."""
    service = outside()
    if service is None:
        raise PermanentError("OMI_BASE_URL is not set any more.", code="omi_not_configured")
    async with ctx.scope() as session:
        if not await omi.is_there(session, args.exploration_id):
            return Done({"stage": args.stage, "number": args.number})  # deleted meanwhile: nobody is to be told of it
    told = args.model_dump(mode="json") | {"type": "stage_changed"}
    try:
        await service.notify(told, f"stage-{args.exploration_id}-{args.number}")
    except ExternalFailed as error:
        if error.opened:
            raise Snooze(error.retry_after_s or 1.0, error.detail, code="omi_unavailable") from error
        if error.passing:
            raise TransientError(error.detail, code="omi_unavailable", retry_after_s=error.retry_after_s) from error
        raise PermanentError(error.detail, code="omi_refused") from error
    return Done({"stage": args.stage, "number": args.number})


async def _panel(session: AsyncSession, workspace_id: UUID, args: Observe) -> Panel | None:
    """Return the personas that a job has made, as far as they are there still; None where there is nothing to judge."""
    if args.generated_by is None:
        return None
    try:
        return await paneling.find(session, workspace_id, args.exploration_id, job_id=args.generated_by)
    except Invalid:  # made before jobs kept what they were asked for
        return None


def _place(ctx: JobContext) -> tuple[UUID, UUID]:
    workspace_id, exploration_id = ctx.claim.workspace_id, ctx.claim.exploration_id
    assert workspace_id is not None, "the co-pilot works in a workspace"
    assert exploration_id is not None, "and in an exploration"
    return workspace_id, exploration_id


def _stage(name: str) -> Stage:
    if name not in get_args(Stage):
        raise PermanentError(f"There is no stage {name!r}.", code="job_args_invalid")
    return cast("Stage", name)


async def _digest(ctx: JobContext) -> Digest:
    workspace_id, exploration_id = _place(ctx)

    async def gather(session: AsyncSession) -> tuple[gathering.Gathered, dict[str, Any]]:
        return await gathering.gather(session, workspace_id, exploration_id), {}

    return Digest.model_validate((await _gathered(ctx, str(ctx.claim.job_id), gather))["digest"])


async def _gathered(
    ctx: JobContext,
    about: str,
    gather: Callable[[AsyncSession], Awaitable[tuple[gathering.Gathered, dict[str, Any]]]],
) -> dict[str, Any]:
    """Gather once for this job: a rerun after a kill asks the same question, and finds the answer paid for."""

    async def call() -> tuple[dict[str, Any], Sequence[Call]]:
        async with ctx.scope() as session:
            found, more = await gather(session)
        digest = await asyncio.to_thread(found.compared)
        return {"digest": digest.model_dump(mode="json"), "more": more}, ()

    kept: dict[str, Any] = await ctx.step("gathered", {"about": about}, call)
    return kept


async def _ask(
    ctx: JobContext,
    prompt: Prompt[In, Out],
    data: In,
    key: str,
    seed: int,
    made_from: dict[str, Any],
    hear: Hear | None = None,
) -> Asked[Out]:
    """Ask until a reply can be used, a few times at most."""
    origin = {"exploration_id": str(ctx.claim.exploration_id)} | made_from
    for draw in range(UNUSABLE_REPLIES):
        with contextlib.suppress(ModelReplyUnusable):
            return await ctx.ask(prompt, data, key=f"{key}:{draw}", seed=seed, draw=draw, made_from=origin, hear=hear)
    last = UNUSABLE_REPLIES
    return await ctx.ask(prompt, data, key=f"{key}:{last}", seed=seed, draw=last, made_from=origin, hear=hear)


def _made_by(prompt: Prompt[Any, Any], asked: Asked[Any], seed: int) -> dict[str, Any]:
    """Return what says by what an answer was made."""
    return {
        "model": asked.model,
        "demonstration": asked.demonstration,
        "prompt_name": prompt.name,
        "prompt_version": prompt.version,
        "seed": seed,
        "lineage_id": str(asked.lineage_id) if asked.lineage_id else None,
    }


def _external_issue(field: str, message: str, *, valid: bool) -> Issue:
    return Issue(
        field=field,
        code="external",
        severity="remark" if valid else "error",
        message=message,
        source="external",
    )


async def _suggestions(
    ctx: JobContext, args: Validate, stage: Stage, issues: Sequence[Issue], digest: Digest
) -> tuple[list[str], list[Issue], dict[str, Any], str | None]:
    """Return suggestions, remarks that decide nothing, what they were made by, and a notice where there is no reply."""
    data = ValidationInput(stage=stage, submitted=args.data, issues=list(issues), exploration=digest)
    try:
        asked = await _ask(ctx, OMI_VALIDATE, data, "suggestions", args.seed, {"stage": stage})
    except ModelReplyUnusable as error:
        mending = [f"Mend {one.field or 'this'}: {one.message}" for one in issues]
        return mending, [], {}, f"The model gave no suggestions ({error.code}); these are the rules' own."
    remarks = [
        Issue(field="", code="remark", severity="remark", message=one, source="model") for one in asked.output.remarks
    ]
    return list(asked.output.suggestions), remarks, _made_by(OMI_VALIDATE, asked, args.seed), None


def _verdict_in_words(stage: Stage, issues: Sequence[Issue]) -> str:
    errors = sum(one.severity == "error" for one in issues)
    warnings = sum(one.severity == "warning" for one in issues)
    counted = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    if errors:
        return f"“{TITLES[stage]}” is not valid yet: {' and '.join(counted)}."
    return f"“{TITLES[stage]}” is valid" + (f", with {counted[0]} to look at." if warnings else ".")
