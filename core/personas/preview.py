"""A persona at a glance: its traits in groups, which code makes, with words for each, which the model writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from core.db.text import readable, storable

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "demographics": ("age_range", "gender", "location_country", "location_state", "geography", "education_level"),
    "household": ("family_size", "marital_status", "accommodation", "mobility"),
    "work_and_money": ("occupation", "income_range", "professional_traits"),
    "daily_life": ("daily_rhythm", "lifestyle", "interests", "hobbies", "digital_activity"),
    "character": ("personality", "values", "motivations", "decision_making_style", "ocean"),
    "buying": (
        "brand_sensitivity",
        "price_sensitivity",
        "purchase_patterns",
        "purchase_channel",
        "preferences",
    ),
}
"""Each trait stands in one group; name and backstory are no traits of a kind, attributes are a group of their own."""
ATTRIBUTES: Final = "attributes"


def _one_line(value: str) -> str:
    return " ".join(value.split())


_Line = AfterValidator(_one_line)
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), _Line, AfterValidator(readable)
]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400), _Line, AfterValidator(readable)
]
Summary = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(storable),
    AfterValidator(readable),
]


class PreviewWords(BaseModel):
    """What the model writes: a title, a line, a summary, and a line on each group of traits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[Title, AfterValidator(storable)]
    one_line_summary: Annotated[Line, AfterValidator(storable)]
    full_summary: Summary
    groups: dict[str, Annotated[Line, AfterValidator(storable)]]


def trait_groups(profile: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the known traits by group, groups without any left out."""
    found = {group: {name: profile[name] for name in names if name in profile} for group, names in GROUPS.items()}
    found[ATTRIBUTES] = dict(attributes)
    return {group: traits for group, traits in found.items() if traits}


def read_preview(reply: Any, groups: Mapping[str, Any]) -> PreviewWords:
    """Return what a reply says; raises ValueError where it lacks something or speaks of other groups."""
    words = PreviewWords.model_validate(reply)
    if set(words.groups) != set(groups):
        raise ValueError(f"groups must have exactly the members {sorted(groups)}")
    return words


def preview_content(words: PreviewWords, groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the preview as JSON: the model's words, and beside them the traits as they are."""
    return {
        "title": words.title,
        "one_line_summary": words.one_line_summary,
        "full_summary": words.full_summary,
        "trait_groups": [
            {"name": name, "summary": words.groups[name], "traits": dict(traits)} for name, traits in groups.items()
        ],
    }
