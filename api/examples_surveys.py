"""Examples of requests on questionnaires and simulations, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

_SECTION: Final = "0198c5a6-11aa-7c68-972a-1c2d3e4f5a10"
_QUESTION: Final = "0198c5a6-4a7c-7c68-972a-1c2d3e4f5a09"

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "create_anchor_set": {
        "name": "Trust, three points",
        "points": 3,
        "sets": [
            ["I would not trust it at all.", "I might trust it.", "I would trust it fully."],
            ["No trust whatever.", "Some trust.", "Complete trust."],
        ],
    },
    "update_anchor_set": {"name": "Trust in three points"},
    "reorder_questionnaire": {"sections": [{"id": _SECTION, "questions": [_QUESTION]}]},
    "create_section": {
        "title": "About you",
        "questions": [{"key": "age", "type": "numeric", "text": "How old are you?"}],
    },
    "update_section": {"title": "About yourself"},
    "create_question": {
        "key": "brands",
        "type": "matrix",
        "text": "How much do you trust each of these brands?",
        "rows": ["Acme", "Bestway"],
        "options": ["Not at all", "Somewhat", "Fully"],
    },
    "update_question": {"text": "How far do you trust each of these brands?"},
    "create_segment": {"name": "Young buyers", "conditions": ["a:age=18-29", ["q:buy=1", "q:buy=2"]]},
    "update_segment": {"name": "Young, and inclined to buy"},
    "extend_simulation": {"n": 200, "job": {"max_cost_usd": 5}},
    "rerun_simulation": {"changes": {"questionnaire": "newest", "method": "direct"}},
    "code_themes": {"question_keys": ["why"], "max_themes": 8},
    "create_weighting": {
        "name": "Census 2021",
        "targets": {"margins": {"gender": {"Female": 0.51, "Male": 0.49}}},
        "cap": 5,
    },
}
