"""Which files are taken, by what their names say and what they begin with; and names that are safe to keep."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from core.errors import FieldError, Invalid

FileKind = Literal["pdf", "docx", "xlsx", "csv", "txt", "md", "html"]
LONGEST_NAME: Final = 200
MEDIA_TYPES: Final[dict[FileKind, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
}
KINDS: Final[dict[str, FileKind]] = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "csv": "csv",
    "tsv": "csv",
    "txt": "txt",
    "text": "txt",
    "md": "md",
    "markdown": "md",
    "html": "html",
    "htm": "html",
}
"""What the ends of names stand for."""
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_PARTS: Final = {"docx": b"word/document.xml", "xlsx": b"xl/workbook.xml"}
_BEGINNINGS: Final = {
    b"%PDF-": "a PDF",
    _ZIP: "a ZIP archive or an Office document",
    b"PK\x05\x06": "an empty ZIP archive",
    _OLD_OFFICE: "an old or password-protected Office document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a sound, a video or a picture",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"{\\rtf": "an RTF document",
}
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
SNIFFED: Final = 65536
PDF_BEGINS_WITHIN: Final = 1024
# Marks that turn the direction of what follows: with them a name reads as another one.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NOT_IN_NAMES: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file by its safe name and its kind."""

    name: str
    kind: FileKind

    @property
    def stem(self) -> str:
        """The name without its end."""
        return self.name.rpartition(".")[0]

    @property
    def media_type(self) -> str:
        """The media type of its kind, whatever the sender said."""
        return MEDIA_TYPES[self.kind]


def kind_of(media_type: str) -> FileKind:
    """Return the kind of file that has a media type of ours."""
    return next(kind for kind, name in MEDIA_TYPES.items() if name == media_type)


def safe_name(name: str) -> str:
    """Return the last part of a file's name, composed, without what cannot be seen or turns the direction of reading.

    Letters of any script and emoji stay. A long name is cut in front of its end.
    """
    composed = unicodedata.normalize("NFC", _TURNING.sub("", _NOT_IN_NAMES.sub("", name)))
    last = re.split(r"[/\\]", composed)[-1].strip(" .")
    if len(last) <= LONGEST_NAME:
        return last
    stem, dot, end = last.rpartition(".")
    return stem[: LONGEST_NAME - len(end) - 1] + dot + end if dot and len(end) <= 10 else last[:LONGEST_NAME]


def recognise(name: str, data: bytes) -> NamedFile:
    """Return a file's safe name and its kind; raises Invalid naming `file` where name and content do not fit."""
    safe = safe_name(name)
    stem, dot, end = safe.rpartition(".")
    kind = KINDS.get(end.lower()) if dot and stem else None
    if kind is None:
        raise _wrong(f"has no end that is known; there are {', '.join(f'.{one}' for one in KINDS)}")
    if not data.strip():
        raise _wrong("is empty")
    if kind == "pdf":
        _check_pdf(data)
    elif kind in ("docx", "xlsx"):
        _check_office(kind, data)
    else:
        _check_text(kind, data)
    return NamedFile(safe, kind)


def _check_pdf(data: bytes) -> None:
    if b"%PDF-" not in data[:PDF_BEGINS_WITHIN]:
        raise _wrong(f"is no PDF, whatever its name says{_looks_like(data)}")


def _check_office(kind: FileKind, data: bytes) -> None:
    if data.startswith(_OLD_OFFICE):
        raise _wrong(
            f"is protected by a password or of an old version of Office; save it as .{kind} without a password"
        )
    # Names of parts stand in the archive as they are.
    if not data.startswith(_ZIP) or _PARTS[kind] not in data:
        raise _wrong(f"is no .{kind} document, whatever its name says{_looks_like(data)}")


def _check_text(kind: FileKind, data: bytes) -> None:
    if looks := _looks_like(data):
        raise _wrong(f"is no text, whatever its name says{looks}")
    if data.startswith(_WIDE):
        return
    if b"\x00" in data:
        raise _wrong("has NUL bytes, so it is no text")
    head = data[:SNIFFED]
    unreadable = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1b" for byte in head)
    if unreadable > len(head) // 50:
        raise _wrong(f"is no .{kind} text: it has control characters all over")


def _looks_like(data: bytes) -> str:
    found = next((what for begins, what in _BEGINNINGS.items() if data.startswith(begins)), None)
    return f": it begins like {found}" if found else ""


def _wrong(message: str) -> Invalid:
    return Invalid([FieldError(("body", "file"), message)])
