"""What a simulation would take, told from the prompts it would send; pure, and nothing is asked.

Calls follow from how respondents are drawn and asked, which a seed fixes: a range only where display logic decides who
is asked what. Tokens follow from the prompts themselves, written for a sample of the respondents, and from how short or
long an answer may be.
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
from core.questionnaires.logic import Condition, conditions_of
from core.stats.targets import values_key
from core.surveys.elicitation import (
    Batch,
    Voice,
    anchor_sets,
    batches,
    by_method,
    distribution_input,
    is_shown,
    section_input,
)
from core.surveys.methods import Requested
from core.surveys.prompts import SURVEY_DIRECT, SURVEY_DISTRIBUTION, SURVEY_STATEMENTS, EarlierAnswer
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
    language: str
    seed: int
    people: Sequence[PersonaSnapshot]
    drawn: Sequence[DrawnRespondent]

    def voices(self) -> list[Voice]:
        """Return respondents spread evenly over those drawn, as prompts show them."""
        step = max(1, len(self.drawn) // SAMPLED)
        return [self._voice(one) for one in self.drawn[::step][:SAMPLED]]

    def _voice(self, one: DrawnRespondent) -> Voice:
        person = self.people[one.persona]
        return Voice(one.number, person.persona_id, person.version, person.profile, one.attributes)

    def cells(self) -> int:
        """Return how many groups of respondents share a persona and all attributes."""
        return len({(one.persona, values_key(one.attributes)) for one in self.drawn})


def loads(plan: Plan) -> dict[str, Load]:
    """Return what each kind of call takes: direct, statements, distribution, embeddings."""
    conditions = conditions_of(plan.content)
    found = {"direct": Load(), "statements": Load(), "distribution": Load(), "embeddings": Load()}
    voices = plan.voices()
    memory = _Memory()
    for section in plan.content.sections:
        for batch in batches(section, plan.requested, conditions):
            kind = "statements" if batch.method == "ssr" else "direct"
            found[kind] += _of_batch(plan, voices, section, batch, memory, conditions)
            memory.hear(batch, conditions)
        for question in by_method(section, plan.requested, "distribution"):
            found["distribution"] += _of_distribution(plan, voices, question)
    found["embeddings"] = _of_embeddings(plan, conditions)
    return found


def depth(plan: Plan) -> Span:
    """Return how many calls one respondent waits for, one after the other."""
    conditions = conditions_of(plan.content)
    each = [batch for section in plan.content.sections for batch in batches(section, plan.requested, conditions)]
    return Span(max(1, sum(_always(batch, conditions) for batch in each)), max(1, len(each)))


class _Memory:
    """What a respondent remembers at the least and at the most."""

    def __init__(self) -> None:
        self.least: list[EarlierAnswer] = []
        self.most: list[EarlierAnswer] = []
        self.words: dict[str, str] = {}

    def hear(self, batch: Batch, conditions: Mapping[str, Condition]) -> None:
        for question in batch.questions:
            short, long = _said(question, batch)
            self.most.append(EarlierAnswer(question=question.text, answer="x" * long))
            self.words[question.key] = "x" * min(long, 60)
            if not _depends(question, conditions):
                self.least.append(EarlierAnswer(question=question.text, answer="x" * short))


def _of_batch(
    plan: Plan,
    voices: Sequence[Voice],
    section: Section,
    batch: Batch,
    memory: _Memory,
    conditions: Mapping[str, Condition],
) -> Load:
    prompt: Prompt[Any, Any] = SURVEY_STATEMENTS if batch.method == "ssr" else SURVEY_DIRECT
    always = [question for question in batch.questions if not _depends(question, conditions)]
    least = most = 0.0
    for voice in voices:
        if always:
            data = section_input(voice, section, always, memory.least, plan.language, plan.seed, memory.words)
            least += _characters(prompt, data, schema=False)
        data = section_input(voice, section, batch.questions, memory.most, plan.language, plan.seed, memory.words)
        most += _characters(prompt, data, schema=True)
    n, sampled = len(plan.drawn), max(1, len(voices))
    asked = Span(1 if always else 0, 1).times(n)
    written = Span(
        sum(_reply(question, batch)[0] for question in always) if always else 0,
        sum(_reply(question, batch)[1] for question in batch.questions),
    )
    return Load(asked, _tokens(Span(least / sampled, most / sampled)).times(n), _tokens(written).times(n))


def _of_distribution(plan: Plan, voices: Sequence[Voice], question: Question) -> Load:
    data = [distribution_input(voice, question, plan.language) for voice in voices]
    sampled = max(1, len(voices))
    read = Span(
        sum(_characters(SURVEY_DISTRIBUTION, one, schema=False) for one in data) / sampled,
        sum(_characters(SURVEY_DISTRIBUTION, one, schema=True) for one in data) / sampled,
    )
    written = Span(*(20 + sum(len(code) + 4 + digits for code in question.codes) for digits in PROBABILITY))
    calls = plan.cells() * plan.parameters["distribution_draws"]
    return Load(Span(calls, calls), _tokens(read).times(calls), _tokens(written).times(calls))


def _of_embeddings(plan: Plan, conditions: Mapping[str, Condition]) -> Load:
    rated = [question for section in plan.content.sections for question in by_method(section, plan.requested, "ssr")]
    if not rated:
        return Load()
    anchors = {text for question in rated for texts in anchor_sets(question) for text in texts}
    always = sum(not _depends(question, conditions) for question in rated)
    sizes = list(_chunks(len(plan.drawn)))
    # Statements that read the same are embedded once: how many do nobody knows before.
    calls = Span(len(sizes) if always else 0, sum(math.ceil(size * len(rated) / EMBEDDING_BATCH) for size in sizes))
    said = Span(0, STATEMENT[1] * len(rated) * len(plan.drawn))
    first = math.ceil(len(anchors) / EMBEDDING_BATCH)
    told = sum(map(len, anchors))
    return Load(calls + Span(first, first), _tokens(said + Span(told, told)), NOTHING)


def _chunks(n: int) -> Iterator[int]:
    """Return how many respondents have their statements rated together, each time."""
    for span in respondent_spans(n):
        for start in range(span.first, span.last, CHUNK):
            yield min(CHUNK, span.last - start)


def _always(batch: Batch, conditions: Mapping[str, Condition]) -> bool:
    return any(not _depends(question, conditions) for question in batch.questions)


def _depends(question: Question, conditions: Mapping[str, Condition]) -> bool:
    """Tell whether somebody may not be shown a question."""
    return question.key in conditions or not is_shown(question, {}, {})


def _said(question: Question, batch: Batch) -> tuple[int, int]:
    """Return how many characters a remembered answer has, at least and at most."""
    if batch.method == "ssr":
        return STATEMENT
    if question.type == "open_ended":
        return OPEN_ANSWER
    labels = [len(option.label) for option in question.options]
    if question.type == "numeric" or not labels:
        return NUMBER
    return min(labels), sum(labels) + 2 * len(labels) if question.type == "multiple_choice" else max(labels)


def _reply(question: Question, batch: Batch) -> tuple[int, int]:
    """Return how many characters an answer takes in a reply, its key and the signs around included."""
    around = len(question.key) + 6
    if batch.method == "ssr" or question.type in ("open_ended", "numeric"):
        short, long = _said(question, batch)
        return around + short, around + long
    codes = [len(code) + 3 for code in question.codes]
    return around + min(codes), around + (sum(codes) if question.type == "multiple_choice" else max(codes))


def _characters(prompt: Prompt[Any, Any], data: Any, *, schema: bool) -> int:
    written = sum(len(message["content"]) for message in prompt.messages(data))
    return written + (len(canonical_json(prompt.shape(data).schema)) if schema else 0)


def _tokens(characters: Span) -> Span:
    return Span(characters.least / MOST_TO_A_TOKEN, characters.most / FEWEST_TO_A_TOKEN)
