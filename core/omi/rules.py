"""Validation of a stage's data by rules: they alone decide whether it is valid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import Invalid
from core.objectives.components import ComponentName
from core.omi.stages import Holdings, Stage
from core.personas.rules import contradictions
from core.personas.traits import Profile
from core.questionnaires.building import build_content
from core.questionnaires.lint import lint
from core.questionnaires.schemas import QuestionnaireCreate
from core.stats.sample_size import effective_margin_of_error

Severity = Literal["error", "warning", "remark"]
COMPONENTS: Final[tuple[str, ...]] = get_args(ComponentName)
NEEDED: Final = ("decision_problem", "information_gap", "target_audience")
"""Components without which nobody knows what is to be found out, from whom and what for."""
SHORTEST_TEXT: Final = 20
MOST_ISSUES: Final = 50
COARSE_MARGIN: Final = 0.1
LARGEST_SAMPLE: Final = 1_000_000_000
_ORDERS: Final = re.compile(
    r"\b(?:ignore|disregard|forget)\b[^.\n]{0,40}\b(?:instruction|rule|prompt)"
    r"|\bmark\b[^.\n]{0,40}\bvalid\b",
    re.IGNORECASE,
)


class Issue(BaseModel):
    """Something wrong with data: an error makes it invalid, a warning or a model's remark does not.

    `field` is the path to it, with dots.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    code: str
    severity: Severity
    message: str
    source: Literal["rules", "model", "external"] = "rules"


def is_valid(issues: Sequence[Issue]) -> bool:
    """Tell whether data is valid: no rule has found an error, whatever a model says."""
    return not any(one.severity == "error" for one in issues)


def check(stage: Stage, data: Mapping[str, Any], held: Holdings) -> list[Issue]:
    """Return what is wrong with a stage's data, errors first, at most 50 of them."""
    found = [*_CHECKS[stage](data, held), *_orders(data)]
    return sorted(found, key=lambda one: one.severity != "error")[:MOST_ISSUES]


def _error(field: str, code: str, message: str) -> Issue:
    return Issue(field=field, code=code, severity="error", message=message)


def _warning(field: str, code: str, message: str) -> Issue:
    return Issue(field=field, code=code, severity="warning", message=message)


def _text(value: Any) -> str:
    """Return what a member says, as one text; nothing for what says nothing."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return _text(value.get("value"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return "" if value is None or isinstance(value, bool) else str(value)


def _setup(data: Mapping[str, Any], _: Holdings) -> list[Issue]:
    found = []
    if not _text(data.get("title")):
        found.append(_error("title", "title_missing", "The exploration needs a title."))
    if len(_text(data.get("description")).split()) < SHORTEST_TEXT:
        message = f"The brief has fewer than {SHORTEST_TEXT} words: say who, where, and for which decision."
        found.append(_warning("description", "brief_short", message))
    return found


def _objective(data: Mapping[str, Any], _: Holdings) -> list[Issue]:
    given = data.get("components")
    if isinstance(given, Mapping):
        return _components(given)
    text = _text(data.get("objective") or data.get("text") or data.get("source_text") or data.get("description"))
    if not text:
        return [_error("components", "objective_missing", "There is neither a text nor components of an objective.")]
    found = []
    if len(text.split()) < SHORTEST_TEXT:
        message = f"The objective has fewer than {SHORTEST_TEXT} words; ten components cannot rest on that."
        found.append(_error("objective", "objective_short", message))
    return found


def _components(given: Mapping[str, Any]) -> list[Issue]:
    found = [
        _warning(f"components.{name}", "component_unknown", "This is none of the ten components.")
        for name in given
        if name not in COMPONENTS
    ]
    for name in COMPONENTS:
        value = given.get(name)
        status = value.get("status") if isinstance(value, Mapping) else None
        if not _text(value) or status == "missing":
            make = _error if name in NEEDED else _warning
            found.append(make(f"components.{name}", "component_missing", f"{_words(name)} {_is(name)} missing."))
        elif status == "inferred":
            found.append(
                _warning(
                    f"components.{name}", "component_inferred", f"{_words(name)} {_is(name)} inferred, not in the text."
                )
            )
    return found


def _words(name: str) -> str:
    return "Behaviours and attitudes" if name == "behaviours_attitudes" else name.replace("_", " ").capitalize()


def _is(name: str) -> str:
    return "are" if name in ("secondary_hypotheses", "behaviours_attitudes") else "is"


def _persona(data: Mapping[str, Any], _: Holdings) -> list[Issue]:
    traits = data.get("traits") if isinstance(data.get("traits"), Mapping) else data
    assert isinstance(traits, Mapping)
    known = {name: value for name, value in traits.items() if name in Profile.model_fields}
    found = [
        _warning(f"traits.{name}", "trait_unknown", "This is no trait of a persona; attributes take any name.")
        for name in traits
        if name not in Profile.model_fields
    ]
    if not known:
        return [*found, _error("traits", "traits_missing", "There are no traits to validate.")]
    given = {"name": "Unnamed"} | known
    found += _shape(Profile, given, "traits")
    if is_valid(found):
        for one in contradictions(Profile.model_validate(given)):
            found.append(_error(f"traits.{one.traits[0]}", one.code, f"{', '.join(one.traits)}: {one.reason}"))
    return found


def _survey(data: Mapping[str, Any], held: Holdings) -> list[Issue]:
    found = []
    own = {name: value for name, value in data.items() if name in QuestionnaireCreate.model_fields}
    questionnaire = data.get("questionnaire", own if "sections" in own else None)
    size = data.get("sample_size")
    if questionnaire is None and size is None:
        return [_error("questionnaire", "questionnaire_missing", "There is neither a questionnaire nor a sample size.")]
    if questionnaire is not None:
        found += _questionnaire(questionnaire)
    if size is not None:
        found += _sample(size, held)
    return found


def _questionnaire(given: Any) -> list[Issue]:
    if not isinstance(given, Mapping):
        return [_error("questionnaire", "invalid", "must be an object with a title and sections")]
    found = _shape(QuestionnaireCreate, dict(given), "questionnaire")
    if found:
        return found
    read = QuestionnaireCreate.model_validate(dict(given))
    try:
        content = build_content(read.sections, read.splits, loc=("questionnaire", "sections"))
    except Invalid as invalid:
        return [_error(".".join(map(str, one.loc)), "invalid", one.msg) for one in invalid.errors]
    if not any(question.serves for section in content.sections for question in section.questions):
        message = "No question says which component or hypothesis it serves."
        found.append(_warning("questionnaire.sections", "serves_nothing", message))
    for one in lint(content, read.language):
        place = f"questionnaire.sections.{one.section}.questions.{one.question}.{one.field}"
        found.append(_warning(place, one.code, f"Question “{one.key}”: {one.message}. {one.suggestion}"))
    return found


def _sample(size: Any, held: Holdings) -> list[Issue]:
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_SAMPLE:
        message = f"must be a whole number of respondents, from 1 to {LARGEST_SAMPLE:,}"
        return [_error("sample_size", "sample_size_invalid", message)]
    found = []
    margin = effective_margin_of_error(size) or 0.0
    if margin > COARSE_MARGIN:
        message = f"{size:,} respondents give ±{100 * margin:.0f} points at best: too coarse for most decisions."
        found.append(_warning("sample_size", "sample_size_small", message))
    if not held.personas:
        found.append(_error("sample_size", "personas_missing", "There are no personas that respondents can be."))
    return found


def _guide(data: Mapping[str, Any], _: Holdings) -> list[Issue]:
    sections = data.get("sections")
    if not isinstance(sections, list) or not sections:
        return [_error("sections", "guide_empty", "The guide has no section.")]
    found = []
    for place, section in enumerate(sections):
        questions = section.get("questions") if isinstance(section, Mapping) else None
        if not isinstance(questions, list) or not questions:
            found.append(_error(f"sections.{place}.questions", "section_empty", "The section has no question."))
            continue
        for number, question in enumerate(questions):
            field = f"sections.{place}.questions.{number}"
            text = _text(question.get("text") if isinstance(question, Mapping) else question)
            if not text:
                found.append(_error(field, "question_empty", "The question has no text."))
            elif re.match(r"(?:do|does|did|is|are|was|were|have|has|can|could|would|will)\b", text, re.IGNORECASE):
                found.append(_warning(field, "closed_question", f"“{text[:80]}” can be answered with yes or no."))
    return found


def _rebuttal(data: Mapping[str, Any], held: Holdings) -> list[Issue]:
    found = []
    if not held.finished_simulations:
        found.append(_error("simulation_id", "results_missing", "There is no finished simulation to challenge."))
    if not _text(data.get("message") or data.get("challenge")):
        found.append(_error("message", "challenge_missing", "Say what you hold against the answer."))
    return found


def _insights(data: Mapping[str, Any], held: Holdings) -> list[Issue]:
    if not held.finished_simulations and not held.finished_interviews:
        return [_error("", "results_missing", "There are no finished results that an insight could rest on.")]
    text = _text(data.get("statement") or data.get("text") or data.get("claims"))
    if re.search(r"\d+(?:[.,]\d+)?\s*%|\bper ?cent\b", text) and not re.search(r"\bn\s*=|\binterval|±", text):
        message = "A percentage stands without its interval or its number of respondents."
        return [_warning("statement", "figure_alone", message)]
    return []


def _completed(_: Mapping[str, Any], held: Holdings) -> list[Issue]:
    found = []
    if not held.finished_simulations and not held.finished_interviews:
        found.append(_error("", "results_missing", "Nothing has been asked yet: there are no finished results."))
    if not held.finished_reports:
        found.append(_warning("", "report_missing", "No report has been built."))
    if not held.validated_objectives:
        found.append(_warning("", "objective_not_validated", "The research objective is not validated."))
    return found


def _shape(model: type[BaseModel], given: Mapping[str, Any], at: str) -> list[Issue]:
    """Return what keeps data from being stored, place by place."""
    try:
        model.model_validate(dict(given))
    except ValidationError as error:
        return [
            _error(".".join(map(str, (at, *one["loc"]))), "invalid", str(one["msg"]).removeprefix("Value error, "))
            for one in error.errors()
        ]
    return []


def _orders(data: Mapping[str, Any]) -> list[Issue]:
    """Return a warning where a text reads like an order to whoever validates: it is data like any other."""
    if not any(_ORDERS.search(text) for text in _texts(data)):
        return []
    message = "A text reads like an instruction to the validator; it was read as data and changed nothing."
    return [_warning("", "instruction_in_data", message)]


def _texts(value: Any) -> list[str]:
    found, level = [], [value]
    while level:
        one = level.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, Mapping):
            level += one.values()
        elif isinstance(one, list):
            level += one
    return found


_CHECKS: Final[Mapping[Stage, Callable[[Mapping[str, Any], Holdings], list[Issue]]]] = {
    "workspace_setup": _setup,
    "research_objectives": _objective,
    "persona_builder": _persona,
    "survey_builder": _survey,
    "discussion_guide": _guide,
    "rebuttal_mode": _rebuttal,
    "insights": _insights,
    "completed": _completed,
}
