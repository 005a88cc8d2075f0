"""`synthetic-people jobs …`: jobs of any running API, by its address and a token, or of the stack in DATA_DIR."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.cli.console import console
from core.client.client import Client
from core.client.errors import ClientError, JobNotSucceeded
from core.client.models import Job
from core.client.printable import printable
from core.embedded.state import find_running
from core.settings import SettingsInvalid, load_settings

jobs = typer.Typer(name="jobs", help="List, show, watch, cancel and retry jobs.", no_args_is_help=True)
Url = Annotated[
    str | None,
    typer.Option(envvar="SYNTHETIC_PEOPLE_URL", help="Address of the API; the stack in DATA_DIR by default."),
]
Token = Annotated[
    str | None,
    typer.Option(envvar="SYNTHETIC_PEOPLE_TOKEN", help="API key or access token; the superadmin of the settings else."),
]
DataDir = Annotated[Path | None, typer.Option(help="Folder of the running stack; DATA_DIR by default.")]
JobId = Annotated[UUID, typer.Argument(help="Id of the job.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the API answers, as JSON.")]
MOST: Final = 50
LINE: Final = 200
"""Characters of a line of a list."""


@dataclass(frozen=True)
class Where:
    """Which API to speak to, and as whom."""

    url: str | None
    token: str | None
    data_dir: Path | None


@jobs.command("list")
def list_jobs(
    status: Annotated[str | None, typer.Option(help="queued, running, succeeded, failed or cancelled.")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of job, such as simulations.run.")] = None,
    workspace: Annotated[str | None, typer.Option(help="Id of a workspace.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = MOST,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
) -> None:
    """List jobs, newest first."""
    with _client(Where(url, token, data_dir)) as client:
        query = {"status": status, "kind": kind, "workspace_id": workspace, "limit": min(limit, 200)}
        found = [job for job, _ in zip(client.jobs(**query), range(limit), strict=False)]
    if as_json:
        typer.echo(json.dumps([_document(job) for job in found], indent=2))
        return
    _list(found)


@jobs.command()
def show(
    job_id: JobId, as_json: AsJson = False, url: Url = None, token: Token = None, data_dir: DataDir = None
) -> None:
    """Show a job: how it stands, what it took, what it made or why it failed."""
    with _client(Where(url, token, data_dir)) as client:
        job = client.job(job_id)
    _tell(job, as_json=as_json)


@jobs.command()
def watch(job_id: JobId, url: Url = None, token: Token = None, data_dir: DataDir = None) -> None:
    """Print a job's events as they come, until it is done; exits 1 unless it succeeded."""
    with _client(Where(url, token, data_dir)) as client:
        for event in client.stream(job_id):
            told = event.data
            words = [str(told[name]) for name in ("status", "message") if told.get(name)]
            if event.event == "progress":
                words.insert(0, f"{told.get('done')}/{told.get('total')}")
            line = f"{datetime.now().astimezone():%H:%M:%S} {event.event:<8} {' '.join(words)}"
            console.print(printable(line), markup=False)
        job = client.job(job_id)
        if not job.succeeded:
            raise JobNotSucceeded(job)


@jobs.command()
def cancel(job_id: JobId, url: Url = None, token: Token = None, data_dir: DataDir = None) -> None:
    """Ask for a job's end; what it has done is kept."""
    _change(Where(url, token, data_dir), lambda client: client.cancel(job_id))


@jobs.command()
def retry(job_id: JobId, url: Url = None, token: Token = None, data_dir: DataDir = None) -> None:
    """Run a failed or cancelled job again; what was paid for is not asked again."""
    _change(Where(url, token, data_dir), lambda client: client.retry(job_id))


def _change(where: Where, change: Callable[[Client], Job]) -> None:
    with _client(where) as client:
        job = change(client)
    asked = ", its end is asked for" if job.cancel_requested_at and not job.done else ""
    console.print(printable(f"{job.kind} {job.id}: {job.status}{asked}"), markup=False)


def _tell(job: Job, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_document(job), indent=2))
        return
    used = job.usage
    cost = "unknown" if used.cost_usd is None else f"${used.cost_usd}"
    rows = {
        "Job": str(job.id),
        "Kind": job.kind,
        "Status": f"{job.status}, attempt {job.attempt} of {job.max_attempts}",
        "Progress": f"{_progress(job)} {job.progress.message}".strip(),
        "Subject": f"{job.subject_type or ''} {job.subject_id or ''}".strip(),
        "Made": f"{job.created_at:%Y-%m-%d %H:%M:%S %Z}",
        "Ended": f"{job.finished_at:%Y-%m-%d %H:%M:%S %Z}" if job.finished_at else "",
        "Calls": f"{used.calls:,}, {used.input_tokens:,} tokens in, {used.output_tokens:,} out, cost {cost}",
        "Result": json.dumps(job.result) if job.result else "",
        "Error": f"{job.error.get('code')}: {job.error.get('detail')}" if job.error else "",
    }
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(name, _told(value))
    console.print(table)


def _told(value: str) -> str:
    """Return a text of the API's as it is shown in a table."""
    return escape(printable(value))


def _list(found: list[Job]) -> None:
    """Print a line for each job, however narrow the terminal is: lines can be searched and cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Id", "Kind", "Status", "Progress", "Made (UTC)", "Error"):
        table.add_column(name, no_wrap=True)
    for job in found:
        error = str((job.error or {}).get("code", ""))
        made = f"{job.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        table.add_row(str(job.id), _told(job.kind), job.status, _progress(job), made, _told(error))
    Console(highlight=False, width=LINE).print(table)


def _progress(job: Job) -> str:
    return f"{job.progress.done}/{job.progress.total}" if job.progress.total else ""


def _document(job: Job) -> dict[str, Any]:
    return job.model_dump(mode="json")


@contextmanager
def _client(where: Where) -> Iterator[Client]:
    """Give a client that is let in; a refusal of the API ends the command with what it says."""
    try:
        with _connected(where) as client:
            yield client
    except (ClientError, SettingsInvalid) as error:
        typer.echo(f"synthetic-people: {printable(str(error), lines=True)}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@contextmanager
def _connected(where: Where) -> Iterator[Client]:
    if where.url is not None:
        if where.token is None:
            raise SettingsInvalid("SYNTHETIC_PEOPLE_TOKEN (or --token) is not set: an API key or an access token")
        with Client(where.url, token=where.token) as client:
            yield client
        return
    settings = load_settings()
    folder = where.data_dir or settings.data_dir
    running = find_running(folder)
    if running is None or running.web_url is None:
        raise SettingsInvalid(
            f"SYNTHETIC_PEOPLE_URL (or --url) is not set, and no stack is running in {folder.resolve()}:"
            " start it with `synthetic-people up`"
        )
    with Client(running.web_url, token=where.token) as client:
        if where.token is None:
            client.log_in(settings.superadmin_email, settings.superadmin_password)
        yield client
