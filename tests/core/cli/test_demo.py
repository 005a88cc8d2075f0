"""`synthetic-people demo`: the whole of it, small; and how it shows jobs, figures and problems."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pypdfium2 as pdfium
import pytest
from rich.progress import Progress

from core.cli.console import console
from core.cli.demo import _BarDisplay, data_command
from core.cli.demo_summary import leading_figure, print_summary
from core.cli.study import Study
from core.client.models import Job
from core.embedded.processes import PROJECT_ROOT
from core.embedded.state import find_running
from core.reports import content as c
from core.settings import Settings
from tests.core.reports import made_up

GIVEN = ("DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "PORT", "DATA_DIR", "ENVIRONMENT")


def command(data_dir: Path, *options: str) -> list[str]:
    """A small demo in `data_dir`."""
    size = ("--respondents", "12", "--personas", "3")
    return [sys.executable, "-m", "core.cli.main", "demo", "--data-dir", str(data_dir), *size, *options]


def environment(**more: str) -> dict[str, str]:
    """The environment without addresses, as on a fresh machine."""
    return {name: value for name, value in os.environ.items() if name not in GIVEN} | more


def run(data_dir: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a demo to its end."""
    return subprocess.run(
        command(data_dir, *options),
        cwd=PROJECT_ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def test_the_demo_ends_with_docs_data_and_a_pdf_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = run(tmp_path / "data")

    assert done.returncode == 0, done.stdout + done.stderr
    docs, data, path = done.stdout.splitlines()[-3:]
    assert re.fullmatch(r"http://localhost:\d+/docs", docs)
    assert re.fullmatch(r"http://localhost:\d+/workspaces/\S+/simulations/\S+/results", data)
    assert Path(path).is_relative_to(tmp_path / "data")
    pages = pdfium.PdfDocument(Path(path))
    assert len(pages) >= 5
    assert "Simulation: succeeded (36/36 replies)" in done.stdout
    assert re.search(r"^Objective: validated, score \d\d\.\d of 100; components: \d+ clear", done.stdout, re.MULTILINE)
    assert "\x1b" not in done.stdout
    assert find_running(tmp_path / "data") is None


@pytest.mark.slow
def test_a_kept_stack_serves_the_next_demo_and_outlives_a_refusal(tmp_path: Path) -> None:
    kept = run(tmp_path / "data", "--keep")
    state = find_running(tmp_path / "data")
    assert state is not None, kept.stdout + kept.stderr
    try:
        address = kept.stdout.splitlines()[-2]
        assert httpx.get(address, trust_env=False).status_code == 401
        [line] = [line for line in kept.stdout.splitlines() if line.startswith("curl ")]
        read = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=30, check=True)
        results = json.loads(read.stdout)
        assert [question["n"] for question in results["questions"]] == [12] * 5
        drawn = [f"{persona['persona_name']} .* {persona['n']}" for persona in results["personas"]]
        assert [row for row in drawn if not re.search(rf"^{row}$", kept.stdout, re.MULTILINE)] == []
        refused = run(tmp_path / "data", SUPERADMIN_PASSWORD="not the one it started with")
        assert refused.returncode == 1
        assert "POST /auth/login" in refused.stderr
        assert "password" in refused.stderr
        assert find_running(tmp_path / "data") == state
    finally:
        os.kill(state.owner.pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while find_running(tmp_path / "data") is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert find_running(tmp_path / "data") is None


def test_ctrl_c_says_at_once_that_it_stops_and_leaves_nothing_running(tmp_path: Path) -> None:
    many = command(tmp_path / "data", "--respondents", "3000")
    process = subprocess.Popen(
        many, cwd=PROJECT_ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        lines = iter(process.stdout)
        before = next((line for line in lines if line.startswith("Simulation: ")), "")
        state = find_running(tmp_path / "data")
        assert state is not None, before
        process.send_signal(signal.SIGINT)
        after = "".join(lines)
    assert process.wait(timeout=60) == 130
    assert after.index("Stopping at once: waiting for web, worker, model, Valkey and Postgres") < after.index("stopped")
    assert find_running(tmp_path / "data") is None
    assert [name for name, part in state.processes.items() if part.is_alive] == []
    assert "worker has ended" in (tmp_path / "data/logs/up.log").read_text().replace("up       | ", "")


def test_a_bar_names_what_it_counts() -> None:
    progress = Progress(disable=True)
    task = progress.add_task("", title="Simulation", unit="", total=None)
    display = _BarDisplay(progress, task)
    display(job(kind="simulations.run"))
    assert progress.tasks[0].fields["unit"] == "replies"
    display(job(kind="reports.build", status="succeeded", done=True))
    assert (progress.tasks[0].fields["unit"], progress.tasks[0].finished) == ("", True)


def test_a_stack_that_cannot_start_is_told_with_its_log(tmp_path: Path) -> None:
    done = run(tmp_path / "data", DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing")

    assert done.returncode == 1
    assert "The stack ended while starting." in done.stderr
    assert "Migrations failed" in done.stderr


def test_the_terminal_leads_with_the_figures_of_the_report() -> None:
    questions = [{"n_eff": 37.4, "nps": None} | question for question in made_up.questions()]
    [glance] = made_up.survey().sections[0].blocks
    assert isinstance(glance, c.Glance)
    for question, item in zip(questions, glance.items, strict=False):
        figure, beside = leading_figure(question)
        told = f"{figure} ({beside})" if beside else figure
        assert told == f"{item.figure} {item.detail}".strip()
    economy, _ = leading_figure(questions[0])
    assert economy == "60% Much worse or worse"


def test_the_summary_tells_what_the_results_warn_of_and_no_estimate_of_the_plan() -> None:
    counted = ["Incomplete: the run was cancelled.", "55 of 400 respondents are of another gender."]
    results = made_up.results(questions=[], personas=[], warnings=counted)
    plan = {"warnings": ["About 53 of 400 respondents are of another gender."]}
    with console.capture() as captured:
        print_summary(Study(results, "/results", plan, [], b"", []), 1.0)
    told = " ".join(captured.get().split())
    assert all(warning in told for warning in counted)
    assert "About 53" not in told


def test_a_password_that_somebody_chose_is_not_printed() -> None:
    settings = Settings(superadmin_password="correct horse battery staple")
    line = data_command("http://localhost:1", "http://localhost:1/data", settings)
    assert "correct horse" not in line
    assert '"$SUPERADMIN_PASSWORD"' in line


def job(**fields: Any) -> Job:
    """A job as the API shows it."""
    usage = {"calls": 0, "input_tokens": 0, "output_tokens": 0}
    shown = {
        "id": str(uuid4()),
        "kind": "x.y",
        "status": "running",
        "done": False,
        "created_at": "2026-01-01T00:00:00Z",
    }
    return Job.model_validate(shown | {"progress": {"done": 1, "total": 2}, "usage": usage} | fields)
