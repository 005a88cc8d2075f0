"""`synthetic-people up`: start all that is needed in one folder, and stop it in order on Ctrl-C."""

import asyncio
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from core.cli.console import print_addresses, print_line
from core.embedded.stack import AlreadyRunning, Stack, StackOptions, without_password
from core.embedded.state import StackState
from core.mail.delivery import destination
from core.redis.connection import require_entry
from core.settings import DEVELOPMENT_PASSWORD, Settings, SettingsInvalid, load_settings

HANDLED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPING = "stopping: {parts}; running jobs get up to {grace:g} s to end, Ctrl-C again gives them back at once"


def up(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of web; the next free one if it is taken.")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, max=64, help="How many worker processes.")] = 1,
    web: Annotated[bool, typer.Option(help="Start the API.")] = True,
) -> None:
    """Start the API and its workers, with embedded servers for those that no setting names."""
    try:
        settings = load_settings()
        options = StackOptions.from_settings(settings, port=port, workers=workers, web=web)
        if options.redis_url:
            asyncio.run(require_entry(options.redis_url))
    except SettingsInvalid as error:
        raise _fail(str(error)) from None
    stack = Stack(options, print_line)
    _stop_on_signals(stack)
    try:
        with stack:
            rows = [*_describe(stack), ("Mail", destination(settings))]
            print_addresses([*rows, *([("Log in", log_in_with(settings))] if web else [])])
            print_line("up", _connecting(stack))
            print_line("up", "ready; Ctrl-C stops everything")
            in_order = stack.wait()
            print_line("up", stack.failure or _stopping(stack))
    except AlreadyRunning as error:
        print_line("up", str(error))
        if error.state is not None:
            print_addresses([*_describe(error.state), ("Process", str(error.state.owner.pid))])
            print_line("up", _connecting(error.state))
        return
    except KeyboardInterrupt:
        raise _fail("stopped while starting", code=130) from None
    except (RuntimeError, OSError) as error:
        raise _fail(str(error)) from None
    print_line("up", "stopped")
    if not in_order:
        raise typer.Exit(1)


def _stopping(stack: Stack) -> str:
    return STOPPING.format(parts=", ".join(stack.parts), grace=stack.options.worker_grace_s)


def _stop_on_signals(stack: Stack) -> None:
    """Let a signal end the waiting; before the stack is up, let it break off the start."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        if not stack.started:
            raise KeyboardInterrupt
        stack.request_stop()

    for number in HANDLED_SIGNALS:
        signal.signal(number, handle)


def _describe(stack: Stack | StackState) -> list[tuple[str, str]]:
    rows = [("Docs page", f"{stack.web_url}/docs")] if stack.web_url else []
    return [
        *rows,
        ("Data", without_password(stack.database_url)),
        ("Queue", without_password(stack.redis_url)),
        ("Model", stack.openai_base_url or "OpenAI"),
        ("Folder", str(stack.data_dir)),
    ]


def log_in_with(settings: Settings) -> str:
    """Say whom to log in as; a password that somebody chose is not shown."""
    known = settings.superadmin_password == DEVELOPMENT_PASSWORD
    password = DEVELOPMENT_PASSWORD if known else "SUPERADMIN_PASSWORD"
    return f"{settings.superadmin_email} with {password}; an account made before keeps its password"


def _connecting(stack: Stack | StackState) -> str:
    """Say how to reach Postgres, on one line that can be copied; the password is not shown."""
    return f'Postgres: psql "$({_command()} database-url --data-dir {shlex.quote(str(stack.data_dir))})"'


def _command() -> str:
    """Return how this command line is called here."""
    called = Path(sys.argv[0])
    return shlex.quote(str(called)) if called.stem == "synthetic-people" else f"{sys.executable} -m core.cli.main"


def _fail(message: str, code: int = 1) -> typer.Exit:
    typer.echo(f"synthetic-people: {message}", err=True)
    return typer.Exit(code)
