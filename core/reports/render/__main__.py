"""The bounded renderer process: a JSON document {format, content} on stdin, the file's bytes on stdout."""

from __future__ import annotations

import json
import sys

from pydantic import BaseModel, ValidationError

from core.bounded.inside import Refused, serve
from core.reports.content import ReportContent


class _Request(BaseModel):
    format: str
    content: ReportContent


def render(document: bytes) -> bytes:
    """Return the file that a document asks for; raises Refused where it is none."""
    try:
        request = _Request.model_validate(json.loads(document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(f"{where}: {first['msg']}") from None
    except ValueError as error:
        raise Refused(f"not a JSON document: {error}") from None
    if request.format != "pdf":
        raise Refused(f"unknown format {request.format[:40]!r}")
    from core.reports.render.pdf import render_pdf

    return render_pdf(request.content)


if __name__ == "__main__":
    sys.exit(serve(render))
