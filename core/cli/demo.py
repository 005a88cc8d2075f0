"""`synthetic-people demo`: the main job on a real research brief, over HTTP, with all it needs started."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from core.cli.background import BackgroundNotStarted, RunningStack, running_stack
from core.cli.console import console
from core.cli.demo_summary import print_summary
from core.cli.study import BRIEF, Study, StudySize, run_study
from core.client.client import Client
from core.client.errors import ClientError
from core.client.models import Job
from core.population.schemas import MAX_RESPONDENTS
from core.settings import DEVELOPMENT_PASSWORD, Settings, SettingsInvalid, load_settings

DEFAULT_SEED = 2024
PLAIN_STEP = 0.25
UNITS = {"personas.generate": "personas", "simulations.run": "replies"}


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running.")] = False,
    respondents: Annotated[int, typer.Option(min=1, max=MAX_RESPONDENTS, help="How many respondents.")] = 400,
    personas: Annotated[int, typer.Option(min=1, max=50, help="How many personas.")] = 8,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Same seed, same data.")] = DEFAULT_SEED,
    data_dir: Annotated[Path | None, typer.Option(help="Folder for data; DATA_DIR by default.")] = None,
) -> None:
    """Run the brief `us-economy-mood` from personas to a PDF report, and show what came out."""
    _interrupt_on_signals()
    try:
        settings = load_settings(**({"data_dir": data_dir} if data_dir else {}))
        _run(settings, StudySize(respondents, personas, seed), keep=keep)
    except (SettingsInvalid, BackgroundNotStarted, ClientError, OSError) as error:
        typer.echo(f"synthetic-people: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("synthetic-people: stopped", err=True)
        raise typer.Exit(130) from None


def _run(settings: Settings, size: StudySize, *, keep: bool) -> None:
    started = time.monotonic()
    console.print(f"Brief {BRIEF}: {size.personas} personas, {size.respondents} respondents, seed {size.seed}")
    with running_stack(settings.data_dir, keep=keep, say=console.print) as stack:
        console.print(f"Everything is running after {time.monotonic() - started:.1f} s; API at {stack.web_url}")
        with Client(stack.web_url) as api:
            api.log_in(settings.superadmin_email, settings.superadmin_password)
            with _displays() as show:
                study = run_study(api, size, show)
        path = _save_report(settings.data_dir, study)
        print_summary(study, time.monotonic() - started)
        data_url = f"{stack.web_url}{study.results_path}"
        _print_closing(stack, settings, data_url, keep=keep)
    for line in (f"{stack.web_url}/docs", data_url, str(path)):
        typer.echo(line)


def _save_report(data_dir: Path, study: Study) -> Path:
    folder = data_dir.resolve() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{BRIEF}-{study.results['simulation_id'][-12:]}.pdf"
    fresh = path.with_suffix(".new")
    fresh.write_bytes(study.report)
    fresh.replace(path)
    return path


def _print_closing(stack: RunningStack, settings: Settings, data_url: str, *, keep: bool) -> None:
    if keep or not stack.ours:
        how = f"it was running before (process {stack.pid})"
        if stack.ours:
            how = f"stop it with: kill {stack.pid}"
        console.print(f"The stack is left running; {how}. Log in as {settings.superadmin_email}.")
    else:
        console.print("Stopping; with --keep (make demo ARGS=--keep) the first two addresses below go on answering.")
    console.print("The data wants a token; with one from a login:")
    console.print(data_command(stack.web_url, data_url, settings), markup=False)
    console.print("Docs page, data, report:")


def data_command(web_url: str, data_url: str, settings: Settings) -> str:
    """Return a shell line that logs in and reads the data; a password that somebody chose stays out of it."""
    known = settings.superadmin_password == DEVELOPMENT_PASSWORD
    password = DEVELOPMENT_PASSWORD if known else "'\"$SUPERADMIN_PASSWORD\"'"
    login = f'{{"email":"{settings.superadmin_email}","password":"{password}"}}'
    token = f"curl -s {web_url}/auth/login -H 'Content-Type: application/json' -d '{login}' | cut -d'\"' -f4"
    return f'curl -H "Authorization: Bearer $({token})" {data_url}'


@contextmanager
def _displays() -> Iterator[Any]:
    """Give a bar per job on a terminal, else a line now and then."""
    if not console.is_terminal:
        yield _PlainDisplay
        return
    columns = (
        TextColumn("{task.fields[title]:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        _Seconds(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        yield lambda title: _BarDisplay(progress, progress.add_task("", title=title, unit="", total=None))


class _Seconds(ProgressColumn):
    """How long a job has taken, in the unit of the table of steps; it runs until the job is done."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.elapsed or 0.0:.1f} s")


class _BarDisplay:
    """A job as a bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def __call__(self, job: Job) -> None:
        told = job.progress
        message = job.status if job.done else told.message
        # A job that does not count its steps shows a moving bar until it is done.
        total = told.total or (1 if job.done else None)
        done = total if job.succeeded else told.done
        unit = unit_of(job) if told.total else ""
        self._progress.update(self._task, completed=done, total=total, description=message, unit=unit)
        if job.done:
            self._progress.stop_task(self._task)


class _PlainDisplay:
    """A job as a few lines without control characters."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = -1

    def __call__(self, job: Job) -> None:
        told = job.progress
        share = told.done / told.total if told.total else 0.0
        quarter = int(share / PLAIN_STEP)
        if job.done:
            console.print(f"{self._title}: {job.status} ({told.done}/{told.total}{_unit(job)})")
        elif quarter != self._shown:
            self._shown = quarter
            console.print(f"{self._title}: {told.done}/{told.total}{_unit(job)} {told.message}".rstrip())


def unit_of(job: Job) -> str:
    """Return what a job's progress counts; empty where that is nothing to a reader."""
    return UNITS.get(job.kind, "")


def _unit(job: Job) -> str:
    unit = unit_of(job)
    return f" {unit}" if unit else ""


def _interrupt_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the command as Ctrl-C does: everything that was started is stopped.

    SIGINT too: a shell that starts a command in the background has it ignore that one.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)
