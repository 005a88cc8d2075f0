"""What each kind of file gives, and where in the file it stands."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.evidence.extract.__main__ import extract as extract_here
from core.evidence.extraction import NotExtracted, extract
from core.evidence.files import FileKind
from tests.factories.files import encrypted_pdf, pdf, sheets, with_part, word


def reply(kind: FileKind, data: bytes, *, redact: bool = False) -> dict[str, Any]:
    """Extract without a process of its own."""
    made: dict[str, Any] = json.loads(
        extract_here(json.dumps({"kind": kind, "redact": redact}).encode() + b"\n" + data)
    )
    return made


def given(kind: FileKind, data: bytes) -> list[tuple[str, dict[str, Any]]]:
    return [(text, position) for text, position in reply(kind, data)["passages"]]


def test_a_pdf_is_told_by_its_pages() -> None:
    made = given("pdf", pdf("Fees drive cus-\ntomers\naway.", "Apps keep them."))
    assert made == [
        ("Fees drive customers away.", {"page": 1, "paragraph": 1}),
        ("Apps keep them.", {"page": 2, "paragraph": 1}),
    ]


def test_a_pdf_that_needs_no_password_is_read_though_it_is_encrypted() -> None:
    assert given("pdf", encrypted_pdf("")) == [("Secret fees", {"page": 1, "paragraph": 1})]


def test_a_docx_is_told_by_its_paragraphs_and_the_rows_of_its_tables() -> None:
    made = given("docx", word("Fees", "Größe 😀", table=[["Age", "Share"], ["18-29", "20 %"]]))
    assert made == [
        ("Fees\n\nGröße 😀", {"paragraph": 1, "to_paragraph": 2}),
        ("Age | Share\nAge: 18-29; Share: 20 %", {"table": 1, "row": 1, "to_row": 2}),
    ]


def test_what_a_document_carries_besides_is_passed_over() -> None:
    data = word("Fees")
    for name in ("word/vbaProject.bin", "word/embeddings/inner.docx", "docProps/evil.xml"):
        data = with_part(data, name, b"MZ" * 1000)
    assert given("docx", data) == [("Fees", {"paragraph": 1})]


def test_an_xlsx_is_told_by_sheets_and_rows() -> None:
    moment = datetime(2024, 3, 1, 9, 30, tzinfo=UTC).replace(tzinfo=None)
    rows: list[list[object]] = [["Age", "Since", "Fee"], ["34", date(2024, 3, 1), 1.5], [None], [35, moment, True]]
    made = given("xlsx", sheets(Answers=rows, Empty=[], Notes=[["only one"]]))
    said = "Age | Since | Fee\nAge: 34; Since: 2024-03-01; Fee: 1.5\nAge: 35; Since: 2024-03-01 09:30:00; Fee: yes"
    assert made == [
        (said, {"sheet": "Answers", "row": 1, "to_row": 4}),
        ("only one", {"sheet": "Notes", "row": 1}),
    ]


@pytest.mark.parametrize(
    "text", ["Age;City\n34;Pune, IN\n", "Age\tCity\r\n34\tPune, IN\r\n", 'Age,City\n34,"Pune, IN"']
)
def test_a_csv_is_told_by_its_rows_however_they_are_delimited(text: str) -> None:
    for data in (text.encode("utf-8-sig"), text.encode("utf-16")):
        assert given("csv", data) == [("Age | City\nAge: 34; City: Pune, IN", {"row": 1, "to_row": 2})]


def test_a_page_is_told_by_what_it_shows() -> None:
    page = (
        "<html><head><title>Fees</title><style>p {}</style><script>alert('x')</script><body><h1>A &amp; B</h1>"
        "<p>One\n two<br>three<p>four<table><tr><th>Age<th>Fee<tr><td>34<td>&euro;2</table><!-- hidden -->"
    )
    ((text, position),) = given("html", page.encode())
    assert text == "Fees\n\nA & B\n\nOne two\nthree\n\nfour\n\nAge | Fee\n34 | €2"
    assert position == {"paragraph": 1, "to_paragraph": 5}


def test_a_text_of_an_old_encoding_is_read() -> None:
    assert given("txt", "Größe\x0cnächste".encode("cp1252")) == [
        ("Größe\n\nnächste", {"paragraph": 1, "to_paragraph": 2})
    ]
    page = b'<meta charset="iso-8859-7">' + "αβγ".encode("iso-8859-7")
    assert given("html", page)[0][0] == "αβγ"


def test_personal_data_is_taken_out_of_texts_and_names_of_sheets() -> None:
    data = sheets(**{"a@b.org": [["Mail", "City"], ["ada@example.org", "Pune"]]})
    made = reply("xlsx", data, redact=True)
    assert made["redactions"] == {"e-mail address": 1}
    ((text, position),) = made["passages"]
    assert text == "Mail | City\nMail: [e-mail address removed]; City: Pune"
    assert position["sheet"] == "[e-mail address removed]"


@pytest.mark.parametrize(("kind", "data"), [("pdf", pdf("")), ("docx", word("")), ("html", b"<p> <script>x</script>")])
def test_a_file_without_text_says_so(kind: FileKind, data: bytes) -> None:
    assert reply(kind, data)["failed"]["code"] == "file_without_text"


async def test_the_same_file_gives_the_same_passages_in_a_process_of_its_own() -> None:
    data = pdf(*("Fees are high. " * 3 for _ in range(3)))
    made, again = await asyncio.gather(*(extract("pdf", data, redact=False) for _ in range(2)))
    assert made == again
    assert [[piece.text, piece.position] for piece in made.pieces] == reply("pdf", data)["passages"]
    assert made.extractor.startswith("1 pypdf ")


async def test_a_failure_comes_with_its_code_and_reason() -> None:
    with pytest.raises(NotExtracted, match="password") as refused:
        await extract("pdf", encrypted_pdf("secret"), redact=False)
    assert refused.value.code == "file_encrypted"
