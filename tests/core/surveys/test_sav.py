"""System files as an independent reader reads them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.surveys.filing.sav import Variable, Writer

MADE_AT = datetime(2026, 11, 5, 7, 8, 9, tzinfo=UTC)
READABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300).map(str.rstrip)


def read_back(
    path: Path, variables: Sequence[Variable], rows: Sequence[Sequence[Any]], weight: str | None = None
) -> tuple[dict[str, list[Any]], Any]:
    with path.open("wb") as target:
        writer = Writer(target, variables, title="Oat milk – Île", made_at=MADE_AT, weight=weight)
        for row in rows:
            writer.row(row)
        writer.close()
    return pyreadstat.read_sav(path, user_missing=True, output_format="dict")


def test_a_file_says_what_its_variables_are(tmp_path: Path) -> None:
    variables = [
        Variable("weight", "Weight", decimals=6, measure="scale"),
        Variable(
            "mood", "How are you – é?", labels=((1, "Good"), (2, "Bad"), (-99, "Refused")), missing=(-99, -94),
            measure="ordinal",
        ),
        Variable("said", "What you said", 600),
    ]  # fmt: skip
    data, meta = read_back(tmp_path / "one.sav", variables, [[0.5, 1, "Well…"], [2.5, -99, ""]], "weight")
    assert data == {"weight": [0.5, 2.5], "mood": [1.0, -99.0], "said": ["Well…", ""]}
    assert meta.column_names_to_labels["mood"] == "How are you – é?"
    assert meta.variable_value_labels["mood"] == {1.0: "Good", 2.0: "Bad", -99.0: "Refused"}
    assert meta.missing_ranges["mood"] == [{"lo": -99.0, "hi": -94.0}]
    assert meta.variable_measure["mood"] == "ordinal"
    assert (meta.number_rows, meta.file_encoding, meta.file_label) == (2, "UTF-8", "Oat milk – Île")
    assert meta.creation_time == MADE_AT.replace(tzinfo=None)


def test_the_header_names_the_weight_by_its_first_element(tmp_path: Path) -> None:
    variables = [Variable("city", width=20), Variable("weight")]
    read_back(tmp_path / "one.sav", variables, [["Lyon", 1]], "weight")
    header = (tmp_path / "one.sav").read_bytes()[:84]
    assert int.from_bytes(header[76:80], "little") == 4  # the city takes three elements of eight bytes
    assert int.from_bytes(header[80:84], "little") == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats(-1e300, 1e300), st.integers(-200, 300)), READABLE), max_size=12),
    st.integers(1, 1300),
)
def test_any_number_and_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float | None, str]], width: int
) -> None:
    width = max([width, *(len(said.encode()) for _, said in rows)])
    path = tmp_path_factory.getbasetemp() / "any.sav"
    data, meta = read_back(path, [Variable("number"), Variable("said", width=width), Variable("last")],
                           [(number, said, 7) for number, said in rows])  # fmt: skip
    assert meta.number_rows == len(rows)
    assert data["number"] == [number for number, _ in rows]
    assert data["said"] == [said for _, said in rows]
    assert data["last"] == [7.0] * len(rows)


def test_a_text_is_cut_between_signs(tmp_path: Path) -> None:
    data, _ = read_back(tmp_path / "one.sav", [Variable("said", width=4)], [["aééé"]])
    assert data["said"] == ["aé"]


def test_what_no_file_can_hold_is_refused(tmp_path: Path) -> None:
    for wrong in (Variable("v" * 65), Variable("v", width=32_768)):
        with pytest.raises(ValueError, match="v"):
            read_back(tmp_path / "one.sav", [wrong], [])
