"""What is known of a respondent by name and value, and which option of a question says the same.

A question asks for something known when it speaks of the respondent and an option says a value that is theirs, in the
same words or in more or fewer of them. Opinions on the same words ("which region should get more?") are none of it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.embedded.offline_model import synonyms

_WORD = re.compile(r"[a-z0-9][a-z0-9'+]*")
_STOP = frozenset(
    "a an the of in on at for to and or with my your i you me is are am be been do does did have has had it that this"  # noqa: SIM905
    " these those which what where who how as by from any all own most best mostly mainly usually currently including"
    " etc eg who's i'm people person".split()
)
_NEGATED = re.compile(r"\b(no|not|non|never|none|neither|without|free|un\w+|isn't|don't|doesn't)\b|n't\b")
# Values that say nothing without the name of what they are values of.
_GENERIC = frozenset(
    "yes no true false low medium high none other some many few one two three four five average very little"  # noqa: SIM905
    " frequent rare often sometimes never always positive negative neutral unknown".split()
)
_PERSONAL = re.compile(r"\b(you|your|yourself|i|my|me|myself|household)\b")
_SAYING = re.compile(r"\b(how )?would you (say|describe|call|class|consider)\b( yourself)?")
_WHAT_IF = re.compile(r"\b(should|would|could|ought|might)\b")
_OPINION = re.compile(
    r"\b(think|opinion|prefer|trust|important|believe|likely|agree|feel|hope|expect|want|wish"
    r"|recommend|support|oppose|favou?r|better|worse|appeal\w*|interest\w*|next|change)\b"
)
_DESCRIBES = re.compile(
    r"describes?\b|\bare you\b|\bi am\b|\byou (currently |usually |mainly )?(live|eat|work|belong|identify|vote|own"
    r"|rent|drive|speak|study|follow|keep)\b|\b(is|are) your\b|\bwhere\b|which (part|group|of these (groups|is you))"
)
# Words of a question that ask for an attribute by another name.
_ASKED_AS: tuple[tuple[str, str], ...] = (
    (r"diet|eating|food", r"\beat\b|eating|diet|\bfood"),
    (r"region|state|province|location|geograph|area|country|city|county|place|nation|urban",
     r"where .*\blive|\blive\b|region|which part|area|based"),
    (r"gender|sex\b", r"gender|\bsex\b|male or female|man or woman"),
    (r"educat|school|degree|qualific", r"educat|school|degree|qualific|stud(y|ied)"),
    (r"occupation|job|profession|work|employ", r"occupation|\bjob|profession|\bwork|employ|for a living"),
    (r"income|earn|salary", r"income|earn|salary"),
    (r"relig|faith|denominat", r"relig|faith|denominat|church|worship"),
    (r"party|vote|politic", r"part(y|ies)|\bvote|politic"),
    (r"tenure|housing|accommodation|home|dwelling", r"rent|\bown\b|home|house|accommodation|live in"),
    (r"marital|relationship|civil", r"marital|married|relationship|partner|single"),
    (r"child|kids|parent|dependent", r"child|kids|parent"),
    (r"age\b|age_", r"\bage\b|how old"),
    (r"race|ethnic", r"race|ethnic|background"),
    (r"language|tongue", r"language|speak"),
    (r"\bcar\b|vehicle|drives|transport|commut|mobility", r"\bcar\b|vehicle|drive|transport|commut|travel|get to work"),
)  # fmt: skip
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known: a plain name and its value in lower case."""

    name: str
    value: str


def facts_from(own: dict[str, Any], inner: dict[str, Any], fields: dict[str, Any]) -> tuple[Fact, ...]:
    """Return what is known, the respondent's own attributes first; of the rest only short texts and numbers."""
    found: dict[str, Fact] = {}
    for given in (own, inner, {name: fields[name] for name in _PLAIN_FIELDS if name in fields}):
        for raw, value in given.items():
            name = str(raw).strip().lower().replace(" ", "_").replace("-", "_")
            plain = isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip()
            if plain and name not in found:
                found[name] = Fact(name[:80], str(value).strip().lower().replace("’", "'")[:200])
    return tuple(found.values())


_PLAIN_FIELDS = ("gender", "location_state", "location_country", "geography", "education_level", "occupation",
                 "income_range", "marital_status", "accommodation")  # fmt: skip


@lru_cache(maxsize=4096)
def option(text: str, labels: tuple[str, ...], facts: tuple[Fact, ...]) -> int | None:
    """Return the index of the one option that says what is known; None where the question does not ask for it."""
    asked = _asked(text)
    if not facts or not asked:
        return None
    opinion = bool(_OPINION.search(asked))
    best: tuple[float, int] | None = None
    for fact in facts:
        by_name = _asks_for(asked, fact.name)
        found = _of_value(asked, labels, fact.value, by_name=by_name)
        if found is None and by_name:
            found = _in_other_words(labels, fact)
        if found is not None and opinion and not (found[0] >= _EXACT and _names(asked, fact.name)):
            continue
        if found is not None and (best is None or found[0] + by_name > best[0]):
            best = (found[0] + by_name, found[1])
    return best[1] if best else None


@lru_cache(maxsize=4096)
def ruled_out(text: str, labels: tuple[str, ...], facts: tuple[Fact, ...]) -> frozenset[int]:
    """Return the options that say of what a question asks for by name something else than is known."""
    asked = _asked(text)
    if not asked or _OPINION.search(asked):
        return frozenset()
    wrong = [synonyms.contrary(fact.name, fact.value, labels) for fact in facts if _asks_for(asked, fact.name)]
    found: frozenset[int] = frozenset().union(*wrong)
    return found if len(found) < len(labels) else frozenset()


def describes(text: str) -> bool:
    """Tell whether a question asks who the respondent is or what they do, rather than what they think."""
    asked = _asked(text)
    named = any(re.search(words, asked) for _, words in _ASKED_AS)
    return bool(asked) and not _OPINION.search(asked) and bool(_DESCRIBES.search(asked)) and named


def denies(answer: str) -> bool:
    """Tell whether an answer says what is not the case."""
    return bool(_NEGATED.search(answer.lower().replace("’", "'")))


def _asked(text: str) -> str:
    """Return a question to the respondent about themself, in plain form; empty where it is none."""
    asked = _SAYING.sub(" ", text.lower().replace("’", "'")[:_LONGEST])
    return "" if not _PERSONAL.search(text.lower()[:_LONGEST]) or _WHAT_IF.search(asked) else asked


def _in_other_words(labels: tuple[str, ...], fact: Fact) -> tuple[float, int] | None:
    """Return the one option that says a value by a synonym, as "meat and fish" says "omnivore"."""
    said = synonyms.saying(fact.name, fact.value, labels)
    return (1.0, said[0]) if len(said) == 1 else None


def number(text: str, facts: tuple[Fact, ...]) -> float | None:
    """Return the number that is the value of what a question asks for by name."""
    asked = text.lower()[:_LONGEST]
    if not _PERSONAL.search(asked) or _WHAT_IF.search(_SAYING.sub(" ", asked)):
        return None
    named = (fact for fact in facts if re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", fact.value) and _names(asked, fact.name))
    return next((float(fact.value) for fact in named), None)


def _asks_for(asked: str, name: str) -> bool:
    """Tell whether a question asks for an attribute by its own name or another."""
    plain = name.replace("_", " ")
    return _names(asked, name) or any(re.search(own, plain) and re.search(words, asked) for own, words in _ASKED_AS)


def _names(asked: str, name: str) -> bool:
    """Tell whether all telling words of an attribute's name stand in a question."""
    telling = [_stem(word) for word in name.split("_") if word and word not in _STOP]
    there = {_stem(word) for word in _WORD.findall(asked)}
    return bool(telling) and all(word in there for word in telling)


def _of_value(asked: str, labels: tuple[str, ...], value: str, *, by_name: bool) -> tuple[float, int] | None:
    """Return how well an option says a value and which; None where none does, or several do as well."""
    if not by_name and (value in _GENERIC or value.replace(".", "").isdecimal()):
        return None
    scores = [_sameness(asked, label.lower().replace("’", "'")[:200], value) for label in labels]
    if by_name and max(scores, default=0.0) == 0.0:
        scores = [float(_holds(label.lower(), value)) for label in labels]
    top = max(scores, default=0.0)
    exact = top >= _EXACT
    if top == 0.0 or scores.count(top) > 1 or not (by_name or exact or _DESCRIBES.search(asked)):
        return None
    return top, scores.index(top)


_EXACT = 3.0


def _sameness(asked: str, label: str, value: str) -> float:
    """Return 0 for different things, up to 2 where one says the other in more words, 3 for the same words."""
    told, meant = _telling(label, ""), _telling(value, "")
    if told == meant and told:
        return _EXACT
    told, meant = _telling(label, asked), _telling(value, asked)
    if not told or not meant or not (told <= meant or meant <= told) or told <= _GENERIC or meant <= _GENERIC:
        return 0.0
    if bool(_NEGATED.search(label)) != bool(_NEGATED.search(value)):
        return 0.0
    return 1.0 + len(told & meant) / len(told | meant)


@lru_cache(maxsize=4096)
def _telling(text: str, asked: str) -> frozenset[str]:
    """Return the stems of a text's telling words that the question does not use itself."""
    used = {_stem(word) for word in _WORD.findall(asked)}
    return frozenset(stem for word in _WORD.findall(text) if word not in _STOP and (stem := _stem(word)) not in used)


def _stem(word: str) -> str:
    """Return a word without its commonest endings: "eats" and "eating" are "eat"."""
    for ending in ("ing", "ers", "er", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def _holds(label: str, value: str) -> bool:
    """Tell whether the number of a value lies in the band a label names."""
    given, bounds = _figures(value), _figures(label)
    if not given or not bounds:
        return False
    middle = sum(given[:2]) / len(given[:2])
    if len(bounds) >= 2:
        return bounds[0] <= middle <= bounds[1]
    if re.search(r"under|below|less|up to|<", label):
        return middle < bounds[0]
    above = re.search(r"over|more|above|\+|>|older", label)
    return middle >= bounds[0] if above else middle == bounds[0]


def _figures(text: str) -> list[float]:
    found = re.findall(r"(\d[\d,]{0,12}(?:\.\d{1,3})?)\s?(k\b)?", text)
    return [float(digits.replace(",", "")) * (1000.0 if thousands else 1.0) for digits, thousands in found]
