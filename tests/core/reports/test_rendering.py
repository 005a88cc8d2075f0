"""The renderer process is bounded and gives the PDF a client is handed."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from pypdf import PdfReader
from reportlab.lib.colors import HexColor

from core.reports import rendering
from core.reports.errors import RenderFailed, RenderTimeout
from core.reports.render import theme
from core.reports.rendering import render
from core.reports.survey_content import build_survey_content
from tests.core.reports import made_up


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """The friendly survey as PDF."""
    return asyncio.run(render(made_up.survey(), "pdf"))


def _texts(data: bytes) -> list[str]:
    document = pdfium.PdfDocument(data)
    texts = []
    for page in document:
        text = page.get_textpage()
        texts.append(text.get_text_bounded())
        text.close()
        page.close()
    document.close()
    return texts


def test_every_page_is_numbered_and_marked(pdf: bytes) -> None:
    pages = _texts(pdf)
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert "Demonstration model – not evidence about people" in text


def test_the_report_says_what_was_asked_and_found(pdf: bytes) -> None:
    text = " ".join("\n".join(_texts(pdf)).split())
    for said in (
        "Northfield Insights",
        "22 November 2026",
        "What was asked, and why A bank must decide between two messages.",
        "At a glance",
        "20241105",
        "survey_direct 1",
        "some-embeddings-1",
        "37 after",
        "· Age 50–64 · modelled on Maria Gonzalez",
    ):
        assert said in text
    for asked in made_up.questions():
        assert asked["text"] in text
    assert "“Answer number" in text
    assert "not a margin of error against people" in text


def test_metadata_names_the_report_and_the_day_it_was_made(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == "How people feel about the economy – survey report"
    assert reader.metadata.author == "Synthetic People"
    assert reader.metadata.subject is not None
    assert reader.metadata.subject.startswith("Survey of simulated respondents: Economy module")
    assert reader.metadata.creation_date == made_up.facts().made_at
    assert str(reader.root_object["/Lang"]) == "en"
    assert b"/DisplayDocTitle true" in pdf


def test_the_outline_leads_to_every_question(pdf: bytes) -> None:
    document = pdfium.PdfDocument(pdf)
    entries = {entry.get_title(): entry.get_dest() for entry in document.get_toc()}
    pages = {title: dest.get_index() for title, dest in entries.items() if dest is not None}
    document.close()
    asked = [f"{number}. {question['text']}" for number, question in enumerate(made_up.questions(), start=1)]
    assert list(pages) == ["Cover", "At a glance", *asked, "How this was made, and how to read it"]
    texts = [" ".join(text.split()) for text in _texts(pdf)]
    assert all(
        question["text"] in texts[pages[title]] for title, question in zip(asked, made_up.questions(), strict=True)
    )


def test_no_page_is_nearly_empty_and_questions_share_pages(pdf: bytes) -> None:
    document = pdfium.PdfDocument(pdf)
    assert len(document) <= 1 + len(made_up.questions())
    for page in list(document)[1:-1]:
        image = page.render(scale=0.5, grayscale=True).to_numpy()
        [inked] = (image[25:-30] < 200).any(axis=1).nonzero()
        assert inked.max() > 0.45 * image.shape[0]
        page.close()
    document.close()


async def test_a_question_that_nobody_answered_and_a_single_respondent_are_set() -> None:
    nobody = [{**question, "n": 0, "missing": {"refused": 7}} for question in made_up.questions()]
    one = [{**question, "n": 1, "missing": {}} for question in made_up.questions()]
    for asked, said in ((nobody, "Base: 0 answers · 7 missing (refused 7)"), (one, "Base: 1 answer; a small base")):
        content = build_survey_content(made_up.results(n=1, questions=asked), made_up.facts(), made_up.quotes(1))
        text = " ".join("\n".join(_texts(await render(content, "pdf"))).split())
        assert text.count(said) >= 5


def test_pages_carry_ink_within_the_margins(pdf: bytes) -> None:
    document = pdfium.PdfDocument(pdf)
    for page in list(document)[1:]:
        image = page.render(scale=0.5, grayscale=True).to_numpy()
        assert (image < 250).mean() > 0.01
        assert (image[:, :20] > 250).all()
        assert (image[:, -20:] > 250).all()
        page.close()
    document.close()


async def test_the_same_content_gives_the_same_bytes_and_a_later_day_others(pdf: bytes) -> None:
    content = made_up.survey()
    assert await render(content, "pdf") == pdf
    later = content.model_copy(update={"made_at": content.made_at + timedelta(days=1)})
    assert await render(later, "pdf") != pdf


async def test_hostile_text_is_set_as_text() -> None:
    pages = _texts(await render(made_up.hostile_survey(), "pdf"))
    text = " ".join("\n".join(pages).split())
    assert "<b>bold</b> & </para>" in text
    assert "[6 Devanagari characters]" in text
    assert "grinning face" in text
    assert "Привет" in text
    assert "Partial results" in text
    assert "described in square brackets" in text
    assert "cut and end with" in text
    assert len(pages) < 60


async def test_a_slow_renderer_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _stand_in(
        monkeypatch,
        tmp_path,
        "import os, time, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)",
    )
    started = time.monotonic()
    with pytest.raises(RenderTimeout):
        await render(made_up.survey(), "pdf", timeout_s=1.5)
    assert time.monotonic() - started < 10
    assert not _runs(tmp_path)


async def test_a_cancelled_call_leaves_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _stand_in(
        monkeypatch,
        tmp_path,
        "import os, time, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)",
    )
    task = asyncio.create_task(render(made_up.survey(), "pdf"))
    await asyncio.to_thread(_wait_for_start, tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _runs(tmp_path)


@pytest.mark.parametrize("length", [100_000, 250_000, 1_000_000])
async def test_a_call_cancelled_while_its_document_is_read_leaves_no_error_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, length: int
) -> None:
    _stand_in(
        monkeypatch,
        tmp_path,
        "import os, time, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)",
    )
    errors: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    content = made_up.survey()
    task = asyncio.create_task(render(content.model_copy(update={"title": "x" * length}), "pdf"))
    await asyncio.to_thread(_wait_for_start, tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.1)
    assert errors == []


async def test_too_much_output_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _stand_in(monkeypatch, tmp_path, "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 65536)")
    with pytest.raises(RenderFailed, match="wrote more than"):
        await render(made_up.survey(), "pdf", max_bytes=1_000_000, timeout_s=20)


async def test_memory_is_bounded() -> None:
    with pytest.raises(RenderFailed):
        await render(made_up.survey(), "pdf", memory_mb=40)


async def test_an_unknown_format_is_refused_with_its_name() -> None:
    with pytest.raises(RenderFailed, match="unknown format 'docx'"):
        await render(made_up.survey(), "docx")


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff\xfe", b"{}", b"[" * 100_000, json.dumps({"format": "pdf", "content": {"a": 1}}).encode()],
)
def test_garbage_on_stdin_is_refused_in_one_line(garbage: bytes) -> None:
    command = [sys.executable, "-m", rendering.MODULE]
    done = subprocess.run(command, input=garbage, capture_output=True, cwd=rendering.ROOT, timeout=60, check=False)
    assert done.returncode in {2, 4}
    assert done.stdout == b""
    assert len(done.stderr.decode().strip().splitlines()) == 1


def _wait_for_start(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while not ((folder / "pid").exists() and (folder / "pid").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def _stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """Put another program in the renderer's place."""
    (folder / "stand_in.py").write_text(body)
    monkeypatch.setattr(rendering, "MODULE", "stand_in")
    monkeypatch.setattr(rendering, "ROOT", folder)


def test_a_brand_stands_on_the_cover_in_its_colour() -> None:
    facts = made_up.facts(brand_name="House of Studies", accent_colour="#AA2211")
    content = build_survey_content(made_up.results(), facts)
    assert (content.cover.brand, content.cover.accent) == ("House of Studies", "#AA2211")
    data = asyncio.run(render(content, "pdf"))
    pages = _texts(data)
    assert "House of Studies" in pages[0]
    assert not any("House of Studies" in page for page in pages[1:])
    drawn = PdfReader(io.BytesIO(data)).pages[0].get_contents()
    assert drawn is not None
    assert re.search(rb"\.666667 \.133333 \.066667 rg", drawn.get_data())
    own = theme.ACCENT
    assert f"{own.red:.6f} {own.green:.6f} {own.blue:.6f} rg".replace("0.", ".").encode() not in drawn.get_data()


@pytest.mark.parametrize("colour", ["#FFFF00", "#FFFFFF", "#7FFFD4", "#AA2211", "#000000"])
def test_an_accent_can_be_read_on_white(colour: str) -> None:
    found = theme.readable(HexColor(colour))
    assert 1.05 / (theme.luminance(found) + 0.05) >= 4.5
    assert (found.rgb() == HexColor(colour).rgb()) is (colour in ("#AA2211", "#000000"))
