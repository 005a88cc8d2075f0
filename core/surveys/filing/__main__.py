"""The bounded process that writes a file: a request and then responses on stdin, a line each; the file on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import IO

from pydantic import ValidationError

from core.bounded.inside import Refused, serve_stream
from core.surveys.filing.request import FileRequest
from core.surveys.responses import ResponseRead


def write(source: IO[bytes], target: IO[bytes]) -> None:
    """Write the file that the first line asks for; raises Refused where it is no request."""
    try:
        request = FileRequest.model_validate_json(source.readline())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
    if request.format == "xlsx":
        from core.surveys.filing.workbook import write_workbook

        write_workbook(target, request, _responses(source))
    else:
        from core.surveys.filing.spss import write_sav

        write_sav(target, request, _responses(source))


def _responses(source: IO[bytes]) -> Iterator[ResponseRead]:
    for line in source:
        yield ResponseRead.model_validate_json(line)


if __name__ == "__main__":
    sys.exit(serve_stream(write))
