"""The renderer process is bounded and gives the PDF a client is handed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from core.reports import rendering
from core.reports.errors import RenderFailed, RenderTimeout
from core.reports.rendering import render
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
        "At a glance",
        "20241105",
        "survey_direct 1",
        "37 after",
    ):
        assert said in text
    for asked in made_up.questions():
        assert asked["text"] in text
    assert "“Answer number" in text
    assert "not a margin of error against people" in text


def test_metadata_and_outline_name_the_report(pdf: bytes) -> None:
    document = pdfium.PdfDocument(pdf)
    assert document.get_metadata_dict()["Title"] == "How people feel about the economy – survey report"
    titles = [bookmark.get_title() for bookmark in document.get_toc()]
    document.close()
    assert titles[:3] == ["Cover", "At a glance", "How this was made, and how to read it"]
    assert titles[3:] == [asked["text"] for asked in made_up.questions()]
    assert b"/Lang" in pdf


def test_pages_carry_ink_within_the_margins(pdf: bytes) -> None:
    document = pdfium.PdfDocument(pdf)
    for page in list(document)[1:]:
        image = page.render(scale=0.5, grayscale=True).to_numpy()
        assert (image < 250).mean() > 0.01
        assert (image[:, :20] > 250).all()
        assert (image[:, -20:] > 250).all()
        page.close()
    document.close()


async def test_the_same_content_gives_the_same_bytes(pdf: bytes) -> None:
    assert await render(made_up.survey(), "pdf") == pdf


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


async def test_too_much_output_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _stand_in(monkeypatch, tmp_path, "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 65536)")
    with pytest.raises(RenderFailed, match="wrote more than"):
        await render(made_up.survey(), "pdf", max_bytes=1_000_000, timeout_s=20)


async def test_memory_is_bounded() -> None:
    with pytest.raises(RenderFailed):
        await render(made_up.survey(), "pdf", memory_mb=60)


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
