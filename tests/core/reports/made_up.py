"""Made-up survey results of every question type, friendly and hostile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.reports.content import ReportContent
from core.reports.survey_content import build_survey_content
from core.reports.survey_input import PersonaFact, PromptFact, QuestionMethod, QuoteGiven, SurveyFacts

NAMES = ["Maria Gonzalez", "Harold Whitfield", "Denise Carter"]
HOSTILE = "<b>bold</b> & </para> <font size=90>x</font> <bogus &amp; &#0; \x00\x07 \ud800 %s {0}"


def question(key: str, type_: str, text: str, labels: list[str], **more: Any) -> dict[str, Any]:
    """Return one question of `Results` whose shares fall evenly from the first option to the last."""
    weights = [len(labels) - place for place in range(len(labels))]
    shares = [100 * weight / sum(weights) for weight in weights]
    codes = labels if type_ == "nps" else [str(place) for place in range(1, len(labels) + 1)]
    options = [
        {
            "code": code,
            "label": label,
            "count": round(4 * share),
            "weighted_count": 4 * share,
            "pct": share,
            "weighted_pct": share,
            "ci": [max(share - 9, 0), min(share + 9, 100)],
        }
        for code, label, share in zip(codes, labels, shares, strict=True)
    ]
    personas = [
        {
            "persona_id": name,
            "persona_name": name,
            "n": 130,
            "mean": 2.5,
            "options": [{"code": code, "pct": share} for code, share in zip(codes, shares, strict=True)],
        }
        for name in NAMES
    ]
    base = {"key": key, "type": type_, "text": text, "n": 390, "missing": {"refused": 10}}
    return {**base, "options": options, "by_persona": personas, **more}


def number(key: str, text: str, labels: list[str], **more: Any) -> dict[str, Any]:
    """Return one numeric question of `Results` whose classes hold the same share each."""
    share = 100 / len(labels)
    bins = [{"label": label, "count": round(4 * share), "pct": share, "weighted_pct": share} for label in labels]
    return question(key, "numeric", text, [], **{"histogram": bins, **more})


def best_worst(key: str, text: str, labels: list[str], **more: Any) -> dict[str, Any]:
    """Return one best-worst question of `Results` whose scores fall evenly from the first option to the last."""
    steps = [1 - 2 * place / max(1, len(labels) - 1) for place in range(len(labels))]
    items = [
        {
            "code": str(place), "label": label, "shown": 1170, "best": round(300 + 200 * step),
            "worst": round(300 - 200 * step), "weighted_shown": 1170.0, "score": step / 3,
            "ci": [step / 3 - 0.1, step / 3 + 0.1], "utility": step, "share": 100 / len(labels) * (1 + step / 2),
        }
        for place, (label, step) in enumerate(zip(labels, steps, strict=True), start=1)
    ]  # fmt: skip
    scores = [{"code": item["code"], "score": item["score"]} for item in items]
    personas = [{"persona_id": name, "persona_name": name, "n": 130, "max_diff": scores} for name in NAMES]
    base = {"key": key, "type": "max_diff", "text": text, "n": 390, "n_eff": 41.0, "missing": {"refused": 10}}
    return {**base, "options": [], "max_diff": items, "by_persona": personas, **more}


def questions() -> list[dict[str, Any]]:
    """Return one question of each type."""
    scale = ["Much worse", "Worse", "The same", "Better", "Much better"]
    return [
        question("economy", "likert", "How is the economy?", scale, mean=2.3, sd=1.1, top2=20.0, bottom2=60.0),
        question("worry", "single_choice", "What worries you most?", ["Prices", "Jobs", "Rent"]),
        question("cut", "multiple_choice", "Where did you cut back?", ["Food", "Travel", "None of these"]),
        question(
            "nps",
            "nps",
            "Would you recommend it?",
            [str(n) for n in range(11)],
            nps={"value": -51, "ci": [-66, -36]},
        ),
        number("family", "How many depend on you?", ["0", "1", "2"], mean=1.2, median=1, sd=0.9, min=0, max=2),
        {"key": "why", "type": "open_ended", "text": "What changed?", "n": 371, "missing": {"invalid": 29}},
        best_worst("bank", "What matters in a bank?", ["Low fees", "Advice", "An app", "Branches", "Name", "Hours"]),
    ]


def results(**changes: Any) -> dict[str, Any]:
    """Return `Results` of a finished demonstration."""
    return {
        "simulation_id": "5b3c7c52-6ad6-4cf1-93b4-1f9a1d3a0001",
        "status": "succeeded",
        "complete": True,
        "n": 400,
        "n_eff": 37.4,
        "model": "offline-demonstration-2",
        "demonstration": True,
        "questions": questions(),
        **changes,
    }


def facts(**changes: Any) -> SurveyFacts:
    """Return the facts of a study with three personas."""
    given: dict[str, Any] = {
        "exploration_title": "How people feel about the economy",
        "workspace_name": "Northfield Insights",
        "questionnaire_title": "Economy module",
        "brief": "A bank must decide between two messages.",
        "made_at": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        "personas": [PersonaFact(persona_id=n, name=n, summary="A nurse", n=130, weight=1 / 3) for n in NAMES],
        "methods": [QuestionMethod(key="economy", method="ssr", parameters={"temperature": 1, "epsilon": 0.01})],
        "embedding_model": "some-embeddings-1",
        "temperature": 1.0,
        "memory": 30,
        "prompts": [PromptFact(name="survey_direct", version="1")],
        "seed": 20241105,
    }
    return SurveyFacts(**{**given, **changes})


def quotes(count: int = 30) -> dict[str, list[QuoteGiven]]:
    """Return distinct quotes that go round the personas."""
    given = [
        QuoteGiven(
            text=f"Answer number{n} of{n} many{n}.",
            persona_name=NAMES[n % 3],
            attributes={"age": "50–64"},
            respondent_number=n + 1,
        )
        for n in range(count)
    ]
    return {"why": given}


def survey() -> ReportContent:
    """Return the content of the friendly survey."""
    return build_survey_content(results(), facts(), quotes())


def hostile_survey() -> ReportContent:
    """Return content that tries every way to break a layout."""
    scripts = "हिन्दी 今の経済 😀👍🏽 → ✓ Привет Ελλάδα עברית مرحبا naïve Łódź"
    asked = [
        question(
            "a",
            "single_choice",
            "Would you say so? " * 110,
            [f"Option {n} " + "long " * (n % 40) for n in range(50)],
        ),
        question("b", "likert", HOSTILE, [HOSTILE, "b", "c", "<i>"], mean=2.0, top2=20.0, bottom2=30.0),
        question("c", "multiple_choice", scripts, ["हाँ", "是", "👍", "x" * 5000, "W" * 120, ""]),
        question("d", "nps", "x" * 100_000, [str(n) for n in range(11)], nps=12.0),
        number("e", "Number", [f"{n}000–{n}999" for n in range(12)], mean=12345.678),
        {"key": "f", "type": "open_ended", "text": "Why?", "n": 3},
        {
            "key": "g",
            "type": "single_choice",
            "text": "Nobody",
            "n": 0,
            "options": [{"code": "1", "label": "A"}],
        },
        question("h", "of_the_future", "Unknown type", ["only one"]),
        question("i", "likert", "Two points, no figures", ["A", "B"]),
        {"key": "", "type": "", "text": "", "n": 1},
    ]
    people = [PersonaFact(persona_id=str(n), name=HOSTILE * 4, summary="s " * 3000) for n in range(50)]
    said = [
        QuoteGiven(text=HOSTILE, persona_name=HOSTILE),
        QuoteGiven(text="z" * 100_000),
        QuoteGiven(text="w " * 9000),
    ]
    given = facts(personas=people, exploration_title=HOSTILE * 3, workspace_name="W" * 400, questionnaire_title=scripts)
    changed = results(questions=asked, complete=False, status="cancelled", demonstration=False)
    return build_survey_content(changed, given, {"f": said})
