"""Drafts a questionnaire: a question or more for each component of the objective and each hypothesis."""

import re
from collections.abc import Callable
from typing import Any

from core.embedded.offline_model import subjects
from core.embedded.offline_model.draft_parts import (
    RATE_NONE_TO_FULL,
    Asked,
    alternatives,
    choice,
    clean,
    hypothesis_question,
    likert,
    listed,
    many,
    marks_of,
    matrix,
    number,
    open_question,
    prices,
    quoted,
    ranked,
)
from core.embedded.offline_model.draft_profiles import HOUSEHOLD, HOUSEHOLD_ASKED, PLACE, PLACE_ASKED, profile_questions
from core.embedded.offline_model.prompt_data import objects, text_of

FREQUENCY = ["Never", "Less than once a month", "One to three times a month", "Once a week", "Several times a week"]
FAMILIAR = ["Not at all familiar", "Slightly familiar", "Moderately familiar", "Very familiar", "Extremely familiar"]
LIKELY = ["Very unlikely", "Fairly unlikely", "Neither likely nor unlikely", "Fairly likely", "Very likely"]
BELIEVABLE = ["Not at all", "Slightly", "Moderately", "Very", "Completely"]
SECTIONS = ("You", "Today", "What matters", "What you think")


def draft(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return sections of questions; what a brief tells others to ask or to answer counts for nothing."""
    components = {text_of(one.get("component"), 60): clean(one.get("value")) for one in objects(data.get("components"))}
    title = clean(data.get("title"))
    study = Study(topic_of(title, components), components, data.get("country"), seed)
    for name, write in WRITERS:
        if components.get(name):
            write(study)
    for one in objects(data.get("hypotheses")):
        ref, component = text_of(one.get("ref"), 20), text_of(one.get("component"), 60)
        study.add(3, hypothesis_question(clean(one.get("text")), study.topic), component, ref)
    wanted = data.get("questions")
    extras(study, wanted if isinstance(wanted, int) else 15)
    return {"sections": study.sections()}


class Study:
    """What is known, and the questions so far by section."""

    def __init__(self, topic: str, components: dict[str, str], country: object, seed: int) -> None:
        self.topic = topic
        self.components = components
        self.country = text_of(country, 60)
        self.seed = seed
        self.asked: list[list[dict[str, Any]]] = [[] for _ in SECTIONS]
        self.texts: set[str] = set()

    @property
    def count(self) -> int:
        """Return how many questions there are."""
        return sum(map(len, self.asked))

    def add(self, section: int, one: Asked | None, component: str | None, hypothesis: str | None = None) -> bool:
        """Add a question that is not asked yet, under a key of its own; tell whether it was added."""
        if one is None or one.text in self.texts:
            return False
        self.texts.add(one.text)
        keys = {question["key"] for questions in self.asked for question in questions}
        key, again = one.key, 1
        while key in keys:
            again += 1
            key = f"{one.key}_{again}"
        serves = {"component": component, "hypothesis": hypothesis, "theme": one.theme}
        self.asked[section].append(one.question(key) | {"serves": serves})
        return True

    def sections(self) -> list[dict[str, Any]]:
        """Return the sections that have questions."""
        return [
            {"title": title, "questions": questions}
            for title, questions in zip(SECTIONS, self.asked, strict=True)
            if questions
        ]


def topic_of(title: str, components: dict[str, str]) -> str:
    """Return what the study is about, as respondents would call it."""
    texts = [components.get(name, "") for name in ("business_context", "decision_problem", "information_gap")]
    told = " ".join(components.values()).lower()
    found = subjects.find("", (title, *texts))
    public = next((one for one in PUBLIC if re.search(rf"\b{one}\b", told)), None)
    if public and found.head not in told:
        return public if public in BARE else f"the {public}"
    if found.head and found.head not in told and any(texts):
        found = subjects.find("", (*texts, title))
    same = [one for text in texts for one in [subjects.find(text)] if one.head == found.head]
    found = max([found, *same], key=lambda one: len(_bare(one.phrase).split()))
    named = re.search(r"\b(our|the|their) " + re.escape(_bare(found.phrase)), f"{title} {told}", re.IGNORECASE)
    if named or found.plural or not found.head:
        return found.phrase
    bare = _bare(found.phrase)
    counted = re.search(rf"\ban? (?:[\w-]+ ){{0,3}}{re.escape(found.head)}\b", told)
    return f"{bare}s" if counted and found.head not in MASS else bare


def _bare(phrase: str) -> str:
    return re.sub(r"^(?:the|a|an|our|their) ", "", phrase)


# What studies of public opinion are about.
PUBLIC = ("economy", "inflation", "climate", "immigration", "election", "housing market", "health system")
BARE = frozenset({"inflation", "immigration"})
# Things without a number: "bread", not "breads".
MASS = frozenset(
    {"yoghurt", "yogurt", "milk", "bread", "water", "coffee", "tea", "cheese", "insurance", "news", "food"}
)


def _audience(study: Study) -> None:
    told = study.components["target_audience"]
    study.add(0, number("age", "How old are you, in years?", 0, 120, "Age"), "target_audience")
    marks = marks_of(told)
    if len(marks) > 1:
        study.add(
            0, many("describes", "Which of these describe you?", marks, "Audience", other=False), "target_audience"
        )
    elif marks:
        asked = f"How well does this describe you: “{marks[0][:1].lower()}{marks[0][1:]}”?"
        study.add(0, choice("described", asked, DESCRIBED, "Audience"), "target_audience")


DESCRIBED = ["All of it describes me", "Part of it describes me", "None of it describes me"]


def _geography(study: Study) -> None:
    text = study.components["geography"]
    places = listed(text)
    if len(places) > 1:
        study.add(0, choice("region", "Where do you live?", [*places, "Somewhere else"], "Region"), "geography")
    elif "united states" in text.lower():
        asked = "In which part of the United States do you live?"
        study.add(0, choice("region", asked, ["Northeast", "Midwest", "South", "West"], "Region"), "geography")
    else:
        study.add(0, choice("place", PLACE_ASKED, PLACE, "Place"), "geography")


def _segments(study: Study) -> None:
    names = ("segmentation_logic", "target_audience", "information_gap")
    text = " ".join(study.components.get(name, "") for name in names)
    added = [study.add(0, one, "segmentation_logic") for one in profile_questions(text)]
    if not any(added):
        study.add(0, choice("household", HOUSEHOLD_ASKED, HOUSEHOLD, "Household"), "segmentation_logic")


def _business(study: Study) -> None:
    study.add(
        1, likert("familiar", f"How familiar are you with {study.topic}?", FAMILIAR, "Familiarity"), "business_context"
    )


def _behaviour(study: Study) -> None:
    text = study.components["behaviours_attitudes"]
    items = listed(text)
    if len(items) > 2 and not prices(text):
        asked = f"How much does each of these influence what you think of {study.topic}?"
        study.add(2, matrix("influence", asked, items, RATE_NONE_TO_FULL, "Influences"), "behaviours_attitudes")
    often = f"In the past three months, how often have you thought about {study.topic}?"
    study.add(1, likert("often", often, FREQUENCY, "Frequency"), "behaviours_attitudes")


def _competitors(study: Study) -> None:
    text = study.components["competitive_frame"]
    items = listed(text)
    if len(items) > 1:
        asked = "Which of these have you used or paid attention to in the past 12 months?"
        study.add(1, many("used", asked, items, "Alternatives"), "competitive_frame")
    else:
        asked = f"What else do you use or consider besides {study.topic}?"
        study.add(1, open_question("besides", asked, "Alternatives"), "competitive_frame")


def _gap(study: Study) -> None:
    text = study.components["information_gap"]
    for price in prices(text):
        asked = f"If you could buy {study.topic} for {price}, how likely or unlikely would you be to do so?"
        study.add(3, likert("buy_at_price", asked, LIKELY, "Price"), "information_gap")
    for claim in quoted(text):
        asked = f"How believable is the claim “{claim}”?"
        study.add(3, likert("believe", asked, BELIEVABLE, "Claim"), "information_gap")
    fit = re.search(r"\bfit (?:with|to) ([\w' -]{3,40}?)(?=[.,;]|$)", text)
    if fit:
        asked = f"How well or badly does {study.topic} fit {fit[1]}?"
        study.add(3, likert("fit", asked, FIT, "Fit"), "information_gap")
    items = [] if prices(text) else listed(text)
    if len(items) > 2:
        asked = f"When you think of {study.topic}, what matters most to you? Put these in order."
        study.add(2, ranked("order", asked, items, "Priorities"), "information_gap")
    elif not prices(text) and not quoted(text):
        asked = f"Overall, how good or bad has your experience with {study.topic} been so far?"
        study.add(2, likert("experience", asked, EXPERIENCE, "Experience"), "information_gap")
    if " pay" in f" {text.lower()}" and not prices(text):
        asked = f"How likely or unlikely would you be to pay for {study.topic}?"
        study.add(3, likert("pay", asked, LIKELY, "Price"), "information_gap")
    asked = f"In your own words, what is the first thing that comes to mind about {study.topic}?"
    study.add(1, open_question("first_thought", asked, "Associations"), "information_gap")


FIT = ["Very badly", "Rather badly", "Neither well nor badly", "Rather well", "Very well"]
EXPERIENCE = ["Very bad", "Fairly bad", "Neither good nor bad", "Fairly good", "Very good"]


def _decision(study: Study) -> None:
    items = alternatives(study.components["decision_problem"])
    if len(items) < 2:
        asked = f"How much would you like or dislike it if {study.topic} became different from what you know?"
        study.add(3, likert("change", asked, LIKING, "Decision"), "decision_problem")
        return
    shown = "Which of these would you prefer, if you had the choice?"
    if study.add(3, choice("preferred", shown, items, "Decision", last="No preference"), "decision_problem"):
        why = open_question("why_preferred", "What makes you prefer that?", "Reasons")
        why.show_if = f'preferred != "{len(items) + 1}"'
        study.add(3, why, "decision_problem")


LIKING = ["Dislike very much", "Dislike somewhat", "Neither like nor dislike", "Like somewhat", "Like very much"]


def extras(study: Study, wanted: int) -> None:
    """Add questions that serve any study, until there are as many as wanted."""
    gap = "information_gap" if study.components.get("information_gap") else None
    attitude = "behaviours_attitudes" if study.components.get("behaviours_attitudes") else None
    told = " ".join(study.components.values())
    more: list[tuple[int, Asked, str | None]] = [
        (2, likert("interest", f"How interested are you in {study.topic}?", INTERESTED, "Interest"), attitude),
        (3, open_question("better", f"What, if anything, would you change about {study.topic}?", "Improvement"), gap),
    ]
    if re.search(r"\b(?:app|service|courses?|shop|product|subscription|website)\b", study.topic):
        asked = f"How likely are you to recommend {study.topic} to a friend or colleague?"
        more.append((3, Asked("recommend", "nps", asked, "Recommendation"), gap))
    if re.search(r"\b(?:fear|worr|risk|concern|pessimis)", told):
        asked = f"How worried are you about {study.topic}?"
        more.append((2, likert("worry", asked, WORRIED, "Worries"), attitude))
    asked = f"How easy or difficult is it for you to find out what you need to know about {study.topic}?"
    more += [
        (1, many("sources", f"Where do you hear or read about {study.topic}?", SOURCES, "Sources"), attitude),
        (1, likert("find_out", asked, EASE, "Information"), attitude),
        (0, choice("household", HOUSEHOLD_ASKED, HOUSEHOLD, "Household"), None),
        (0, choice("place", PLACE_ASKED, PLACE, "Place"), None),
    ]
    turn = 2 + study.seed % (len(more) - 2)
    for section, one, component in [*more[:2], *more[turn:], *more[2:turn]]:
        if study.count >= wanted:
            return
        study.add(section, one, component)


INTERESTED = [
    "Not at all interested",
    "Slightly interested",
    "Moderately interested",
    "Very interested",
    "Extremely interested",
]
EASE = ["Very difficult", "Fairly difficult", "Neither difficult nor easy", "Fairly easy", "Very easy"]
WORRIED = ["Not at all worried", "Slightly worried", "Moderately worried", "Very worried", "Extremely worried"]
SOURCES = ["Family or friends", "News", "Social media", "Advertising", "Shops or salespeople", "Reviews"]
WRITERS: tuple[tuple[str, Callable[[Study], None]], ...] = (
    ("target_audience", _audience),
    ("geography", _geography),
    ("segmentation_logic", _segments),
    ("business_context", _business),
    ("behaviours_attitudes", _behaviour),
    ("competitive_frame", _competitors),
    ("information_gap", _gap),
    ("decision_problem", _decision),
)
