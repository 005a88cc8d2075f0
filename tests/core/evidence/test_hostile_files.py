"""Files that want to hurt: each ends with a reason, in little time and memory, and nothing leaves the process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

import pytest

from core.bounded.running import Bounds
from core.evidence import extraction
from core.evidence.extract.__main__ import extract as extract_here
from core.evidence.extraction import BOUNDS, ExtractionHeldUp, NotExtracted, extract
from core.evidence.files import FileKind
from tests.factories.files import XML, encrypted_pdf, many_pages, sheet_xml, sheets, with_part, word

DOCUMENT = "word/document.xml"
SHEET = "xl/worksheets/sheet1.xml"
ZEROS = b"0" * 1_000_000


def xxe(declaration: str, text: str = "&it;") -> bytes:
    """Return a DOCX whose text is an entity."""
    body = (
        f"{XML}{declaration}"
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    )
    return with_part(word("x"), DOCUMENT, body.encode())


def laughs() -> str:
    """Return the declarations of entities that grow a thousand million fold."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY l0 "ha">{levels}<!ENTITY it "&l9;">]>'


def wide(rows: int) -> bytes:
    """Return an XLSX whose rows have their only cell at the far end."""
    return with_part(sheets(A=[["x"]]), SHEET, sheet_xml("A1", *(f"XFD{n}" for n in range(1, rows + 1))))


PASSWD = '<!DOCTYPE a [<!ENTITY it SYSTEM "file:///etc/passwd">]>'
DTD = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">'
BROKEN: list[tuple[str, FileKind, bytes, str]] = [
    ("a part packed too well", "docx", with_part(word("x"), "word/a.xml", [ZEROS] * 20), "file_too_large"),
    ("a file of another machine", "docx", xxe(PASSWD), "file_unsafe"),
    ("a file of the network", "docx", xxe(DTD, "x"), "file_unsafe"),
    ("a thousand million laughs", "docx", xxe(laughs()), "file_unsafe"),
    ("entities in another encoding", "docx", with_part(word("x"), DOCUMENT, PASSWD.encode("utf-16")), "file_unsafe"),
    ("entities in a sheet", "xlsx", with_part(sheets(A=[["x"]]), SHEET, b"<!DOCTYPE a []><a/>"), "file_unsafe"),
    ("a password", "pdf", encrypted_pdf("secret"), "file_encrypted"),
    ("a PDF in name only", "pdf", b"%PDF-1.7\n" + bytes(5000), "file_broken"),
    ("a torn archive", "docx", word("x")[:-40], "file_broken"),
    ("a sheet that is none", "xlsx", with_part(sheets(A=[["x"]]), SHEET, b"<html/>"), "file_without_text"),
    ("a cell of a megabyte", "csv", b'a,"' + b"x" * 1_000_000 + b'"', "file_too_large"),
]


@pytest.mark.parametrize(("kind", "data", "code"), [one[1:] for one in BROKEN], ids=[one[0] for one in BROKEN])
def test_a_broken_file_fails_with_a_reason(kind: FileKind, data: bytes, code: str) -> None:
    made = json.loads(extract_here(json.dumps({"kind": kind, "redact": False}).encode() + b"\n" + data))
    assert made["failed"]["code"] == code
    assert made["failed"]["reason"].endswith(".")


LARGE: list[tuple[str, FileKind, bytes, str]] = [
    ("a zip bomb", "docx", with_part(word("x"), DOCUMENT, [ZEROS] * 110), "file_too_large"),
    ("many pages", "pdf", many_pages(2000), "file_too_large"),
    ("rows as wide as can be", "xlsx", wide(65), "file_too_large"),
    ("a line without an end", "csv", b"a," * 1_000_000, "file_too_large"),
    ("text without an end", "txt", b"word " * 1_010_000, "file_too_large"),
    ("tags without an end", "html", b"<p" * 100_000 + b"<div>" * 100_000, "file_without_text"),
]


@pytest.mark.parametrize(("kind", "data", "code"), [one[1:] for one in LARGE], ids=[one[0] for one in LARGE])
def test_a_large_file_fails_with_a_reason_within_its_bounds(kind: FileKind, data: bytes, code: str) -> None:
    reply, peak_mb, seconds = measured(kind, data)
    assert reply["failed"]["code"] == code
    assert reply["failed"]["reason"].endswith(".")
    assert peak_mb < 150
    assert seconds < 20


@pytest.mark.parametrize(
    "page",
    [b"<!--" * 50_000, b"<![CDATA[" * 50_000 + b"]>", b"<![if" * 100_000, b"<?" * 150_000, b"</p" * 100_000],
    ids=["comments", "sections", "conditions", "instructions", "ends"],
)
def test_markup_without_an_end_costs_no_time(page: bytes) -> None:
    started = time.process_time()
    made = json.loads(extract_here(b'{"kind": "html", "redact": false}\n<p>Seen.</p>' + page))
    assert made["passages"][0][0].startswith("Seen.")
    assert time.process_time() - started < 3


def test_a_marked_section_that_nobody_knows_leaves_the_page_readable() -> None:
    made = json.loads(extract_here(b'{"kind": "html", "redact": false}\n<p>One <![foo[ x ]]> two</p>'))
    assert made["passages"][0][0].endswith("two")


def test_a_sheet_that_says_it_is_huge_is_as_large_as_it_is() -> None:
    data = with_part(sheets(A=[["x"]]), SHEET, sheet_xml("A1:XFD1048576", "A1", "C200000"))
    reply, peak_mb, seconds = measured("xlsx", data)
    assert [position for _, position in reply["passages"]] == [{"sheet": "A", "row": 1, "to_row": 200000}]
    assert (peak_mb < 150, seconds < 20) == (True, True)


MEASURE = """
import runpy, sys
try:
    runpy.run_module("core.evidence.extract", run_name="__main__", alter_sys=True)
finally:
    sys.stderr.write(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
"""


def measured(kind: FileKind, data: bytes) -> tuple[dict[str, Any], float, float]:
    """Run the process as the product does; return its reply, its peak memory in MB and its CPU time in seconds."""
    request = json.dumps({"kind": kind, "redact": False}).encode() + b"\n" + data
    limits = [f"--memory-mb={BOUNDS.memory_mb}", f"--cpu-s={BOUNDS.cpu_s}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", MEASURE, *limits], input=request, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout), int(done.stderr) / 1024, seconds


HOG = "from core.bounded.inside import serve\nimport sys\ndef work(_):\n    {}\nsys.exit(serve(work, shut=True))\n"


async def ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, body: str, bounds: Bounds) -> Exception:
    """Put another program in the extractor's place and return how the call fails."""
    (tmp_path / "stand_in.py").write_text(
        f"import sys\nsys.path.insert(0, {str(extraction.ROOT)!r})\n" + HOG.format(body)
    )
    monkeypatch.setattr(extraction, "MODULE", "stand_in")
    monkeypatch.setattr(extraction, "ROOT", tmp_path)
    with pytest.raises((NotExtracted, ExtractionHeldUp)) as failed:
        await extract("txt", b"x", redact=False, bounds=bounds)
    return failed.value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("return bytes(10**9)", "file_too_large"),
        ("return bytes(10**6)", "file_too_large"),
        ("while True: pass", "file_too_slow"),
        ("return b'no reply'", "file_broken"),
        ("raise ValueError('ada@example.org')", "file_broken"),
        ("import socket; socket.create_connection(('127.0.0.1', 9)); return b''", "file_broken"),
        ("import subprocess; subprocess.run(['true']); return b''", "file_broken"),
        ("open('written', 'w'); return b''", "file_broken"),
    ],
)
async def test_the_process_is_bounded_and_shut_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, body: str, code: str
) -> None:
    error = await ends(monkeypatch, tmp_path, body, Bounds(timeout_s=20, cpu_s=1, memory_mb=200, max_bytes=100_000))
    assert isinstance(error, NotExtracted)
    assert error.code == code
    assert "ada@example.org" not in error.reason
    assert not (tmp_path / "written").exists()


async def test_a_process_that_gets_no_turn_may_be_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    bounds = Bounds(timeout_s=1.0, memory_mb=200, max_bytes=1000)
    assert isinstance(await ends(monkeypatch, tmp_path, "import time; time.sleep(60)", bounds), ExtractionHeldUp)


def test_the_process_gets_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.bounded.running import _environment

    monkeypatch.setenv("JWT_SECRET", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@db")
    assert set(_environment(extraction.ROOT)) <= {
        "PATH", "LANG", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONIOENCODING"
    }  # fmt: skip
