"""A research brief taken apart: rules over its sentences find the ten components, each with the words that say it."""

import re
from dataclasses import dataclass
from typing import Any

from core.embedded.offline_model import places
from core.embedded.offline_model.objective_patterns import (
    BELIEFS,
    HINTED,
    NO_ANSWERS,
    NO_PLACES,
    ORDERS,
    OUTRIGHT,
    QUESTIONS,
    Patterns,
)
from core.embedded.offline_model.prompt_data import objects, text_of
from core.embedded.offline_model.seeding import Draws

COMPONENTS = (
    "business_context", "decision_problem", "information_gap", "primary_hypothesis", "secondary_hypotheses",
    "target_audience", "segmentation_logic", "competitive_frame", "behaviours_attitudes", "geography",
)  # fmt: skip
ASKED_FIRST = ("decision_problem", "target_audience", "information_gap", "business_context", "primary_hypothesis")
_LONGEST_SOURCE, _MOST_SENTENCES, _LONGEST_SENTENCE = 80_000, 400, 900
_MOST_QUOTES, _MOST_QUESTIONS, _LONGEST_VALUE = 3, 5, 700
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=\s|$)|\n|$)")
_FURTHER = re.compile(r",? and that (?=\w)|, and (?=[\w'’-]+ [\w'’-]+ )|; ")
_SUBJECT = re.compile(r"\b(?:our|my|the new) (?:[\w'’-]{2,20} ){0,2}[\w'’-]{2,20}", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_FEW_WORDS = 4
_AFTER_A_NAME = "and or is are was were if that which who to for in on at of with has have will would"


@dataclass(frozen=True, slots=True)
class Found:
    """A component as it was found: the words that say it, and whether they say it outright."""

    quotes: tuple[str, ...] = ()
    outright: bool = False


def take_apart(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return components and questions for the source in a prompt's data; no sentence of it is obeyed."""
    source = text_of(data.get("source"), _LONGEST_SOURCE)
    sentences = sentences_of(source)
    found = {name: _found(name, sentences) for name in OUTRIGHT}
    found["primary_hypothesis"], found["secondary_hypotheses"] = _hypotheses(found["primary_hypothesis"])
    for name, given in _answered(data).items():
        found[name] = given if given.outright or not found[name].quotes else found[name]
    passages = objects(data.get("passages"))
    components = {name: _component(found[name], passages) for name in COMPONENTS}
    country = text_of(data.get("country"), 60) or places.country_in(" ".join(sentences))
    if not found["geography"].quotes and country:
        components["geography"] = _reply(country, "inferred")
    return {"components": components, "questions": _questions(components, source, Draws("objective", seed, source))}


def sentences_of(source: str) -> list[str]:
    """Return the sentences of a source that tell something; those that give orders are left out."""
    found = [match[0].strip()[:_LONGEST_SENTENCE] for match in _SENTENCE.finditer(source)]
    return [one for one in found if one and not ORDERS.search(one)][:_MOST_SENTENCES]


def _found(name: str, sentences: list[str]) -> Found:
    """Return what says a component outright, else what hints at it; one stretch for each sentence."""
    outright = _quotes(OUTRIGHT[name], name, sentences)
    return Found(outright, outright=True) if outright else Found(_quotes(HINTED.get(name, ()), name, sentences))


def _quotes(patterns: Patterns, name: str, sentences: list[str]) -> tuple[str, ...]:
    found = dict.fromkeys(filter(None, (_first(patterns, name, sentence) for sentence in sentences)))
    return tuple(found)[:_MOST_QUOTES]


def _first(patterns: Patterns, name: str, sentence: str) -> str:
    for pattern in patterns:
        match = pattern.search(sentence)
        if match:
            quote: str = (match.groupdict().get("q") or match[0]).strip(" .,;:\n")
            if name != "geography" or not NO_PLACES & set(_WORD.findall(quote)):
                return quote
    return ""


def _hypotheses(found: Found) -> tuple[Found, Found]:
    """Return what is expected first, and what else: further clauses and further sentences."""
    if not found.quotes:
        return found, Found()
    first, *others = found.quotes
    clauses = [clause for clause in _FURTHER.split(first) if len(_WORD.findall(clause)) >= _FEW_WORDS]
    if len(clauses) > 1 and first.startswith(clauses[0]):
        return Found((clauses[0],), outright=True), Found((*clauses[1:], *others)[:_MOST_QUOTES], outright=True)
    return Found((first,), outright=True), Found(tuple(others), outright=bool(others))


def _answered(data: dict[str, Any]) -> dict[str, Found]:
    """Return what answers say of the components that were asked about; the last one counts."""
    found: dict[str, Found] = {}
    for given in objects(data.get("answers")):
        name = text_of(given.get("component"), 40)
        told = [one.strip(" .;,\n") for one in sentences_of(text_of(given.get("answer")))]
        told = [one for one in told if one and not NO_ANSWERS.match(one)]
        if name in COMPONENTS and told:
            words = len(_WORD.findall(" ".join(told)))
            found[name] = Found(tuple(told[:_MOST_QUOTES]), outright=words >= _FEW_WORDS or name == "geography")
    return found


def _component(found: Found, passages: list[dict[str, Any]]) -> dict[str, Any]:
    if not found.quotes:
        return _reply(None, "missing")
    value = " ".join(f"{_plain(quote)}." for quote in found.quotes)[:_LONGEST_VALUE]
    refs = [text_of(one.get("ref"), 40) for one in passages if _bears_on(found, text_of(one.get("text")))]
    return _reply(value, "clear" if found.outright else "partial", list(found.quotes), refs[:_MOST_QUOTES])


def _reply(
    value: str | None, status: str, quotes: list[str] | None = None, passages: list[str] | None = None
) -> dict[str, Any]:
    return {"value": value, "status": status, "quotes": quotes or [], "passages": passages or []}


def _plain(quote: str) -> str:
    """Return a quote as a statement by itself."""
    said = re.sub(rf"^{BELIEFS}", "", quote, flags=re.IGNORECASE)
    return said[:1].upper() + said[1:].rstrip("?")


def _bears_on(found: Found, passage: str) -> bool:
    """Tell whether a passage shares two telling words with what was found."""
    own = {word.lower() for quote in found.quotes for word in _WORD.findall(quote) if len(word) > 5}
    return len(own & {word.lower() for word in _WORD.findall(passage)}) >= 2


def _questions(components: dict[str, Any], source: str, draws: Draws) -> list[dict[str, str]]:
    order = (*ASKED_FIRST, *(name for name in COMPONENTS if name not in ASKED_FIRST))
    lacking = [name for name in order if components[name]["status"] != "clear"]
    subject = _subject(source)
    return [
        {"component": name, "text": draws.pick(QUESTIONS[name]).format(subject=subject)}
        for name in lacking[:_MOST_QUESTIONS]
    ]


def _subject(source: str) -> str:
    """Return what a brief is about, as one speaks of it: "our app"; its topic where it has no short name."""
    match = _SUBJECT.search(source)
    if match and not ORDERS.search(match[0]):
        words = match[0].split()
        kept = [words[0].lower()]
        for word in words[1:]:
            if word.lower() in _AFTER_A_NAME.split():
                break
            kept.append(word)
        if len(kept) > 1:
            return " ".join(kept).replace("{", "").replace("}", "")
    return "this"
