"""What a simulation would take, told from the prompts it would send; pure, and nothing is asked.

Calls follow from how respondents are drawn, put in arms and asked, which a seed fixes: a range only where answers
decide who is asked what. Tokens follow from the prompts themselves, written for a sample of the respondents, and from
how short or long an answer may be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.llm.contract import EMBEDDING_BATCH
from core.llm.prompts import Prompt, canonical_json
from core.personas.schemas import PersonaSnapshot
from core.population.respondents import DrawnRespondent
from core.questionnaires.content import Content, Question, Section
from core.questionnaires.logic import Condition, conditions_of, whole
from core.questionnaires.splits import resolved
from core.stats.targets import values_key
from core.surveys.anchors import sets_of
from core.surveys.arms import Arms, fates, part_of
from core.surveys.elicitation import (
    REMEMBERED,
    Batch,
    Voice,
    batches,
    by_method,
    distribution_input,
    rated_items,
    section_input,
)
from core.surveys.methods import Requested
from core.surveys.prompts import SURVEY_DIRECT, SURVEY_DISTRIBUTION, SURVEY_STATEMENTS, EarlierAnswer
from core.surveys.retest import asked_again, people_again
from core.surveys.sharding import CHUNK, respondent_spans

SAMPLED: Final = 12
FEWEST_TO_A_TOKEN, MOST_TO_A_TOKEN = 3.0, 5.0
"""Characters to a token: tokenizers of European languages take 3 to 5."""
STATEMENT: Final = (30, 350)
OPEN_ANSWER: Final = (15, 500)
NUMBER: Final = (1, 8)
PROBABILITY: Final = (3, 7)


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the most of something."""

    least: float
    most: float

    def __add__(self, other: Span) -> Span:
        return Span(self.least + other.least, self.most + other.most)

    def times(self, factor: float) -> Span:
        """Return so many of it."""
        return Span(self.least * factor, self.most * factor)

    def rounded(self) -> tuple[int, int]:
        """Return whole numbers: the least downwards, the most upwards."""
        return math.floor(self.least + 1e-6), math.ceil(self.most - 1e-6)


NOTHING: Final = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Load:
    """Calls of one kind and their tokens."""

    calls: Span = NOTHING
    input_tokens: Span = NOTHING
    output_tokens: Span = NOTHING

    def __add__(self, other: Load) -> Load:
        return Load(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked of whom."""

    content: Content
    requested: Requested
    parameters: Mapping[str, Any]
    anchors: Mapping[str, Any]
    language: str
    seed: int
    people: Sequence[PersonaSnapshot]
    drawn: Sequence[DrawnRespondent]

    arms: Sequence[Arms] = ()

    def groups(self) -> list[Group]:
        """Return respondents by their arms: one group where there are no splits."""
        places: dict[tuple[str, ...], list[int]] = {}
        for place in range(len(self.drawn)):
            places.setdefault(tuple(self.arms[place].values()) if self.arms else (), []).append(place)
        conditions = conditions_of(self.content)
        voices = max(1, SAMPLED // max(1, len(places)))
        return [self._group(own, voices, conditions) for own in places.values()]

    def _group(self, places: Sequence[int], voices: int, conditions: Mapping[str, Condition]) -> Group:
        arms = self.arms[places[0]] if self.arms else {}
        spread = places[:: max(1, len(places) // voices)][:voices]
        return Group(
            places=places,
            content=resolved(self.content, arms),
            fates=fates(self.content, arms, conditions),
            voices=[self.voice(self.drawn[place]) for place in spread],
        )

    def voice(self, one: DrawnRespondent) -> Voice:
        """Return a respondent as prompts show them."""
        person = self.people[one.persona]
        return Voice(one.number, person.persona_id, person.version, person.profile, one.attributes)

    def cell_keys(self) -> list[tuple[int, str]]:
        """Return of each respondent what names those who share a persona and all attributes."""
        return [(one.persona, values_key(one.attributes)) for one in self.drawn]

    def cells(self) -> int:
        """Return how many groups of respondents share a persona and all attributes."""
        return len(set(self.cell_keys()))


@dataclass(frozen=True, slots=True)
class Group:
    """Respondents in the same arms: their places among those drawn, the questionnaire as they read it, and some voices.

    `fates` say of each question whether they are shown it: all, none, or None where answers decide.
    """

    places: Sequence[int]
    content: Content
    fates: Mapping[str, bool | None]
    voices: Sequence[Voice]

    def asked(self, batch: Batch) -> list[Question]:
        """Return the questions of a call that may be put to them."""
        return [question for question in batch.questions if self.fates[question.key] is not False]

    def always(self, questions: Sequence[Question]) -> list[Question]:
        """Return the questions that all of them are shown."""
        return [question for question in questions if self.fates[question.key]]


def loads(plan: Plan) -> dict[str, Load]:
    """Return what each kind of call takes: direct, statements, distribution, embeddings."""
    conditions = conditions_of(plan.content)
    found = {"direct": Load(), "statements": Load(), "distribution": Load(), "embeddings": Load()}
    groups = plan.groups()
    for group in groups:
        memory = _Memory()
        for section in group.content.sections:
            for batch in batches(section, plan.requested, conditions):
                kind = "statements" if batch.method == "ssr" else "direct"
                found[kind] += _of_batch(plan, group, section, batch, memory)
                memory.hear(batch, group)
    cells = plan.cell_keys()
    for section in plan.content.sections:
        for question in by_method(section, plan.requested, "distribution"):
            found["distribution"] += _of_distribution(plan, groups, cells, question)
    found["embeddings"] = _of_embeddings(plan, groups)
    for kind, load in _asked_again(plan).items():
        found[kind] += load
    return found


def _asked_again(plan: Plan) -> dict[str, Load]:
    """Return what those take who are asked again: each of their calls once, without memory."""
    people = _people_again(plan)
    again = asked_again(plan.content, plan.requested, plan.seed) if people else []
    found: dict[str, Load] = {}
    rated = 0
    for one in again:
        kind = "statements" if one.batch.method == "ssr" else "direct"
        rated += len(one.batch.questions) if kind == "statements" else 0
        everybody = Group(range(len(people)), plan.content, dict.fromkeys((q.key for q in one.batch.questions), True),
                          [plan.voice(plan.drawn[number - 1]) for number in sorted(people)[:SAMPLED]])  # fmt: skip
        found[kind] = found.get(kind, Load()) + _of_batch(plan, everybody, one.section, one.batch, _Memory())
    if rated:
        chunks = [sum(first < number <= last for number in people) for first, last in _chunks(len(plan.drawn))]
        calls = sum(math.ceil(count * rated / EMBEDDING_BATCH) for count in chunks)
        said = Span(0, STATEMENT[1] * rated * len(people))
        found["embeddings"] = Load(Span(0, calls), _tokens(said))
    return found


def depth(plan: Plan) -> Span:
    """Return how many calls one respondent waits for, one after the other."""
    conditions = conditions_of(plan.content)
    least = most = 1
    for group in plan.groups():
        each = [group.asked(b) for s in group.content.sections for b in batches(s, plan.requested, conditions)]
        least = max(least, sum(bool(group.always(questions)) for questions in each))
        most = max(most, sum(bool(questions) for questions in each))
    again = len(asked_again(plan.content, plan.requested, plan.seed)) if _people_again(plan) else 0
    return Span(least + again, most + again)


def _people_again(plan: Plan) -> frozenset[int]:
    return people_again(plan.seed, len(plan.drawn), plan.parameters.get("retest_share", 0.0))


class _Memory:
    """What a respondent remembers at the least and at the most."""

    def __init__(self) -> None:
        self.least: list[EarlierAnswer] = []
        self.most: list[EarlierAnswer] = []
        self.words: dict[str, str] = {}

    def hear(self, batch: Batch, group: Group) -> None:
        for question in _put(group.asked(batch), batch):
            short, long = _said(question, batch)
            self.most.append(EarlierAnswer(question=question.text, answer="x" * long))
            self.words[question.key] = "x" * min(long, 60)
            if group.fates[whole(question.key)]:
                self.least.append(EarlierAnswer(question=question.text, answer="x" * short))


def _of_batch(plan: Plan, group: Group, section: Section, batch: Batch, memory: _Memory) -> Load:
    prompt: Prompt[Any, Any] = SURVEY_STATEMENTS if batch.method == "ssr" else SURVEY_DIRECT
    shown = group.asked(batch)
    if not shown:
        return Load()
    questions, always = _put(shown, batch), _put(group.always(shown), batch)
    least = most = 0.0
    for voice in group.voices:
        if always:
            data = section_input(voice, section, always, memory.least, plan.language, plan.seed, memory.words)
            least += _characters(prompt, data, schema=False)
        data = section_input(voice, section, questions, memory.most, plan.language, plan.seed, memory.words)
        most += _characters(prompt, data, schema=True)
    n, sampled = len(group.places), len(group.voices)
    asked = Span(1 if always else 0, 1).times(n)
    written = Span(
        sum(_reply(question, batch)[0] for question in always) if always else 0,
        sum(_reply(question, batch)[1] for question in questions),
    )
    return Load(asked, _tokens(Span(least / sampled, most / sampled)).times(n), _tokens(written).times(n))


def _of_distribution(plan: Plan, groups: Sequence[Group], cells: Sequence[tuple[int, str]], question: Question) -> Load:
    """Return what one question put to cells takes: to each as often as there are arms that read it differently."""
    parts: dict[tuple[str, ...], tuple[set[tuple[int, str]], Group]] = {}
    for group in groups:
        if group.fates[question.key]:
            arms = part_of(plan.arms[group.places[0]], question.splits) if question.splits else ()
            own, _ = parts.setdefault(arms, (set(), group))
            own.update(cells[place] for place in group.places)
    total = Load()
    for own, group in parts.values():
        read = next(one for one in group.content.questions() if one.key == question.key)
        total += _of_cells(plan, group, read, len(own) * plan.parameters["distribution_draws"])
    return total


def _of_cells(plan: Plan, group: Group, question: Question, calls: int) -> Load:
    data = [distribution_input(voice, question, plan.language) for voice in group.voices]
    read = Span(
        sum(_characters(SURVEY_DISTRIBUTION, one, schema=False) for one in data) / len(data),
        sum(_characters(SURVEY_DISTRIBUTION, one, schema=True) for one in data) / len(data),
    )
    written = Span(*(20 + sum(len(code) + 4 + digits for code in question.codes) for digits in PROBABILITY))
    return Load(Span(calls, calls), _tokens(read).times(calls), _tokens(written).times(calls))


def _of_embeddings(plan: Plan, groups: Sequence[Group]) -> Load:
    rated = rated_items(one for section in plan.content.sections for one in by_method(section, plan.requested, "ssr"))
    if not rated:
        return Load()
    anchors = {text for question in rated for texts in sets_of(plan.anchors, question) for text in texts}
    always, most = [0] * len(plan.drawn), [0] * len(plan.drawn)
    for group in groups:
        told = [group.fates[whole(question.key)] for question in rated]
        for place in group.places:
            always[place], most[place] = told.count(True), len(told) - told.count(False)
    chunks = list(_chunks(len(plan.drawn)))
    # Statements that read the same are embedded once: how many do nobody knows before.
    calls = Span(
        sum(any(always[first:last]) for first, last in chunks),
        sum(math.ceil(sum(most[first:last]) / EMBEDDING_BATCH) for first, last in chunks),
    )
    said = Span(0, STATEMENT[1] * sum(most))
    first = math.ceil(len(anchors) / EMBEDDING_BATCH)
    told_once = sum(map(len, anchors))
    return Load(calls + Span(first, first), _tokens(said + Span(told_once, told_once)), NOTHING)


def _chunks(n: int) -> Iterator[tuple[int, int]]:
    """Return whose statements are rated together, each time: places among those drawn, the last excluded."""
    for span in respondent_spans(n):
        for start in range(span.first, span.last, CHUNK):
            yield start - 1, min(start + CHUNK, span.last) - 1


def _put(questions: Sequence[Question], batch: Batch) -> Sequence[Question]:
    """Return what is asked for the questions of a batch: where statements are, each row of a matrix."""
    return rated_items(questions) if batch.method == "ssr" else questions


def _said(question: Question, batch: Batch) -> tuple[int, int]:
    """Return how many characters a remembered answer has, at least and at most."""
    if batch.method == "ssr":
        return STATEMENT
    if question.type == "open_ended":
        return OPEN_ANSWER
    labels = [len(option.label) for option in question.options]
    if question.type == "numeric" or not labels:
        return NUMBER
    if question.rows:
        rows = sum(len(row.label) + 4 for row in question.rows)
        return rows + len(question.rows) * min(labels), rows + len(question.rows) * max(labels)
    if question.sets is not None:
        return 40, 30 + 2 * REMEMBERED * (max(labels) + 2)
    if question.type == "ranking":
        ends = sorted(labels)
        return sum(ends[: question.ranks]), sum(ends[-question.ranks :]) + 2 * question.ranks
    return min(labels), sum(labels) + 2 * len(labels) if question.type == "multiple_choice" else max(labels)


def _reply(question: Question, batch: Batch) -> tuple[int, int]:
    """Return how many characters an answer takes in a reply, its key and the signs around included."""
    around = len(question.key) + 6
    if not question.required:
        _, most = _reply(question.model_copy(update={"required": True}), batch)
        return around + len("null"), max(most, around + len("null"))
    if batch.method == "ssr" or question.type in ("open_ended", "numeric"):
        short, long = _said(question, batch)
        return around + short, around + long
    codes = [len(code) + 3 for code in question.codes]
    if question.sets is not None:  # {"12":{"best":"…","worst":"…"},
        least, most = (question.sets.count * (26 + 2 * ends) for ends in (min(codes), max(codes)))
        return around + least, around + most
    if question.rows:
        keys = sum(len(row.code) + 5 for row in question.rows)
        return around + keys + len(question.rows) * min(codes), around + keys + len(question.rows) * max(codes)
    if question.type == "ranking":
        ends = sorted(codes)
        return around + sum(ends[: question.ranks]), around + sum(ends[-question.ranks :])
    return around + min(codes), around + (sum(codes) if question.type == "multiple_choice" else max(codes))


def _characters(prompt: Prompt[Any, Any], data: Any, *, schema: bool) -> int:
    written = sum(len(message["content"]) for message in prompt.messages(data))
    return written + (len(canonical_json(prompt.shape(data).schema)) if schema else 0)


def _tokens(characters: Span) -> Span:
    return Span(characters.least / MOST_TO_A_TOKEN, characters.most / FEWEST_TO_A_TOKEN)
