"""What rests on few answers is marked where it is shown; weights are shown where there are any."""

from __future__ import annotations

from typing import Any

import pytest

from core.reports import content as c
from core.reports.render.pdf import render_pdf
from core.reports.survey_content import build_survey_content
from core.reports.survey_input import QuestionResult
from core.reports.survey_questions import question_section
from tests.core.reports import made_up


def _asked(kind: int, *bases: int) -> QuestionResult:
    given = made_up.questions()[kind]
    people = [{**persona, "n": n} for persona, n in zip(given["by_persona"], bases, strict=True)]
    return QuestionResult.model_validate(given | {"by_persona": people})


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_figures_of_small_bases_are_marked_and_of_tiny_ones_in_grey(kind: int) -> None:
    table = question_section(1, _asked(kind, 30, 29, 9), []).blocks[-1]
    assert isinstance(table, c.Table)
    assert [row[1] for row in table.rows] == ["30", "29*", "9**"]
    assert "* fewer than 30 answers" in table.note
    assert "** fewer than 10, in grey" in table.note
    assert [any(isinstance(cell, c.FaintCell) for cell in row) for row in table.rows] == [False, False, True]
    assert all(isinstance(cell, c.FaintCell) for cell in table.rows[2][2:])


def test_bars_of_small_bases_are_marked_too() -> None:
    chart = question_section(1, _asked(0, 30, 10, 9), []).blocks[-1]
    assert isinstance(chart, c.ScaleChart)
    assert [row.detail.partition(",")[0] for row in chart.rows] == ["n 30", "n 10*", "n 9**"]
    assert [row.faint for row in chart.rows] == [False, False, True]
    assert chart.note.startswith("* fewer than 30")


@pytest.mark.parametrize(("bases", "note"), [((30, 31, 99), ""), ((9, 30, 2), "** fewer than 10, in grey")])
def test_only_marks_that_are_used_are_explained(bases: tuple[int, ...], note: str) -> None:
    table = question_section(1, _asked(4, *bases), []).blocks[-1]
    assert isinstance(table, c.Table)
    assert table.note.startswith(note)
    assert bool(table.note) is bool(note)


def _built(*, weighted: bool) -> c.ReportContent:
    questions: list[dict[str, Any]] = made_up.questions()
    for question in questions:
        for row in [*question.get("options", []), *question.get("histogram", [])]:
            row["weighted_count"] = row["count"] * (1.5 if weighted else 1)
    return build_survey_content(made_up.results(questions=questions), made_up.facts())


def _headings(content: c.ReportContent) -> set[str]:
    tables = [block for section in content.sections for block in section.blocks if isinstance(block, c.Table)]
    return {column.label for table in tables for column in table.columns}


def test_weighted_figures_are_shown_where_weights_differ_only() -> None:
    plain, weighted = _built(weighted=False), _built(weighted=True)
    assert "Weighted %" not in _headings(plain)
    assert "Weighted %" in _headings(weighted)
    assert ", weighted" not in plain.model_dump_json().replace("weighted and unweighted", "")
    assert "all respondents weigh the same" in plain.sections[-1].model_dump_json()
    assert "counts each with their weight" in weighted.sections[-1].model_dump_json()


@pytest.mark.parametrize("kind", range(5))
def test_no_answer_leads_where_none_has_weight(kind: int) -> None:
    given = made_up.questions()[kind] | dict.fromkeys(("mean", "median", "sd", "top2", "bottom2", "nps"))
    for row in [*given["options"], *given.get("histogram", [])]:
        row |= {"weighted_count": 0.0, "weighted_pct": None, "ci": None}
    content = build_survey_content(made_up.results(questions=[given]), made_up.facts())
    glance, section = content.sections[:2]
    item = glance.blocks[0]
    assert isinstance(item, c.Glance)
    assert (item.items[0].figure, item.items[0].detail) == ("–", "No weighted figure (all who answered weigh 0)")
    notice, table, people = section.blocks
    assert isinstance(notice, c.Notice)
    assert isinstance(table, c.Table)
    assert isinstance(people, c.Table | c.ScaleChart)
    assert [column.label for column in table.columns][1:4] == ["n", "%", "Weighted %"]
    assert all(str(row[1]) != "0" and row[3] == "–" for row in table.rows)
    assert "weighted" not in people.caption
    assert render_pdf(content).startswith(b"%PDF")


@pytest.mark.parametrize("type_", ["single_choice", "multiple_choice"])
def test_bars_tables_and_personas_have_one_order(type_: str) -> None:
    given = made_up.question("k", type_, "?", ["A", "B", "C", "D"])
    shares = [10.0, 40.0, 16.5, 13.5]
    options = [
        option | {"weighted_pct": share, "pct": share} for option, share in zip(given["options"], shares, strict=True)
    ]
    section = question_section(1, QuestionResult.model_validate(given | {"options": options}), [])
    chart, table, people = section.blocks
    assert isinstance(chart, c.BarChart)
    assert isinstance(table, c.Table)
    assert isinstance(people, c.Table)
    order = [bar.label for bar in chart.bars]
    assert order == (["B", "C", "D", "A"] if type_ == "multiple_choice" else ["A", "B", "C", "D"])
    assert [row[0] for row in table.rows] == [column.label for column in people.columns[2:]] == order
