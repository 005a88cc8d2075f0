"""Body of the report job: gather, render in a bounded subprocess, keep."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.errors import PermanentError
from core.reports import service
from core.reports.jobs import BUILD_REPORT, BuildReport
from core.reports.rendering import render
from worker.context import JobContext
from worker.registry import Done, body


@body(BUILD_REPORT)
async def build_report(ctx: JobContext, args: BuildReport) -> Done:
    """Build all formats of a report from what is recorded now."""
    if ctx.claim.workspace_id is None:
        raise PermanentError("A report belongs to a workspace.")
    async with ctx.scope() as session:
        report = await service.get_by_id(session, ctx.claim.workspace_id, args.report_id)
        content = await service.gather(session, report)
    await ctx.progress(total=len(report.formats), message="The report is rendered")
    files = {format_: await render(content, format_, timeout_s=120.0) for format_ in report.formats}

    async def write(session: AsyncSession) -> None:
        await service.keep(session, report, files, demonstration=content.demonstration)

    return Done({"report_id": str(report.id), "formats": sorted(files)}, write)
