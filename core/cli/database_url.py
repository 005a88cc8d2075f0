"""`synthetic-people database-url`: the address of the running stack's Postgres, password included."""

from pathlib import Path
from typing import Annotated

import typer

from core.db.session import asyncpg_url
from core.embedded.state import find_running
from core.settings import SettingsInvalid, load_settings


def database_url(
    data_dir: Annotated[Path | None, typer.Option(help="Folder for data; DATA_DIR by default.")] = None,
) -> None:
    """Print the address of the running stack's Postgres with its password, for psql and the like."""
    try:
        folder = data_dir or load_settings().data_dir
    except SettingsInvalid as error:
        raise _fail(str(error)) from None
    running = find_running(folder)
    if running is None:
        raise _fail(f"no stack is running in {folder.resolve()}; start it with `synthetic-people up`")
    typer.echo(asyncpg_url(running.database_url))


def _fail(message: str) -> typer.Exit:
    typer.echo(f"synthetic-people: {message}", err=True)
    return typer.Exit(1)
