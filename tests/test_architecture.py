"""Rules of the tree that no other tool holds: each job has a body, each error a row, each setting a line."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import api
import core
import worker
from api.errors import STATUS_OF, status_of
from core.admin.stops import KINDS
from core.db.base import metadata
from core.db.session import asyncpg_url
from core.errors import DomainError
from core.jobs.contract import JobContract
from core.settings import Settings
from worker import registry

ROOT = Path(__file__).resolve().parents[1]
TREES = ("api", "core", "worker", "tests", "alembic")
LONGEST_FILE = 400
LONGEST_ROUTES = 250
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
# Put together, so that this file does not find itself.
LEFT_OPEN = re.compile(
    "|".join(
        (
            r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
            r"# no" + r"qa(?!: [A-Z])",
            r"# type: ig" + r"nore(?!\[)",
            r"Not" + r"ImplementedError",
        )
    )
)


def sources() -> Iterator[Path]:
    """Every Python file of the repository."""
    for tree in TREES:
        yield from (path for path in (ROOT / tree).rglob("*.py") if "__pycache__" not in path.parts)


def relative(paths: Iterator[Path] | list[Path]) -> list[str]:
    """Paths as a reader names them."""
    return sorted(str(path.relative_to(ROOT)) for path in paths)


@pytest.fixture(scope="module")
def modules() -> list[ModuleType]:
    """All modules of the product, imported; entry points excepted."""
    names = [
        found.name
        for package in (api, core, worker)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.endswith("__main__")
    ]
    return [importlib.import_module(name) for name in names]


def subclasses(kind: type[DomainError]) -> set[type[DomainError]]:
    """All classes under `kind`, of this product."""
    below = {one for child in kind.__subclasses__() for one in {child, *subclasses(child)}}
    return {one for one in below if not one.__module__.startswith("tests")}


@pytest.fixture(scope="module")
def contracts(modules: list[ModuleType]) -> dict[str, JobContract[Any]]:
    """The job contracts declared next to their domains, by kind."""
    found = [
        value
        for module in modules
        if re.fullmatch(r"core\.\w+\.jobs", module.__name__)
        for value in vars(module).values()
        if isinstance(value, JobContract)
    ]
    assert [kind for kind, times in Counter(one.kind for one in found).items() if times > 1] == []
    return {one.kind: one for one in found}


def documented(heading: str) -> dict[str, list[str]]:
    """The table under a heading of docs/jobs.md: first cell → the other cells."""
    text = (ROOT / "docs" / "jobs.md").read_text()
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_every_job_kind_has_exactly_one_body(contracts: dict[str, JobContract[Any]]) -> None:
    bodies = {kind: one.contract for kind, one in registry.kinds().items() if not kind.startswith("test")}
    assert contracts
    assert bodies == contracts


def test_every_job_kind_can_be_paused(contracts: dict[str, JobContract[Any]]) -> None:
    assert set(contracts) == KINDS


def test_every_job_kind_is_in_the_docs(contracts: dict[str, JobContract[Any]]) -> None:
    rows = documented("Kinds")
    assert set(rows) == set(contracts)
    for kind, contract in contracts.items():
        subject, result = rows[kind][1], re.findall(r"`(\w+)`", "".join(rows[kind][2:]))
        assert (subject.strip(), tuple(result)) == (contract.subject, contract.result), kind


def test_every_kind_of_error_has_an_http_row() -> None:
    kinds = [one for one in DomainError.__subclasses__() if one.__module__ == "core.errors"]
    assert set(kinds) == set(STATUS_OF)


def test_every_error_has_a_row_and_a_code_of_its_own(modules: list[ModuleType]) -> None:
    assert modules
    errors = subclasses(DomainError)
    final = [one for one in errors if not one.__subclasses__()]
    assert [one.__qualname__ for one in final if not issubclass(one, tuple(STATUS_OF))] == []
    assert [one.__qualname__ for one in errors if "code" not in vars(one)] == []
    codes = Counter(one.code for one in errors)
    assert [code for code, times in codes.items() if times > 1] == []


def test_every_error_code_is_in_the_docs_with_its_status(modules: list[ModuleType]) -> None:
    assert modules
    rows = documented("Error codes over HTTP")
    for one in subclasses(DomainError):
        if issubclass(one, tuple(STATUS_OF)):
            assert rows.get(one.code, ["missing"])[0] == str(status_of(one.__new__(one))), one.code


def test_every_setting_is_in_the_readme_and_the_example() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    in_readme = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    in_example = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(in_readme) == sorted(settings)
    assert sorted(in_example) == sorted(settings)


def test_the_readme_tells_the_defaults() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    computed = {"OPENAI_MODEL", "OPENAI_EMBEDDING_MODEL"}
    for name, told in rows:
        default = Settings.model_fields[name.lower()].default
        if name not in computed:
            shown = ",".join(default) if isinstance(default, list) else str(default)
            assert told == (shown.lower() if isinstance(default, bool) else shown.removesuffix(".0")), name


async def test_every_workspace_table_has_row_level_security_forced(database: str) -> None:
    expected = {table.name for table in metadata.tables.values() if "workspace_id" in table.columns}
    connection = await asyncpg.connect(asyncpg_url(database))
    try:
        rows = await connection.fetch(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
                EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
            """
        )
    finally:
        await connection.close()
    assert expected
    assert {row["relname"] for row in rows} == expected
    assert [row["relname"] for row in rows if not (row["forced"] and row["has_policy"])] == []


def test_files_of_tests_have_names_of_their_own() -> None:
    """Test files stand in no packages: two of one name cannot be collected together."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_files_stay_readable() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources()}
    too_long = [path for path, length in lengths.items() if length > LONGEST_FILE]
    assert relative([path for path in too_long if "versions" not in path.parts]) == []
    routes = ROOT / "api" / "routes"
    assert relative([path for path in routes.glob("*.py") if lengths[path] > LONGEST_ROUTES]) == []


def test_modules_are_named_for_what_they_hold() -> None:
    assert relative([path for path in sources() if {path.stem, path.parent.name} & NAMELESS]) == []


def test_packages_of_core_start_with_a_docstring_only() -> None:
    wrong = []
    for path in (ROOT / "core").glob("*/__init__.py"):
        body = ast.parse(path.read_text()).body
        docstring = body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        if len(body) != 1 or not docstring:
            wrong.append(path)
    assert relative(wrong) == []


def test_nothing_is_left_open() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LEFT_OPEN.search(line)
    ]
    assert found == []


def locked() -> dict[str, set[str]]:
    """The lock file's versions by package."""
    pins = re.findall(r"^([a-z0-9._-]+)(?:\[.*?\])?==([^ ;\\]+)", lock_text(), re.MULTILINE)
    return {name: {version for other, version in pins if other == name} for name, _ in pins}


def lock_text() -> str:
    """The lock file."""
    return (ROOT / "requirements.lock").read_text()


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    assert re.findall(r"^.*(?:://|@ |--(?!hash=)).*$", lock_text(), re.MULTILINE) == []
    entries = re.split(r"\n(?=[a-z0-9])", lock_text().strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_fits_the_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pins = locked()
    for text in [*project["dependencies"], *extras["embedded"], *extras["dev"]]:
        wanted = Requirement(text)
        versions = pins.get(canonicalize_name(wanted.name), set())
        assert versions, f"{text} is not in the lock"
        assert all(wanted.specifier.contains(version) for version in versions), text
