"""Answers to survey questions: one respondent's (`survey_direct`), a cell's (`survey_distribution`)."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from core.embedded.offline_model import (
    batteries,
    best_worst,
    choices,
    facts,
    opinions,
    optional,
    position,
    profile,
    quantities,
    recall,
    traits,
)
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.prompt_data import mapping, objects, text_of
from core.embedded.offline_model.recall import Said
from core.embedded.offline_model.seeding import Draws, phi
from core.embedded.offline_model.traits import Outlook

# How many people of a cell a distribution is the mean of.
_PANEL = 5
# Of how many questions of a section the prices are read.
_MOST_AROUND = 40
# What a question leaves open, as many questions before it may name, the nearest first.
_NEAREST = 3


def respondent_of(data: dict[str, Any]) -> Profile:
    """Return the profile of the respondent in a prompt's data."""
    given = mapping(data.get("respondent")) or data
    person = profile.from_respondent(given.get("persona"), given.get("attributes"), given.get("number"))
    return replace(person, told=person.told + recall.declared(recall.earlier(data)))


def questions_of(data: dict[str, Any]) -> list[Reading]:
    """Return the questions of a prompt's section, those without a key left out."""
    section = mapping(data.get("section"))
    questions = objects(section.get("questions"))
    texts = tuple(text_of(question.get("text"), 300) for question in questions)
    title = text_of(section.get("title"), 300)
    around = (*texts[:_MOST_AROUND], *(said.question for said in recall.earlier(data)))
    return [
        position.read_question(question, (title, *texts[max(0, place - _NEAREST) : place][::-1], *texts[:3]), around)
        for place, question in enumerate(questions)
        if question.get("key") is not None
    ]


def direct(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return one respondent's answers to a section: each answer stands by those before it."""
    person = respondent_of(data)
    outlook = traits.outlook(person)
    raw = objects(mapping(data.get("section")).get("questions"))
    asked = {str(question.get("key")): question for question in raw}
    said = list(recall.earlier(data))
    answers: dict[str, Any] = dict.fromkeys(optional.left_out(data, person.identity, seed))
    for reading in questions_of(data):
        if reading.key in answers:
            continue
        if reading.kind == "max_diff":
            sets = asked.get(reading.key, {}).get("sets")
            answers[reading.key] = best_worst.judge(reading, sets, outlook, person.identity, seed)
            continue
        if reading.kind == "matrix":
            answers[reading.key] = batteries.rows(asked.get(reading.key, {}), reading, outlook, tuple(said), seed)
            continue
        if reading.kind == "ranking":
            answers[reading.key] = batteries.order(asked.get(reading.key, {}), reading, outlook, person, seed)
            continue
        z = opinions.standing(reading, outlook, tuple(said), seed)
        scale = mapping(asked.get(reading.key, {}).get("scale"))
        answers[reading.key] = _answer(reading, scale, person, outlook, _Stand(z, tuple(said), seed))
        said += _remembered(reading, answers[reading.key])
    return {"answers": answers}


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a respondent stands on a question, and what they said before it."""

    z: float
    said: tuple[Said, ...]
    seed: int


def _answer(reading: Reading, scale: dict[str, Any], person: Profile, outlook: Outlook, stand: _Stand) -> Any:
    draws = Draws("answer", person.identity, reading.key, reading.text, stand.seed)
    if reading.kind == "nps":
        return position.recommendation(stand.z)
    if reading.kind == "numeric":
        return quantities.answer(
            reading, scale, person, quantities.Wish(stand.z, *recall.willing(reading, stand.said)), draws
        )
    if reading.kind == "open_ended" or not reading.codes:
        return opinions.open_answer(reading, person, outlook, opinions.mood(reading, stand.z, stand.said), draws)
    true = facts.option(reading, person)
    if true is not None:
        return [reading.codes[true]] if reading.kind == "multiple_choice" else reading.codes[true]
    allowed = choices.open_to(reading, person)
    if reading.kind == "multiple_choice":
        return choices.several(reading, outlook, allowed, draws)
    if reading.scale:
        return reading.codes[reading.scale.index(position.level(stand.z))]
    return reading.codes[choices.ranked(reading, outlook, allowed, draws)[0]]


def _remembered(reading: Reading, answer: Any) -> list[Said]:
    """Return an answer as one that later questions of the section are answered by; none where it is no judgement."""
    if reading.kind == "nps":
        return [Said(reading.text, str(answer), recall.mood_of(reading.text, str(answer)))]
    if reading.scale is None or reading.kind in {"numeric", "open_ended", "multiple_choice"}:
        return []
    index = reading.codes.index(answer)
    return [Said(reading.text, reading.labels[index], reading.mood(reading.scale.level(index)))]


def distribution(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the probability of each option among people like the persona.

    Ordered options, single choices and nps sum to 1; of multiple choices each option has its own probability.
    """
    reading = position.read_question(mapping(data.get("question")))
    panel = [_probabilities(reading, person, seed) for person in _panel(data)]
    if reading.kind == "multiple_choice":
        means = [sum(column) / len(panel) for column in zip(*panel, strict=True)]
        return {"probabilities": {code: round(p, 4) for code, p in zip(reading.codes, means, strict=True)}}
    codes = [str(point) for point in range(11)] if reading.kind == "nps" else reading.codes
    return {"probabilities": _normalised(codes, [sum(column) for column in zip(*panel, strict=True)])}


def _panel(data: dict[str, Any]) -> list[Profile]:
    """Return a few people of the cell: they differ in what neither the persona nor the attributes say."""
    given = mapping(data.get("respondent")) or data
    persona, attributes = given.get("persona"), given.get("attributes")
    return [profile.from_respondent(persona, attributes, f"cell {number}") for number in range(_PANEL)]


def _probabilities(reading: Reading, person: Profile, seed: int) -> list[float]:
    outlook = traits.outlook(person)
    if reading.kind == "nps":
        return _nps_shares(reading, outlook, seed)
    true = facts.option(reading, person)
    if true is not None:
        return [1.0 if index == true else 0.0 for index in range(len(reading.codes))]
    if reading.kind == "multiple_choice":
        return choices.inclusion_shares(reading, outlook, choices.open_to(reading, person))
    if reading.scale:
        ascending = position.cell_shares(reading, outlook, len(reading.codes), seed)
        return ascending[::-1] if reading.scale.descending else ascending
    return choices.shares(reading, outlook, choices.open_to(reading, person), seed)


def _nps_shares(reading: Reading, outlook: Outlook, seed: int) -> list[float]:
    mean = position.expected(reading, outlook, individual=False) + Draws("draw", seed).normal(0.0, 0.1)
    spread = (traits.INDIVIDUAL_SD**2 + reading.waver_sd**2) ** 0.5
    edges = [(point + 0.5 - position.RECOMMEND_MEAN) / position.RECOMMEND_SD for point in range(10)]
    below = [0.0, *(phi((edge - mean) / spread) for edge in edges), 1.0]
    return [max(1e-4, high - low) for low, high in pairwise(below)]


def _normalised(codes: list[str], weights: list[float]) -> dict[str, float]:
    """Round to four places so that the sum is exactly 1; the largest share takes the remainder."""
    total = sum(weights)
    if not codes or total <= 0:
        return {}
    shares = [round(weight / total, 4) for weight in weights]
    largest = shares.index(max(shares))
    shares[largest] = round(shares[largest] + 1.0 - sum(shares), 4)
    return dict(zip(codes, shares, strict=True))
