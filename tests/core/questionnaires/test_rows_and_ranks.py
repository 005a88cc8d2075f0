"""Matrices and rankings as they are built, read by later questions, and refused with the place of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.questionnaires.content import order_shown, shown_rows
from core.questionnaires.lint import lint
from core.questionnaires.logic import conditions_of, holds
from core.surveys.elicitation import parts_of
from tests.factories.questionnaires import content, question, stored

BRANDS: dict[str, Any] = {
    "key": "brands", "rows": ["Acme", {"code": "best", "label": "Best"}, {"label": "Other", "pinned": True}],
    "scale": {"min": 1, "max": 5, "labels": ["Bad", "Good"]},
}  # fmt: skip
ORDER: dict[str, Any] = {"key": "order", "options": ["Taste", "Price", "Health"]}


def test_a_matrix_is_a_battery_of_rating_questions() -> None:
    made = stored("matrix", **BRANDS)
    assert [(row.code, row.label) for row in made.rows] == [("1", "Acme"), ("best", "Best"), ("3", "Other")]
    assert [(item.key, item.type, item.codes) for item in made.items()][1] == ("brands.best", "likert", tuple("12345"))
    assert made.items()[0].text == "A matrix question? – Acme"


def test_rows_are_shown_in_an_order_of_each_respondents_own_the_pinned_last() -> None:
    made = stored("matrix", **BRANDS, randomise=True)
    orders = {tuple(row.code for row in shown_rows(made, 7, number)) for number in range(50)}
    assert orders == {("1", "best", "3"), ("best", "1", "3")}
    assert order_shown(made, 7, 1) == [row.code for row in shown_rows(made, 7, 1)]


@pytest.mark.parametrize(
    ("type_", "members", "place"),
    [
        ("matrix", {"scale": {"min": 1, "max": 5}}, "rows"),
        ("matrix", {"rows": ["A"]}, "options"),
        ("matrix", {"rows": ["A", "a "], "scale": {"min": 1, "max": 5}}, "rows.1.label"),
        ("matrix", {"rows": [{"code": "2", "label": "A"}, "B"], "scale": {"min": 1, "max": 5}}, "rows.1.code"),
        ("matrix", {"rows": [f"R{n}" for n in range(60)], "options": [f"O{n}" for n in range(11)]}, "rows"),
        ("matrix", {"rows": ["A"], "options": ["Yes", {"label": "No", "exclusive": True}]}, "options.1.exclusive"),
        ("matrix", {"rows": ["A"], "scale": {"min": 1, "max": 5}, "rank_top": 1}, "rank_top"),
        ("ranking", {}, "options"),
        ("ranking", {"options": ["A", "B"], "rank_top": 3}, "rank_top"),
        ("ranking", {"options": ["A", "B"], "rows": ["R"]}, "rows"),
        ("ranking", {"options": ["A", {"label": "None", "exclusive": True}]}, "options.1.exclusive"),
        ("single_choice", {"rows": ["R"]}, "rows"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(type_: str, members: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        content({"type": type_, "text": "Q?"} | members)
    assert place in {".".join(str(part) for part in error.loc[5:]) for error in caught.value.errors}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('brands["best"] == "4"', True),
        ("brands[1] in [1, 2]", True),
        ('brands["3"] == "1"', False),
        ('order[1] == "3"', True),
        ('order[2] != "1"', False),
        ('"2" in order', False),
        ("answered(brands) and answered(order)", True),
    ],
)
def test_later_questions_read_rows_and_places(condition: str, expected: bool) -> None:
    asked = content(
        question("matrix", **BRANDS), question("ranking", **ORDER, rank_top=2), question(key="last", show_if=condition)
    )
    matrix, order, _ = asked.questions()
    answers = parts_of(matrix, {"1": "2", "best": "4"}) | parts_of(order, ["3", "1"])
    assert holds(conditions_of(asked)["last"], answers) is expected
    assert matrix.feeds is ("brands" in condition)


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ('brands == "4"', "brands is a matrix"),
        ('brands["9"] == "4"', "brands has no row '9'"),
        ('brands["best"] == "9"', "brands has no option '9'"),
        ('brands["best"] > 3', "compare it with =="),
        ('order == "1"', "order is a ranking"),
        ('order[3] == "1"', "order ranks 1 to 2"),
        ('"9" in order', "order has no option '9'"),
        ('"1" in brands', "brands is a matrix"),
        ('order["1"]["2"] == "1"', "compares a question's key"),
    ],
)
def test_conditions_that_cannot_be_are_refused(condition: str, wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        content(
            question("matrix", **BRANDS),
            question("ranking", **ORDER, rank_top=2),
            question(key="last", show_if=condition),
        )
    assert any(wrong in error.msg for error in caught.value.errors), caught.value.errors


def test_lint_reads_the_rows_and_the_scale_of_a_matrix() -> None:
    rows = ["The price and taste are right", "Obviously it is fresh", "It is sold nearby"]
    made = content(
        question("matrix", key="a", rows=rows, options=["Poor", "Good", "Very good", "Excellent"], scale=None)
    )
    assert [(one.code, one.field) for one in lint(made, "en")] == [
        ("unbalanced_scale", "options"), ("double_barrelled", "rows.0.label"), ("leading", "rows.1.label"),
    ]  # fmt: skip
    assert lint(made, "de") == []
