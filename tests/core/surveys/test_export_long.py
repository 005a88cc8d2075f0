"""The long export: a line per respondent and question, with labels and reasons."""

from __future__ import annotations

import csv
import io
from typing import Any

from core.questionnaires.content import Content
from core.surveys.export_long import long_header, long_rows
from core.surveys.responses import ResponseRead
from tests.core.surveys.test_filing import ADA, ASKED, BO, FULL, GAPS, response

NAMES = {ADA: "Ada", BO: "-Bo"}


def lines(*responses: ResponseRead, asked: Content = ASKED) -> list[dict[str, Any]]:
    rows = long_rows(responses, ["+city"], list(asked.questions()), NAMES, model="m-1", demonstration=True)
    text = long_header(["+city"]) + "".join(rows)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_each_answer_is_a_line_with_value_and_label() -> None:
    found = {line["question"]: line for line in lines(FULL)}
    assert [(key, line["value"], line["label"]) for key, line in found.items()] == [
        ("milk", "oat", "'=Oat"),
        ("uses", "1;none", "Tea; None"),
        ("likes", "3", "Very"),
        ("tells", "9", "9"),
        ("litres", "2.5", ""),
        ("balance", "-95", ""),
        ("why", "'=1+1 é", ""),
    ]


def test_each_line_tells_whose_answer_it_is_and_how_it_was_asked() -> None:
    first = lines(FULL)[0]
    assert {name: first[name] for name in ("respondent_number", "persona", "weight", "method", "a:+city", "type")} == {
        "respondent_number": "1", "persona": "Ada", "weight": "1.5", "method": "direct", "a:+city": "'@Lyon",
        "type": "single_choice",
    }  # fmt: skip


def test_a_missing_answer_has_a_reason_and_what_was_not_asked_has_no_line() -> None:
    found = {line["question"]: line["missing_reason"] for line in lines(GAPS)}
    assert (found["milk"], found["tells"]) == ("not_shown", "refused")
    assert [line["question"] for line in lines(response(3, ADA, likes="1"))] == ["likes"]
