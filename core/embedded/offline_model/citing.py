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
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
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
    """Return what each passage says about a persona: the trait that it shares most words with, and the sentence."""
    persona = mapping(data.get("persona"))
    traits = {name: words_of(name.replace("_", " "), value) for name, value in persona.items()}
    return {"findings": [_finding(one, traits, persona) for one in objects(data.get("evidence"))]}


def _finding(passage: dict[str, Any], traits: dict[str, frozenset[str]], persona: dict[str, Any]) -> dict[str, str]:
    best: tuple[int, str, str] = (0, "", "")
    for sentence in _SENTENCE.findall(text_of(passage.get("text"))):
        said = words_of(sentence)
        for name, own in traits.items():
            shared = len(own & said)
            if shared > best[0] and not _ORDER.search(sentence):
                best = (shared, name, sentence.strip())
    shared, trait, quote = best
    if shared < _ON_A_TRAIT:
        return {"ref": text_of(passage.get("ref"), 20), "stance": "irrelevant", "trait": "", "quote": ""}
    against = bool(_AGAINST.search(quote)) != bool(_AGAINST.search(_flat(persona.get(trait))))
    stance = "contradicts" if against else "supports"
    return {
        "ref": text_of(passage.get("ref"), 20),
        "stance": stance,
        "trait": trait,
        "quote": quote[:300].rsplit(" ", 1)[0] if len(quote) > 300 else quote,
    }


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(map(_flat, value.values()))
    return " ".join(map(_flat, value)) if isinstance(value, list) else text_of(value)
