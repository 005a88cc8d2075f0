from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.targets import TargetsInvalid, cells_from_margins, margins_of, parse_targets

MARGINS = {"age": {"18-29": 0.2, "30+": 0.8}, "gender": {"f": 0.5, "m": 0.5}}


def cell(share: object, **values: object) -> dict[str, object]:
    return {"values": values, "share": share}


def test_margins_become_cells_by_independence() -> None:
    got = parse_targets({"margins": MARGINS})
    assert (got.kind, got.attributes) == ("margins", ("age", "gender"))
    assert [dict(c.values) for c in got.cells] == [
        {"age": age, "gender": gender} for age in ("18-29", "30+") for gender in ("f", "m")
    ]
    assert [c.share for c in got.cells] == pytest.approx([0.1, 0.1, 0.4, 0.4])
    assert got.margins["age"] == pytest.approx(MARGINS["age"])


def test_cells_are_kept_sorted_and_scaled_and_empty_ones_dropped() -> None:
    got = parse_targets({"cells": [cell(0.7 + 5e-7, a="y"), cell(0.3, a="x"), cell(0, a="z")], "margins": None})
    assert [c.values["a"] for c in got.cells] == ["x", "y"]
    assert math.fsum(c.share for c in got.cells) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("raw", "loc", "words"),
    [
        (None, (), "object"),
        ([], (), "object"),
        ({}, (), "either"),
        ({"cells": [cell(1, a="x")], "margins": MARGINS}, (), "either"),
        ({"cells": [cell(1, a="x")], "more": 1}, ("more",), "unknown"),
        ({"cells": []}, ("cells",), "at least one"),
        ({"cells": "x"}, ("cells",), "list"),
        ({"cells": [5]}, ("cells", 0), "object"),
        ({"cells": [{"values": {"a": "x"}}]}, ("cells", 0), "share"),
        ({"cells": [cell(1)]}, ("cells", 0, "values"), "attribute"),
        ({"cells": [cell(1, a=5)]}, ("cells", 0, "values", "a"), "text"),
        ({"cells": [cell(1, a=" ")]}, ("cells", 0, "values", "a"), "text"),
        ({"cells": [cell(1, a="\ud800")]}, ("cells", 0, "values", "a"), "text"),
        ({"cells": [cell(-0.1, a="x")]}, ("cells", 0, "share"), "0 to 1"),
        ({"cells": [cell(math.nan, a="x")]}, ("cells", 0, "share"), "0 to 1"),
        ({"cells": [cell(True, a="x")]}, ("cells", 0, "share"), "0 to 1"),
        ({"cells": [cell("1", a="x")]}, ("cells", 0, "share"), "0 to 1"),
        ({"cells": [cell(0.5, a="x"), cell(0.4, a="y")]}, ("cells",), "sum to 0.9"),
        ({"cells": [cell(0.5, a="x"), cell(0.500002, a="y")]}, ("cells",), "sum to 1"),
        ({"cells": [cell(0.5, a="x"), cell(0.5, a="x")]}, ("cells", 1, "values"), "same cell as number 0"),
        ({"cells": [cell(0.5, a="x"), cell(0.5, b="x")]}, ("cells", 1, "values"), "name a"),
        ({"cells": [cell(0, a=str(n)) for n in range(5001)]}, ("cells",), "5,000"),
        ({"cells": [cell(1, **{f"a{n}": "x" for n in range(21)})]}, ("cells", 0, "values"), "20"),
        ({"margins": {}}, ("margins",), "attribute"),
        ({"margins": {"age": {}}}, ("margins", "age"), "value"),
        ({"margins": {"age": {"x": 0.5}}}, ("margins", "age"), "sum to 0.5"),
        ({"margins": {"age": {"x": 1.5}}}, ("margins", "age", "x"), "0 to 1"),
        ({"margins": {"": {"x": 1}}}, ("margins", ""), "name"),
        ({"margins": {f"a{n}": {"x": 1} for n in range(21)}}, ("margins",), "20"),
        (
            {"margins": {f"a{n}": {str(v): 0.1 for v in range(10)} for n in range(5)}},
            ("margins",),
            "100,000",
        ),
    ],
)
def test_each_fault_is_named_with_its_place(raw: object, loc: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(TargetsInvalid) as caught:
        parse_targets(raw, ("targets",))
    assert ("targets", *loc) in [error.loc for error in caught.value.errors]
    assert any(words in error.msg for error in caught.value.errors)


def test_all_faults_are_told_at_once_and_the_list_is_bounded() -> None:
    with pytest.raises(TargetsInvalid) as caught:
        parse_targets({"cells": [cell(-1, a="x"), cell(2, a=3)]})
    assert len(caught.value.errors) == 3
    with pytest.raises(TargetsInvalid) as caught:
        parse_targets({"cells": [cell(-1, a=str(n)) for n in range(400)]})
    assert len(caught.value.errors) == 50


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cells", "margins", "values", "share", "a"]), inner, max_size=3)
    ),
)


@given(json_values)
def test_any_json_is_either_targets_or_targets_invalid(raw: object) -> None:
    with contextlib.suppress(TargetsInvalid):
        assert math.fsum(c.share for c in parse_targets(raw).cells) == pytest.approx(1)


@given(
    st.dictionaries(
        st.text(max_size=2),
        st.dictionaries(st.text(max_size=2), st.floats(0.01, 1), min_size=1, max_size=4),
        min_size=1,
        max_size=3,
    )
)
def test_margins_survive_the_way_through_cells(raw: dict[str, dict[str, float]]) -> None:
    margins = {a: {v: s / math.fsum(row.values()) for v, s in row.items()} for a, row in raw.items()}
    back = margins_of(cells_from_margins(margins))
    assert back.keys() == margins.keys()
    for name, row in margins.items():
        assert back[name] == pytest.approx(row)


def test_no_margins_no_cells() -> None:
    assert cells_from_margins({}) == ()
    assert margins_of([]) == {}
