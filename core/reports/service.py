"""Operations on reports: start, read, list, gather what one is made from, keep its files, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import FieldError, Invalid
from core.events import service as events
from core.explorations import service as explorations
from core.jobs import counting
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.jobs.shown import ShownStatus, shown_status
from core.lineage import service as lineage
from core.personas import service as personas
from core.population.respondents import follows_shares
from core.population.schemas import PlanDocument
from core.reports import repository
from core.reports.content import ReportContent
from core.reports.errors import ReportNotFound, ReportNotReady
from core.reports.jobs import BUILD_REPORT, BuildReport
from core.reports.models import Report
from core.reports.schemas import MEDIA_TYPES, ReportCreate, ReportRead
from core.reports.survey_content import build_survey_content
from core.reports.survey_input import PersonaFact, PromptFact, QuestionMethod, QuoteGiven, SurveyFacts
from core.storage import service as storage
from core.storage.models import StoredFile
from core.surveys import alarms, outcomes
from core.surveys import service as surveys
from core.surveys.elicitation import MEMORY
from core.surveys.errors import SimulationNotFound
from core.surveys.methods import method_for
from core.surveys.models import Simulation
from core.surveys.prompts import SURVEY_PROMPTS
from core.surveys.schemas import ResultsRead
from core.workspaces import service as workspaces
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

SUBJECT = "report"
SUMMED_UP = ("occupation", "location_state")


async def start(session: AsyncSession, member: Member, exploration_id: UUID, body: ReportCreate) -> JobRead:
    """Write a report and its job.

    Raises Invalid naming the field, ExplorationNotFound, SimulationNotFinished.
    """
    await explorations.get(session, member.workspace_id, exploration_id, hold=True)
    if body.simulation_id is None:
        raise Invalid([FieldError(("body", "simulation_id"), "is needed for a survey report")])
    try:
        simulation = await surveys.get(session, member.workspace_id, exploration_id, body.simulation_id)
    except SimulationNotFound as error:
        raise Invalid([FieldError(("body", "simulation_id"), "is no simulation of this exploration")]) from error
    await surveys.require_finished(session, simulation)
    report = Report(
        workspace_id=member.workspace_id,
        exploration_id=exploration_id,
        kind=body.kind,
        formats=list(dict.fromkeys(body.formats)),
        simulation_id=simulation.id,
        title=simulation.title,
    )
    session.add(report)
    await session.flush()
    job = await jobs.submit(
        session,
        BUILD_REPORT,
        BuildReport(report_id=report.id),
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=exploration_id,
        subject_type=SUBJECT,
        subject_id=report.id,
        options=body.job,
    )
    report.job_id = job.id
    return job


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, report_id: UUID) -> Report:
    """Return a report; raises ExplorationNotFound, ReportNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    found = await repository.find_report(session, workspace_id, report_id, exploration_id)
    if found is None:
        raise ReportNotFound
    return found


async def get_by_id(session: AsyncSession, workspace_id: UUID, report_id: UUID) -> Report:
    """Return a report for a job that names it; raises ReportNotFound when it is gone."""
    found = await repository.find_report(session, workspace_id, report_id)
    if found is None:
        raise ReportNotFound
    return found


async def read(session: AsyncSession, report: Report) -> ReportRead:
    """Return a report's shape, with links to its files once they are there."""
    status = await _status(session, report)
    base = f"/workspaces/{report.workspace_id}/explorations/{report.exploration_id}/reports/{report.id}/files"
    return ReportRead(
        id=report.id,
        exploration_id=report.exploration_id,
        kind=report.kind,
        formats=report.formats,
        simulation_id=report.simulation_id,
        title=report.title,
        status=status,
        demonstration=report.demonstration,
        files={format_: f"{base}/{format_}" for format_ in report.formats} if status == "succeeded" else {},
        job_id=report.job_id,
        created_at=report.created_at,
    )


async def count_by_status(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[ShownStatus, int]:
    """Return how many reports of an exploration have each status."""
    return await counting.by_status(session, repository.job_ids_of(workspace_id, exploration_id))


async def list_for(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[ReportRead]:
    """Return an exploration's reports, newest first."""
    await explorations.get(session, workspace_id, exploration_id)
    found = await repository.list_for_exploration(session, workspace_id, exploration_id, limit, before)
    return [await read(session, report) for report in found]


async def delete(session: AsyncSession, member: Member, exploration_id: UUID, report_id: UUID) -> None:
    """Delete a report and its files; raises ReportNotFound."""
    report = await get(session, member.workspace_id, exploration_id, report_id)
    report.deleted_at = clock.now()
    await storage.delete_for(session, member.workspace_id, report_id)
    data = {"exploration_id": str(exploration_id), "kind": report.kind}
    await record_deleted(session, member, SUBJECT, report.id, data)


async def get_file(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, report_id: UUID, format_: str
) -> StoredFile:
    """Return one of a report's files; raises ReportNotFound, ReportNotReady, FileNotStored."""
    report = await get(session, workspace_id, exploration_id, report_id)
    if await _status(session, report) != "succeeded":
        raise ReportNotReady
    return await storage.get(session, workspace_id, report_id, format_)


async def gather(session: AsyncSession, report: Report) -> ReportContent:
    """Read all that a report rests on and return its content; no number in it comes from a model."""
    assert report.simulation_id is not None
    simulation = await surveys.get_by_id(session, report.workspace_id, report.simulation_id)
    results = await outcomes.read(session, simulation)
    facts = await _facts(session, report, simulation, results)
    quotes = await _quotes(session, simulation)
    quality = await alarms.read(session, simulation, results)
    shown = results.model_dump(mode="json") | {"alarms": quality.model_dump(mode="json")["alarms"]}
    # Where no question was answered there is no model to name, and nothing to mark.
    shown |= {"model": results.model or "none answered", "demonstration": bool(results.demonstration)}
    return build_survey_content(shown, facts, quotes)


async def keep(session: AsyncSession, report: Report, files: Mapping[str, bytes], *, demonstration: bool) -> None:
    """Store a report's files and tell that it is ready, in the transaction that ends its job."""
    found = await get_by_id(session, report.workspace_id, report.id)
    found.demonstration = demonstration
    for format_, data in files.items():
        await storage.put(
            session,
            workspace_id=report.workspace_id,
            subject_type=SUBJECT,
            subject_id=report.id,
            name=format_,
            content_type=MEDIA_TYPES[format_],
            data=data,
        )
    await events.record(
        session,
        type="report.ready",
        workspace_id=report.workspace_id,
        exploration_id=report.exploration_id,
        subject_type=SUBJECT,
        subject_id=report.id,
        job_id=report.job_id,
        data={"formats": sorted(files)},
    )


async def _status(session: AsyncSession, report: Report) -> ShownStatus:
    assert report.job_id is not None
    return shown_status(await jobs.get(session, report.job_id))


async def _facts(session: AsyncSession, report: Report, simulation: Simulation, results: ResultsRead) -> SurveyFacts:
    exploration = await explorations.get(session, simulation.workspace_id, simulation.exploration_id)
    workspace = await workspaces.get(session, simulation.workspace_id)
    brand = workspaces.brand_of(workspace)
    prompts = await lineage.prompts_of(session, simulation.id)
    methods = [
        QuestionMethod(key=question.key, method=method, parameters=_parameters(method, simulation))
        for question in surveys.content_of(simulation).questions()
        for method in [method_for(question, simulation.method)]  # type: ignore[arg-type]  # a Requested
    ]
    return SurveyFacts(
        exploration_title=exploration.title,
        workspace_name=workspace.name,
        brand_name=brand.name if brand is not None else "",
        accent_colour=brand.accent_colour if brand is not None else "",
        questionnaire_title=simulation.title,
        brief=exploration.description,
        made_at=report.created_at,
        answered_at=simulation.created_at,
        language=simulation.language,
        personas=await _persona_facts(session, simulation, results),
        methods=methods,
        default_method=simulation.method,
        prompts=[PromptFact(name=name, version=str(version)) for _, name, version in prompts],
        embedding_model=", ".join(await surveys.embedding_models(session, simulation)),
        temperature=_temperature(prompts),
        memory=MEMORY,
        seed=simulation.seed,
        sample_source=_sample_source(simulation),
    )


def _temperature(prompts: Sequence[tuple[str, str, int]]) -> float | None:
    """Return the temperature the model was asked with, None where prompts of other releases may have had another."""
    known = {(prompt.name, prompt.version): prompt.temperature for prompt in SURVEY_PROMPTS}
    found = {known.get((name, version)) for _, name, version in prompts}
    return found.pop() if len(found) == 1 else None


def _sample_source(simulation: Simulation) -> str:
    """Say how respondents were drawn, as `core.population.respondents` does it."""
    plan = PlanDocument.model_validate(simulation.plan) if simulation.plan else None
    by_share = plan is None or follows_shares(plan, [row.weight for row in plan.allocation])
    if plan is not None and plan.targets is not None and by_share:
        return (
            "Respondents were drawn from the joint cells of the population plan, as many for each persona as its share "
            "of the population says; each is modelled on the persona nearest to them, above all in age and gender, and "
            "answers with attributes of their own."
        )
    if plan is not None and plan.targets is not None:
        return (
            "Each persona has the respondents that the population plan gives it, drawn from the joint cells nearest "
            "to it, with attributes of their own and a weight that restores the persona’s share of the population."
        )
    if by_share and all(part["weight"] is None for part in simulation.personas):
        return "Respondents were drawn around the personas in equal parts, as no persona has a population weight."
    if by_share:
        return "Respondents were drawn around the personas, in proportion to their population weights."
    return (
        "Each persona has the respondents that the population plan gives it, with a weight that restores its share of "
        "the population."
    )


def _parameters(method: str, simulation: Simulation) -> dict[str, str | int | float | bool]:
    recorded: Mapping[str, Any] = simulation.parameters
    if method == "ssr":
        return {"rating_temperature": recorded["ssr_temperature"], "epsilon": recorded["ssr_epsilon"]}
    return {"draws": recorded["distribution_draws"]} if method == "distribution" else {}


async def _persona_facts(session: AsyncSession, simulation: Simulation, results: ResultsRead) -> list[PersonaFact]:
    drawn = {one.persona_id: one for one in results.personas}
    return [
        PersonaFact(
            persona_id=str(one.persona_id),
            name=one.name,
            summary=", ".join(str(one.profile[trait]) for trait in SUMMED_UP if one.profile.get(trait)),
            attributes={str(name): str(value) for name, value in one.attributes.items()},
            n=drawn[one.persona_id].n,
            weight=drawn[one.persona_id].share,
        )
        for one in await personas.snapshots(session, simulation.workspace_id, surveys.persona_versions(simulation))
    ]


async def _quotes(session: AsyncSession, simulation: Simulation) -> dict[str, list[QuoteGiven]]:
    names = surveys.persona_names(simulation)
    found: dict[str, list[QuoteGiven]] = {}
    for question in surveys.content_of(simulation).questions():
        if question.type == "open_ended":
            found[question.key] = [
                QuoteGiven(
                    text=row.said,
                    persona_name=names.get(row.persona_id, ""),
                    attributes={name: str(value) for name, value in row.attributes.items()},
                    respondent_number=row.number,
                )
                for row in await surveys.list_texts(session, simulation, question.key)
            ]
    return found
