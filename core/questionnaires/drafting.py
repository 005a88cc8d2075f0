"""From what a model drafts to a questionnaire that can be asked: what is wrong is left out and told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from core.db.text import look_of
from core.errors import Invalid
from core.objectives.components import Component, ComponentName
from core.objectives.orders import orders_in
from core.personas.traits import Profile
from core.questionnaires.building import build_content
from core.questionnaires.content import Content, Question
from core.questionnaires.lint import lint
from core.questionnaires.prompts import (
    ComponentGiven,
    DraftedQuestion,
    DraftedQuestionnaire,
    DraftInput,
    HypothesisGiven,
)
from core.questionnaires.schemas import QuestionInput, SectionInput

HYPOTHESES: Final[tuple[ComponentName, ...]] = ("primary_hypothesis", "secondary_hypotheses")
PERSONAS_TOLD: Final = 20
TRAITS_TOLD: Final = ("gender", "age_range", "geography", "education_level", "occupation", "income_range")
MOST_WARNINGS: Final = 50
_SENTENCE: Final = re.compile(r"(?<=[.;?!])\s+|\n+")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(slots=True)
class Drafted:
    """What can be asked of a draft; `wrong` tells what was left out and why, `gaps` what no question serves."""

    sections: list[SectionInput] = field(default_factory=list)
    content: Content | None = None
    wrong: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def faults(self) -> tuple[bool, int, int]:
        """Return how much is wrong, to compare drafts by: nothing to ask, things not served, all the rest."""
        return self.content is None, len(self.gaps), len(self.wrong) + len(self.findings)

    def warnings(self) -> list[str]:
        """Return in words what is not as it should be."""
        return [*self.gaps, *self.wrong, *self.findings][:MOST_WARNINGS]


def draft_input(
    title: str,
    country: str | None,
    language: str,
    components: Mapping[ComponentName, Component],
    personas: Sequence[Profile],
    questions: int,
) -> DraftInput:
    """Return what a questionnaire is drafted from; sentences that give orders to a model are left out."""
    told = {
        name: (one.status, said)
        for name, one in components.items()
        if one.value is not None and (said := _without_orders(one.value))
    }
    believed = {
        part.strip(): name
        for name in HYPOTHESES
        if name in told
        for part in _SENTENCE.split(told[name][1])
        if part.strip()
    }
    return DraftInput(
        title=_without_orders(title) or "Survey",
        country=country,
        language=language,
        components=[
            ComponentGiven(component=name, status=status, value=value) for name, (status, value) in told.items()
        ],
        hypotheses=[
            HypothesisGiven(ref=f"H{at}", component=name, text=text)
            for at, (text, name) in enumerate(believed.items(), start=1)
        ],
        personas=[_persona(one) for one in personas[:PERSONAS_TOLD]],
        questions=questions,
    )


def checked(given: DraftInput, reply: DraftedQuestionnaire) -> Drafted:
    """Return what of a draft can be asked, at most as many questions as wanted, and what is wrong with it."""
    drafted = Drafted()
    taken: set[str] = set()
    sections = [(one.title, _usable(given, one.questions, taken, drafted.wrong)) for one in reply.sections]
    drafted.sections = [
        SectionInput(title=_title(title), questions=questions) for title, questions in sections if questions
    ]
    _keep_as_many(given, drafted)
    _build(drafted)
    drafted.gaps = list(_gaps(given, drafted.content))
    if drafted.content is not None:
        drafted.findings = [
            f"{one.key}: {one.message}. {one.suggestion}" for one in lint(drafted.content, given.language)
        ]
    return drafted


def _title(title: str) -> str:
    """Return a section's title, a plain one where there is nothing to see or where it gives orders."""
    return title if look_of(title) and not orders_in(title) else "Questions"


def _usable(
    given: DraftInput, questions: Sequence[DraftedQuestion], taken: set[str], wrong: list[str]
) -> list[QuestionInput]:
    """Return the questions that can be asked one by one; keys and texts are used once."""
    kept = []
    for one in questions:
        texts = [one.text, *(option.label for option in one.options), *one.rows]
        marks = {f"key {one.key.casefold()}", f"text {look_of(one.text)}"}
        if any(orders_in(text) for text in texts):
            wrong.append("A question was left out: it speaks to a model, not to respondents.")
        elif marks & taken:
            wrong.append(f"{one.key} was left out: it is asked already.")
        elif (made := _made(given, one, wrong)) is not None:
            kept.append(made)
            taken |= marks
    return kept


def _made(given: DraftInput, one: DraftedQuestion, wrong: list[str]) -> QuestionInput | None:
    numeric = one.type == "numeric" and (one.minimum is not None or one.maximum is not None)
    body: dict[str, Any] = {
        "key": one.key if _KEY.fullmatch(one.key) else None,
        "type": one.type,
        "text": one.text,
        "required": one.required,
        "options": [] if one.type == "nps" else [option.model_dump() for option in one.options],
        "scale": {"min": one.minimum, "max": one.maximum} if numeric else None,
        "rows": one.rows,
        "randomise": one.randomise,
        "show_if": one.show_if or None,
        "serves": _serves(given, one),
    }
    try:
        made = QuestionInput.model_validate(body)
        # What it reads of others is judged when all are there.
        alone = made.model_copy(update={"show_if": None, "text": re.sub(r"\{\{.*?\}\}", "…", made.text)})
        build_content([SectionInput(title="Questions", questions=[alone])])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wrong.append(f"{one.key} was left out: {'.'.join(map(str, first['loc']))}: {first['msg']}.")
    except Invalid as error:
        wrong.append(f"{one.key} was left out: {_told(error)}.")
    else:
        return made
    return None


def _serves(given: DraftInput, one: DraftedQuestion) -> dict[str, str] | None:
    """Return what a question serves, as far as there is such a thing; a hypothesis is part of its component."""
    known = {component.component for component in given.components}
    hypothesis = next((each for each in given.hypotheses if each.ref == one.serves.hypothesis), None)
    component, theme = one.serves.component, one.serves.theme
    if component not in known:
        component = hypothesis.component if hypothesis else None
    found = {
        "component": component,
        "hypothesis": hypothesis.text if hypothesis else None,
        "theme": theme if theme and not orders_in(theme) else None,
    }
    return {name: value for name, value in found.items() if value} or None


def _keep_as_many(given: DraftInput, drafted: Drafted) -> None:
    """Take out questions, the last first, until there are as many as wanted; what alone serves something stays."""
    places = [(section, one) for section in drafted.sections for one in section.questions]
    over = len(places) - given.questions
    for may_leave_gap in (False, True):
        for section, one in reversed(places):
            if over <= 0:
                break
            others = {need for _, other in places if other is not one for need in _needs(other)}
            read = any(one.key and other is not one and _reads(other, one.key) for _, other in places)
            if read or not (may_leave_gap or _needs(one) <= others):
                continue
            section.questions.remove(one)
            places = [place for place in places if place[1] is not one]
            over -= 1
    drafted.sections = [section for section in drafted.sections if section.questions]


def _reads(question: QuestionInput, key: str) -> bool:
    return bool(re.search(rf"\b{re.escape(key)}\b", f"{question.show_if or ''} {question.text}"))


def _needs(question: QuestionInput) -> set[str]:
    serves = question.serves
    return {need for need in (serves.component, serves.hypothesis) if need} if serves else set()


def _build(drafted: Drafted) -> None:
    """Make the content; questions that read what cannot be read are left out, until nothing is wrong any more."""
    while drafted.sections:
        try:
            drafted.content = build_content(drafted.sections, loc=("sections",))
        except Invalid as error:
            places = {tuple(one.loc[1:4:2]): one for one in error.errors if len(one.loc) > 3}
            if not places:
                drafted.wrong.append(_told(error))
                return
            for at, number in sorted(places, reverse=True):
                one = drafted.sections[int(at)].questions.pop(int(number))
                drafted.wrong.append(f"{one.key or one.text} was left out: {places[at, number].msg}.")
            drafted.sections = [section for section in drafted.sections if section.questions]
        else:
            return


def _gaps(given: DraftInput, content: Content | None) -> Iterator[str]:
    asked: list[Question] = list(content.questions()) if content else []
    hypotheses = {one.serves.hypothesis for one in asked if one.serves}
    parts = {one.component for one in given.hypotheses if one.text in hypotheses}
    components = {one.serves.component for one in asked if one.serves} | parts
    for component in given.components:
        if component.status == "clear" and component.component not in components:
            yield f"No question serves the component {component.component}."
    for hypothesis in given.hypotheses:
        if hypothesis.text not in hypotheses:
            yield f"No question serves the hypothesis “{hypothesis.text[:300]}”"


def _persona(profile: Profile) -> dict[str, Any]:
    known = profile.known()
    return {name: known[name] for name in TRAITS_TOLD if name in known} | dict(profile.attributes)


def _without_orders(text: str) -> str:
    for start, end in reversed(orders_in(text)):
        text = f"{text[:start]} {text[end:]}"
    return " ".join(text.split())


def _told(error: Invalid) -> str:
    return "; ".join(f"{one.loc[-1]}: {one.msg}" for one in error.errors[:3])
