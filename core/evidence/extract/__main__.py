"""The bounded process that extracts: a line of JSON {kind, redact} and a file's bytes on stdin, passages on stdout.

What it writes is {"passages": [[text, position], …], "redactions": {kind: n}, "left_out": […], "extractor": …}, or
{"failed": {"code", "reason"}} where the file cannot be extracted.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Final

from core.bounded.inside import Refused, serve
from core.evidence.extract.reading import Document, Unreadable
from core.evidence.passages import Block, TooMuchText, split
from core.evidence.redaction import redact

VERSION: Final = 1
"""Rises with every change that makes other passages of the same file."""
_LIBRARIES: Final = {"pdf": "pypdf", "docx": "python-docx", "xlsx": "openpyxl"}


def extract(document: bytes) -> bytes:
    """Return what is found in a file as JSON; raises Refused where the request is none."""
    head, _, data = document.partition(b"\n")
    try:
        asked = json.loads(head)
        read, redacts = _reader(str(asked["kind"])), bool(asked["redact"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"no request: {error}") from None
    try:
        made = _made(read(data), asked["kind"], redacts=redacts)
    except Unreadable as error:
        made = _failed(error.code, str(error))
    except TooMuchText as error:
        made = _failed("file_too_large", str(error))
    return json.dumps(made, ensure_ascii=False).encode(errors="replace")


def _made(document: Document, kind: str, *, redacts: bool) -> dict[str, object]:
    redactions: Counter[str] = Counter()
    blocks = _redacted(document.blocks, redactions) if redacts else document.blocks
    pieces = split(blocks)
    if not pieces:
        from core.evidence.extract.pdf import NO_TEXT

        return _failed("file_without_text", f"It {NO_TEXT}." if kind == "pdf" else "There is no text in it.")
    library = _LIBRARIES.get(kind)
    return {
        "passages": [[piece.text, piece.position] for piece in pieces],
        "redactions": dict(redactions),
        "left_out": document.left_out,
        "extractor": f"{VERSION}" + (f" {library} {version(library)}" if library else ""),
    }


def _redacted(blocks: Iterable[Block], redactions: Counter[str]) -> Iterator[Block]:
    for block in blocks:
        text, found = redact(block.text)
        redactions.update(found)
        place = tuple((name, redact(value)[0] if isinstance(value, str) else value) for name, value in block.place)
        yield Block(text, block.unit, block.number, place)


def _failed(code: str, reason: str) -> dict[str, object]:
    return {"failed": {"code": code, "reason": reason}}


def _reader(kind: str) -> Callable[[bytes], Document]:
    if kind == "pdf":
        from core.evidence.extract.pdf import read_pdf

        return read_pdf
    if kind in ("docx", "xlsx"):
        from core.evidence.extract.office import read_docx, read_xlsx

        return read_docx if kind == "docx" else read_xlsx
    from core.evidence.extract.texts import read_csv, read_html, read_text

    return {"csv": read_csv, "txt": read_text, "md": read_text, "html": read_html}[kind]


if __name__ == "__main__":
    # Were it there, openpyxl would load it for its types alone; None is the import system's word for "not there".
    sys.modules["numpy"] = None  # type: ignore[assignment]
    sys.exit(serve(extract, shut=True))
