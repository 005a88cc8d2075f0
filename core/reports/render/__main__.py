"""The bounded renderer process: a JSON document {format, content} on stdin, the file's bytes on stdout.

Exit status: 0 done, 2 the input is no report, 3 out of memory, 4 rendering failed; a line on stderr says why.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import sys

from pydantic import BaseModel, ValidationError

from core.reports.content import ReportContent

INVALID, OUT_OF_MEMORY, FAILED = 2, 3, 4


class _Request(BaseModel):
    format: str
    content: ReportContent


def main() -> int:
    """Render the document on stdin and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m core.reports.render")
    parser.add_argument("--memory-mb", type=int, default=1024)
    parser.add_argument("--cpu-s", type=int, default=60)
    arguments = parser.parse_args()
    memory = arguments.memory_mb * 1024 * 1024
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit; the caller's time limit still holds
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (arguments.cpu_s, arguments.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        return _render()
    except MemoryError:
        return _fail(OUT_OF_MEMORY, "out of memory")
    except RecursionError:
        return _fail(FAILED, "the content is nested too deeply")
    except Exception as error:  # noqa: BLE001 -- the edge of the process: whatever it is becomes a status and a line
        return _fail(FAILED, f"{type(error).__name__}: {error}")


def _render() -> int:
    try:
        request = _Request.model_validate(json.loads(sys.stdin.buffer.read()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return _fail(INVALID, f"{where}: {first['msg']}")
    except ValueError as error:
        return _fail(INVALID, f"not a JSON document: {error}")
    if request.format != "pdf":
        return _fail(INVALID, f"unknown format {request.format[:40]!r}")
    from core.reports.render.pdf import render_pdf

    data = render_pdf(request.content)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return 0


def _fail(status: int, reason: str) -> int:
    print(" ".join(reason.split())[:500].encode("ascii", "backslashreplace").decode(), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
