"""Exports: one row per respondent in a fixed order of columns, safe to open, and the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.surveys.export import FORMULA_STARTS, csv_header, csv_rows, jsonl_rows, safe
from core.surveys.responses import AnswerRead, ResponseRead

ADA = UUID(int=1)
NAMES = {ADA: "Ada Moreno"}


def answer(value: Any, **members: Any) -> AnswerRead:
    return AnswerRead(value=value, method="direct", **members)


def response(number: int = 1, attributes: dict[str, Any] | None = None, **answers: AnswerRead) -> ResponseRead:
    return ResponseRead(
        respondent_number=number,
        persona_id=ADA,
        persona_version=2,
        weight=0.5,
        attributes=attributes or {},
        answers=answers,
    )


def table(
    *responses: ResponseRead, attributes: tuple[str, ...] = (), keys: tuple[str, ...] = ("q1", "q2")
) -> list[list[str]]:
    """Return the cells of a CSV export as a reader sees them, header first."""
    lines = [
        csv_header(attributes, keys),
        *csv_rows(responses, attributes, keys, NAMES, model="m-1", demonstration=True),
    ]
    assert all(line.endswith("\r\n") for line in lines)
    return list(csv.reader(io.StringIO("".join(lines), newline=""), strict=True))


def test_columns_stand_in_the_order_of_the_questionnaire() -> None:
    given_back = response(3, {"city": "Lyon", "age": "30"}, q2=answer("b"), q1=answer("a"))
    header, row = table(given_back, attributes=("age", "city", "sex"), keys=("q2", "q1"))
    assert header == [
        "respondent_number", "persona", "persona_version", "weight", "model", "demonstration",
        "a:age", "a:city", "a:sex", "q2", "q1",
    ]  # fmt: skip
    assert row == ["3", "Ada Moreno", "2", "0.5", "m-1", "true", "30", "Lyon", "", "b", "a"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("1", "1"),
        (["1", "3"], "1;3"),
        (["2"], "2"),
        (7, "7"),
        (0, "0"),
        (-1.5, "-1.5"),
        (None, ""),
        ('He said "no";\r\nand, left', 'He said "no";\r\nand, left'),
        ("हाँ 👍", "हाँ 👍"),
        ("=1+1", "'=1+1"),
        ("-1", "'-1"),
        ('@SUM(A1,"x")', '\'@SUM(A1,"x")'),
    ],
)
def test_an_answer_is_one_cell(value: Any, cell: str) -> None:
    [_, row] = table(response(q1=answer(value)))
    assert row[-2:] == [cell, ""]


def test_a_missing_answer_and_one_never_given_are_empty() -> None:
    [_, row] = table(response(q1=answer(None, missing_reason="refused"), other=answer("x")))
    assert row[-2:] == ["", ""]


def test_names_attributes_and_headers_are_no_formulas_either() -> None:
    lines = [
        csv_header(["=x"], ["+q"]),
        *csv_rows(
            [response(attributes={"=x": "@y", "n": -3})],
            ["=x", "n"],
            [],
            {ADA: "=HYPERLINK(1)"},
            model="-m",
            demonstration=False,
        ),
    ]
    header, row = csv.reader(lines)
    assert header[-2:] == ["a:=x", "'+q"]
    assert row == ["1", "'=HYPERLINK(1)", "2", "0.5", "'-m", "false", "'@y", "-3"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_comes_back_and_none_starts_a_formula(text: str) -> None:
    [_, row] = table(response(attributes={"a": text}, q1=answer(text)), attributes=("a",))
    for cell in (row[6], row[7]):
        assert not cell.startswith(FORMULA_STARTS)
        assert cell == ("'" + text if text.startswith(FORMULA_STARTS) else text)


def test_numbers_are_left_as_they_are() -> None:
    assert [safe(value) for value in (-5, -0.5, None, "a=b", "\tx")] == [-5, -0.5, None, "a=b", "'\tx"]


def test_each_json_line_is_one_response_with_its_model() -> None:
    said = "line\nbreak \u2028 \u0085 =1+1"
    first = response(1, {"city": "Lyon"}, q1=answer(["1", "3"]), q2=answer(said, text=said, probabilities={"a": 1.0}))
    lines = list(
        jsonl_rows([first, response(2, q1=answer(None, missing_reason="invalid"))], model="m", demonstration=False)
    )
    assert [line.count("\n") for line in lines] == [1, 1]
    one, two = map(json.loads, lines)
    assert ResponseRead.model_validate(one) == first
    assert (one["model"], one["demonstration"]) == ("m", False)
    assert two["answers"]["q1"] == {
        "value": None, "method": "direct", "probabilities": None, "text": None, "flags": [], "option_order": None,
        "missing_reason": "invalid",
    }  # fmt: skip


def test_the_same_dataset_makes_the_same_bytes() -> None:
    turned = response(1, {"b": "2", "a": "1"}, q2=answer(1), q1=answer("x"))
    straight = response(1, {"a": "1", "b": "2"}, q1=answer("x"), q2=answer(1))
    assert [*jsonl_rows([turned], model="m", demonstration=True)] == [
        *jsonl_rows([straight], model="m", demonstration=True)
    ]
    assert table(turned, attributes=("a", "b")) == table(straight, attributes=("a", "b"))


def test_a_respondent_is_one_line_to_every_reader() -> None:
    ends = "a" + "".join(chr(code) for code in range(0x110000) if len(f"a{chr(code)}b".splitlines()) > 1) + "b"
    assert {"\x85", "\u2028", "\u2029"} < set(ends)
    given_back = response(1, {f"city{ends}": ends}, q1=answer("a", text=ends))
    (line,) = jsonl_rows([given_back], model=ends, demonstration=False)
    assert line.splitlines() == [line.removesuffix("\n")]
    row = json.loads(line)
    assert (row["attributes"], row["answers"]["q1"]["text"], row["model"]) == ({f"city{ends}": ends}, ends, ends)
