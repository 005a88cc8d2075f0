"""The `synthetic-people` command: one line of wiring per subcommand."""

import typer

from core.cli.admin import admin
from core.cli.database_url import database_url
from core.cli.demo import demo
from core.cli.doctor import doctor
from core.cli.jobs import jobs
from core.cli.up import up

app = typer.Typer(
    name="synthetic-people",
    help="Run and check the Synthetic People backend.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
app.command()(doctor)
app.command()(demo)
app.command(name="database-url")(database_url)
app.add_typer(admin)
app.add_typer(jobs)

if __name__ == "__main__":
    app()
