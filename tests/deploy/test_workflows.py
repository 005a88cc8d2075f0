"""What the workflows and the units of systemd promise; `make check` holds the workflows to their schema besides."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
UNITS = {path.stem: path for path in (ROOT / "deploy" / "systemd").glob("*.service")}
DOCUMENT = (ROOT / "docs" / "deploying.md").read_text()


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow."""
    document: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github" / "workflows" / f"{name}.yml")
    return document


def unit(name: str) -> RawConfigParser:
    """Return a unit of systemd."""
    parser = RawConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parser.read_string(UNITS[name].read_text())
    return parser


def commands(document: dict[str, Any]) -> str:
    """Return all that the steps of a workflow run."""
    return "\n".join(step.get("run", "") for job in document["jobs"].values() for step in job.get("steps", ()))


def test_pushes_and_pull_requests_are_tested() -> None:
    document = workflow("test")
    assert {"push", "pull_request"} <= set(document["on"])
    assert "make test" in commands(document)


def test_the_test_environment_is_deployed_on_push_and_by_hand_once_the_tests_have_passed() -> None:
    document = workflow("deploy")
    assert document["on"]["push"] == {"branches": ["test-environment"]}
    assert "workflow_dispatch" in document["on"]
    assert document["jobs"]["deploy"]["needs"] in document["jobs"]
    assert document["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
    assert "rsync" in commands(document)
    assert "deploy/release.sh" in commands(document)


@pytest.mark.parametrize("name", ["test", "deploy"])
def test_a_workflow_may_read_only_and_runs_pinned_actions(name: str) -> None:
    document = workflow(name)
    assert document["permissions"] == {"contents": "read"}
    used = [step["uses"] for job in document["jobs"].values() for step in job.get("steps", ()) if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_secrets_are_named_in_the_document_and_stand_in_no_command() -> None:
    text = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
    named = set(re.findall(r"secrets\.(\w+)", text))
    assert len(named) >= 4
    assert {name for name in named if f"`{name}`" not in DOCUMENT} == set()
    assert "${{" not in commands(workflow("deploy"))


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_is_shut_in_and_comes_back(name: str) -> None:
    service = unit(name)["Service"]
    assert service["User"] not in ("", "root")
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["ProtectHome"]) == ("yes", "strict", "yes")
    assert (service["CapabilityBoundingSet"], service["Restart"]) == ("", "always")
    assert unit(name)["Unit"]["StartLimitIntervalSec"] == "0"
    assert service["EnvironmentFile"].startswith("/")


def test_the_worker_restarts_with_the_api_and_has_the_time_to_drain() -> None:
    assert unit("synthetic-backend-worker")["Unit"]["PartOf"] == "synthetic-backend.service"
    assert "synthetic-backend-worker.service" in unit("synthetic-backend")["Unit"]["Wants"].split()
    service = unit("synthetic-backend-worker")["Service"]
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) >= Settings.model_fields["worker_grace_s"].default + 35


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_reads_the_units_without_a_word() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, UNITS.values())], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if str(UNITS["synthetic-backend"].parent) in line]
    assert said == []
    assert "Unknown" not in done.stderr
