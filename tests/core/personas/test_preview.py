"""Previews: each trait in one group, as it is; the model's words beside them."""

from __future__ import annotations

from typing import Any

import pytest

from core.personas.preview import GROUPS, preview_content, read_preview, trait_groups
from core.personas.traits import Profile

KNOWN = {"name": "Ada", "occupation": "Nurse", "values": ["family"], "backstory": "Grew up by the sea."}
WORDS: dict[str, Any] = {"title": "A nurse", "one_line_summary": "Ada nurses.", "full_summary": "Ada is a nurse."}


def test_every_trait_is_in_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted([*grouped, "name", "backstory", "attributes"]) == sorted(Profile.model_fields)


def test_groups_hold_what_is_known() -> None:
    assert trait_groups(KNOWN, {"race": "Asian"}) == {
        "work_and_money": {"occupation": "Nurse"}, "character": {"values": ["family"]}, "attributes": {"race": "Asian"},
    }  # fmt: skip


def test_traits_are_told_as_they_are_whatever_the_model_says() -> None:
    groups = trait_groups(KNOWN, {})
    words = read_preview(WORDS | {"groups": {"work_and_money": "A surgeon.", "character": "Kind.\nVery."}}, groups)
    content = preview_content(words, groups)
    assert content["trait_groups"][0] == {
        "name": "work_and_money", "summary": "A surgeon.", "traits": {"occupation": "Nurse"},
    }  # fmt: skip
    assert content["trait_groups"][1]["summary"] == "Kind. Very."


@pytest.mark.parametrize(
    "broken",
    [
        {"groups": {}},
        {"groups": {"work_and_money": "x", "wealth": "y"}},
        {"title": " "},
        {"score": 5},
        {"title": "\u200b"},
    ],
)
def test_a_reply_that_does_not_fit_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's errors are among them
        read_preview(WORDS | {"groups": {"work_and_money": "x"}} | broken, {"work_and_money": {}})
