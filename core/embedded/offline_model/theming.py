"""Codebooks and codes of open-ended answers: words that several answers share, and where they stand."""

import re
from collections import Counter
from typing import Any

from core.embedded.offline_model.citing import words_of
from core.embedded.offline_model.prompt_data import objects, text_of

_LETTERS = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?]?")
_ORDER = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,60}\b(instructions?|prompts?|rules?|above|previous)\b"
    r"|\b(use|give|assign|return|code)\b.{0,40}\b(codes?|themes?|everything|all texts)\b",
    re.IGNORECASE,
)
# Words of answers in general: a theme that hangs on them would say nothing.
_GENERAL = frozenset(
    words_of(
        "really think feel know thing something anything nothing answer question reason mean much sure maybe simply"
        " quite rather pretty kind sort somebody everything everyone actually perhaps probably mostly usually"
        " hold trouble worst best puts plate bother problem issue main biggest worry worries gladly like dislike"
        " comes down myself thought giving"
    )
)
_FEWEST = 2
# A word that more of the answers have than this tells none of them from the others.
_COMMONEST = 0.6
_TOGETHER = 0.5
_COMPANIONS = 2
_FRAME = "Answers that speak of"
_LONGEST_QUOTE = 25
_ENOUGH_WORDS = 3


def codebook(data: dict[str, Any], _seed: int) -> dict[str, Any]:
    """Return themes: a word that several texts have, with those that go along with it."""
    texts = [_told(text_of(one)) for one in data.get("texts") or [] if isinstance(one, str)]
    ignored = words_of(text_of(data.get("question"))) | _GENERAL
    stems = [words_of(text) - ignored for text in texts]
    counted = Counter(stem for own in stems for stem in own)
    most = max(_FEWEST, int(len(texts) * _COMMONEST)) if len(texts) > 5 else len(texts)
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    heads = [stem for stem, count in ranked if _FEWEST <= count <= most]
    # Words that go along with others tell an idea; those that stand alone come after them.
    heads.sort(key=lambda stem: not _close(stem, stems, heads, set()))
    spoken = _surfaces(texts)
    themes: list[dict[str, str]] = []
    taken: set[str] = set()
    limit = data.get("max_themes")
    for head in heads:
        if len(themes) >= (limit if isinstance(limit, int) else 12):
            break
        if head in taken:
            continue
        close = _close(head, stems, heads, taken)
        taken |= {head, *close}
        words = [spoken[stem] for stem in (head, *close[:_COMPANIONS])]
        themes.append({"name": " and ".join(words[:2]).capitalize(), "definition": f"{_FRAME} {', '.join(words)}."})
    return {"themes": themes}


def _close(head: str, texts: list[frozenset[str]], heads: list[str], taken: set[str]) -> list[str]:
    """Return the words that stand in half of the texts of a word or more, most first."""
    own = [one for one in texts if head in one]
    beside = Counter(stem for one in own for stem in one if stem != head and stem not in taken)
    least = max(_FEWEST, _TOGETHER * len(own))
    found = [stem for stem in heads if beside[stem] >= least]
    return sorted(found, key=lambda stem: (-beside[stem], stem))


def codes(data: dict[str, Any], _seed: int) -> dict[str, Any]:
    """Return the codes of texts: of each theme whose words a sentence has, with that sentence."""
    themes = [(text_of(one.get("code"), 60), _keywords(one)) for one in objects(data.get("themes"))]
    found: list[dict[str, str]] = []
    for one in objects(data.get("texts")):
        ref, text = text_of(one.get("ref"), 60), text_of(one.get("text"))
        given = []
        for code, keywords in themes:
            quote = next((part for part in _sentences(text) if keywords & words_of(part)), None)
            if quote is not None:
                given.append({"ref": ref, "code": code, "quote": _short(quote, keywords)})
        if not given and len(words_of(_told(text)) - _GENERAL) >= _ENOUGH_WORDS:
            given = [{"ref": ref, "code": "other", "quote": _short(next(iter(_sentences(text))), frozenset())}]
        found += given
    return {"codes": found}


def _keywords(theme: dict[str, Any]) -> frozenset[str]:
    return (words_of(theme.get("name"), theme.get("definition")) - words_of(_FRAME)) - _GENERAL


def _sentences(text: str) -> list[str]:
    """Return the sentences that say something to the asker, not to a model."""
    return [one.strip() for one in _SENTENCE.findall(text) if one.strip() and not _ORDER.search(one)]


def _told(text: str) -> str:
    return " ".join(_sentences(text))


def _surfaces(texts: list[str]) -> dict[str, str]:
    """Return how each stem is written most."""
    counted: dict[str, Counter[str]] = {}
    for text in texts:
        for word in _LETTERS.findall(text.lower()):
            for stem in words_of(word):
                counted.setdefault(stem, Counter())[word] += 1
    return {stem: min(forms, key=lambda form: (-forms[form], form)) for stem, forms in counted.items()}


def _short(sentence: str, keywords: frozenset[str]) -> str:
    """Return a sentence, or of a long one the words around the first that counts."""
    words = sentence.split()
    if len(words) <= _LONGEST_QUOTE:
        return sentence
    at = next((number for number, word in enumerate(words) if keywords & words_of(word)), 0)
    start = max(0, min(at - _LONGEST_QUOTE // 2, len(words) - _LONGEST_QUOTE))
    first = re.search(r"\s+".join(re.escape(word) for word in words[start : start + _LONGEST_QUOTE]), sentence)
    return first[0] if first else sentence
