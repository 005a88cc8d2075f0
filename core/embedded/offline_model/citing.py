"""Which passages of evidence bear on a person: those that share words with its traits."""

import re
from typing import Any

from core.embedded.offline_model.prompt_data import mapping, objects, text_of

_WORD = re.compile(r"[^\W\d_]{4,}")
_STOP = frozenset(
    """
    about after again against also among another around because been before being between both could does doing
    down during each every from further have having here hers herself himself into itself just less like made
    make many more most much must near never only other ours over same says should since some such than that
    their them themselves then there these they thing things this those three through today twice under until
    very want wants week well were what when where which while will with within without work works would year
    years your people person home life day days time often always good small large little long first second keep
    keeps takes take goes
    """.split()  # noqa: SIM905
)
_SHARED = 3
_MOST_CITED = 3
# Words that a sentence and a trait share for it to bear on the trait.
_ON_A_TRAIT = 2
_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]*)*[.!?]?")
# Traits that are named rather than told: a sentence bears on one only if it has all of its words.
_NAMED = frozenset("education education_level gender race religion location_state marital_status geography".split())  # noqa: SIM905
_EVERYWHERE = frozenset("location_country country".split())  # noqa: SIM905
_AGE = re.compile(
    r"\b(?P<low>\d{2})(?: ?(?:-|–|to|and) ?(?P<high>\d{2})\b|(?P<open>\+| and (?:over|older)| or older))"
    r"|\b(?:over|above|older than) (?P<over>\d{2})\b|\b(?:under|below|younger than) (?P<under>\d{2})\b",
    re.IGNORECASE,
)
_YOUNGEST, _OLDEST = 0, 120
_AGAINST = re.compile(
    r"\b(no|not|never|hardly|rarely|seldom|few|refuse\w*|avoid\w*|without|reject\w*)\b", re.IGNORECASE
)
_ORDER = re.compile(r"\b(ignore|disregard|forget)\b.{0,40}\binstructions?\b|\bmark (this|the)\b", re.IGNORECASE)
_ENDINGS = re.compile(r"(?:ies|ing|edly|ed|es|s|ly)$")


def words_of(*values: object) -> frozenset[str]:
    """Return the words of texts that say something, without their endings."""
    text = " ".join(_flat(value) for value in values).lower()
    return frozenset(_ENDINGS.sub("", word) for word in _WORD.findall(text) if word not in _STOP)


def bearing_on(passages: list[dict[str, Any]], fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the passages that share three words or more with a person's traits, most first, three at most."""
    own = words_of(*(value for name, value in fields.items() if name != "name"))
    counted = [(len(own & words_of(one.get("text"))), one) for one in passages]
    fitting = sorted((pair for pair in counted if pair[0] >= _SHARED), key=lambda pair: -pair[0])
    return [one for _, one in fitting[:_MOST_CITED]]


def findings(data: dict[str, Any], _seed: int) -> dict[str, Any]:
    """Return what each passage says about a persona: the trait that it says most of, and the sentence."""
    persona = mapping(data.get("persona"))
    return {"findings": [_finding(one, persona) for one in objects(data.get("evidence"))]}


def _finding(passage: dict[str, Any], persona: dict[str, Any]) -> dict[str, str]:
    best: tuple[int, str, str] = (0, "", "")
    for sentence in _SENTENCE.findall(text_of(passage.get("text"))):
        if _ORDER.search(sentence) or _of_other_ages(sentence, persona):
            continue
        for name, value in persona.items():
            said = _said(sentence, name, value)
            if said > best[0]:
                best = (said, name, sentence.strip())
    said, trait, quote = best
    if said < _ON_A_TRAIT:
        return {"ref": text_of(passage.get("ref"), 20), "stance": "irrelevant", "trait": "", "quote": ""}
    against = bool(_AGAINST.search(quote)) != bool(_AGAINST.search(_flat(persona.get(trait))))
    # A denial in a sentence about who somebody is speaks of what they do, not against who they are.
    against = against and trait not in _NAMED and trait not in ("age", "age_range")
    stance = "contradicts" if against else "supports"
    return {
        "ref": text_of(passage.get("ref"), 20),
        "stance": stance,
        "trait": trait,
        "quote": quote[:300].rsplit(" ", 1)[0] if len(quote) > 300 else quote,
    }


def _said(sentence: str, name: str, value: object) -> int:
    """Return how much of a trait a sentence tells: words that both have, and two where it names an age or a group."""
    if name in _EVERYWHERE:
        return 0
    if name in ("age", "age_range"):
        return _ON_A_TRAIT if _AGE.search(sentence) and _ages_in(value) else 0
    if name in _NAMED:
        told = _flat(value).lower().strip()
        return _ON_A_TRAIT if told and re.search(rf"\b{re.escape(told)}\b", sentence.lower()) else 0
    return len(words_of(name.replace("_", " "), value) & words_of(sentence))


def _of_other_ages(sentence: str, persona: dict[str, Any]) -> bool:
    """Tell whether a sentence names ages, and none of them is the persona's."""
    own = _ages_in(persona.get("age_range")) or _ages_in(persona.get("age"))
    named = [_span(match) for match in _AGE.finditer(sentence)]
    return own is not None and bool(named) and not any(low <= own[1] and own[0] <= high for low, high in named)


def _ages_in(value: object) -> tuple[int, int] | None:
    if isinstance(value, dict):
        low, high = value.get("min"), value.get("max")
        return (low, high) if isinstance(low, int) and isinstance(high, int) else None
    match = _AGE.search(_flat(value))
    return _span(match) if match else None


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Return the ages that words name, both ends included."""
    if match["over"]:
        return int(match["over"]) + 1, _OLDEST
    if match["under"]:
        return _YOUNGEST, int(match["under"]) - 1
    return int(match["low"]), _OLDEST if match["open"] else int(match["high"])


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(map(_flat, value.values()))
    return " ".join(map(_flat, value)) if isinstance(value, list) else text_of(value)
