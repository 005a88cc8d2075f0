"""Themes hang on what answers say, not on how the offline model begins its sentences."""

from __future__ import annotations

from core.embedded.offline_model.theming import codebook


def test_the_turns_of_speech_of_answers_are_no_themes() -> None:
    texts = [f"For me it comes down to this: {one}." for one in ("fair value", "good value", "the packaging")]
    texts += ["I could see myself giving it a try.", "I see myself giving value a try.", "Packaging matters."]
    found = codebook({"texts": texts, "question": "Why?", "max_themes": 12}, 1)
    named = " ".join(str(theme["definition"]) for theme in found["themes"]).lower()
    assert "value" in named
    assert not [word for word in ("comes", "down", "myself", "giving") if word in named]
