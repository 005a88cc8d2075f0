"""Names are kept as people read them, and files are what their names say, or refused."""

from __future__ import annotations

import unicodedata

import pytest

from core.errors import Invalid
from core.evidence.files import LONGEST_NAME, recognise, safe_name
from tests.factories.files import pdf, sheets, word

TEXT = b"Fees drive customers away."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\report.pdf", "report.pdf"),
        ("/", ""),
        ("تقرير العملاء.pdf", "تقرير العملاء.pdf"),
        ("דוח.docx", "דוח.docx"),
        ("👩\u200d🔬 study 😀.md", "👩\u200d🔬 study 😀.md"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("\ud800x.txt", "x.txt"),
        (" .. .txt. ", "txt"),
        (unicodedata.normalize("NFD", "Größe.txt"), "Größe.txt"),
        ("x" * 500 + ".pdf", "x" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(name: str, kept: str) -> None:
    assert safe_name(name) == kept


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", pdf("x"), "pdf"),
        ("A.PDF", b"\n\n" + pdf("x"), "pdf"),
        ("a.docx", word("x"), "docx"),
        ("a.xlsx", sheets(A=[["x"]]), "xlsx"),
        ("a.csv", b"a,b", "csv"),
        ("a.tsv", b"a\tb", "csv"),
        ("a.markdown", b"# A", "md"),
        ("a.htm", b"<p>", "html"),
        ("a.txt", TEXT, "txt"),
        ("a.txt", "Größe".encode("utf-16"), "txt"),
        ("a.txt", "Größe".encode("cp1252"), "txt"),
    ],
)
def test_a_file_is_recognised_by_name_and_content(name: str, data: bytes, kind: str) -> None:
    assert recognise(name, data).kind == kind


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.exe", b"MZ", "no end that is known"),
        ("a.docm", word("x"), "no end that is known"),
        ("pdf", pdf("x"), "no end that is known"),
        (".pdf", pdf("x"), "no end that is known"),
        ("", TEXT, "no end that is known"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n ", "empty"),
        ("a.pdf", TEXT, "no PDF"),
        ("a.pdf", word("x"), "ZIP archive or an Office"),
        ("a.docx", pdf("x"), "begins like a PDF"),
        ("a.docx", sheets(A=[["x"]]), r"no \.docx document"),
        ("a.xlsx", OLE, "password"),
        ("a.txt", pdf("x"), "begins like a PDF"),
        ("a.csv", word("x"), "begins like a ZIP"),
        ("a.txt", b"Fees\x00drive", "NUL"),
        ("a.html", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("a.md", bytes(range(1, 32)) * 10, "control characters"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, data: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        recognise(name, data)
    assert refused.value.errors[0].loc == ("body", "file")
