"""Which way and how far a text leans, read from its words: the part of a meaning that a small sentence model misses.

The answering part counts: what follows a question, a main clause before its reasons, a conclusion before the rest. Each
finding is a place from -1 to 1 on an axis (agreement, likelihood, frequency, …). A finding becomes smooth bumps about
its place, so that the cosine of two texts falls with the distance between what they say.
"""

import math
import re
from functools import cache, lru_cache
from typing import NamedTuple

from core.embedded.offline_model import lexicon
from core.embedded.offline_model.lexicon import COMMON, PLAIN

_LONGEST = 1200
_ANSWER = re.compile(r"(?:my answer|i would say|i'd say|answer):\s+(?=\w)")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")
_CONCLUSION = re.compile(r"(so|all in all|overall|in short|in the end|altogether|to sum up)\b,? ")
_SUBORDINATE = re.compile(
    r",? (?:because|mostly because|since|seeing that|given that|as long as|and it shows:?)\s|[;:—]\s"
)
_CONTRAST = re.compile(
    r",? (?:but|although|though|even if|however|while)\s(?!only|just|hardly|not too|not [\w-]+ either)"
)
_OPENING = re.compile(
    r"^(?:(?:well|honestly|so|overall|all in all|to be fair|truth be told|if you ask me|from where i sit|i'd say|i"
    r" would say"
    r"|the way i see it|looking at my own life|as far as i can tell|my feeling is that|still|frankly),? |(?:no|yes), )+"
)
# What the words of a clause count beside a phrase that says it all.
_AFTER_PHRASE = 0.15
# What a number counts beside words that say the same.
_BESIDE_WORDS = 0.3
_VERB = re.compile(r"\b(i|it|is|are|was|i'm|it's|they|we|has|have|do|does)\b")
_WORDS = re.compile(r"[a-z][a-z'-]*")
_SHORT_ANSWER = 7
# What a further head of a clause counts: "unlikely to recommend" is a matter of the first.
_FURTHER, _SAME_SIDE = 0.5, 0.1
_REASON, _BESIDE, _STEM = 0.2, 0.45, 0.1
# How many words before a head may hold its degree or its negation.
_REACH = 5


class Finding(NamedTuple):
    """One thing a text says: a place from -1 to 1 on an axis, and how much it counts."""

    axis: str
    place: float
    weight: float


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Finding, ...]:
    """Return what a text says on each axis it speaks of; nothing where no word tells."""
    found: list[Finding] = []
    for clause, weight in _clauses(text[-_LONGEST:].lower().replace("’", "'")):
        found += [Finding(axis, place, weight * own) for axis, place, own in _clause(clause)]
    return tuple(found)


def _clauses(text: str) -> list[tuple[str, float]]:
    """Return the clauses of the answering part, each with how much it counts."""
    _, mark, answer = text.rpartition("?")
    text = answer if mark and re.search(r"\w", answer) else text
    told = list(_ANSWER.finditer(text))
    text = text[told[-1].end() :] if told else text
    sentences = [sentence for sentence in _SENTENCES.split(text.strip()) if sentence]
    clauses = []
    for number, sentence in enumerate(sentences):
        weight = _sentence_weight(sentences, number)
        pieces = _SUBORDINATE.split(sentence)
        for place, piece in enumerate(pieces):
            main, *others = _CONTRAST.split(piece)
            own = weight if place == 0 else weight * _REASON
            clauses += [(main, own), *((other, own * _BESIDE) for other in others)]
    return clauses


def _sentence_weight(sentences: list[str], number: int) -> float:
    """Return how much a sentence counts: a bare label at the end, or a conclusion, else the first says it."""
    last = len(sentences) - 1
    if last and len(sentences[last].split()) <= _SHORT_ANSWER and not _VERB.search(sentences[last]):
        return 1.0 if number == last else _STEM
    concluding = [place for place, sentence in enumerate(sentences) if _CONCLUSION.match(sentence)]
    return 1.0 if number == (concluding[0] if concluding else 0) else _REASON


def _clause(clause: str) -> list[Finding]:
    """Return what one clause says: numbers, rates and phrases first, then words with their degree and negation."""
    rest = _OPENING.sub("", clause.strip(), count=1)
    numbers = [finding for match in lexicon.NUMBER.finditer(rest) for finding in _numbered(match)]
    rest, often = _frequency(lexicon.NUMBER.sub(" ", rest))
    told: list[Finding] = []
    for axis, common, place, pattern in lexicon.phrases():
        rest, count = pattern.subn(" ", rest)
        if count:
            told += _both(axis, common, place)
    if not told:
        rest, told = _would(rest)
    worded = _worded(rest, bare=not told and not often and not numbers)
    return [
        *often,
        *told,
        *_lessened(worded, _AFTER_PHRASE if told else 1.0),
        *_lessened(numbers, _BESIDE_WORDS if told or worded else 1.0),
    ]


def _lessened(findings: list[Finding], share: float) -> list[Finding]:
    return [Finding(axis, place, weight * share) for axis, place, weight in findings]


def _would(clause: str) -> tuple[str, list[Finding]]:
    """Return the clause without its "would", and how sure it is of it; nothing where it is not said how sure."""
    modal = lexicon.MODAL.search(clause)
    sure = lexicon.SURE.search(clause)
    likely = lexicon.LIKELY.search(clause)
    if modal is None or (sure is None and likely is None):
        return clause, []
    negated = any(modal[name] for name in ("no", "not", "never"))
    place = 1.0 if sure else PLAIN
    rest = lexicon.LIKELY.sub(" ", lexicon.SURE.sub(" ", clause.replace(modal.group(), " ", 1)))
    return rest, _both("likely", 1, -place if negated else place)


def _numbered(match: re.Match[str]) -> list[Finding]:
    number, low, high = float(match[1]), float(match[2] or 0), float(match[3])
    if not low < high or not low <= number <= high:
        return []
    return [Finding(COMMON, 2.0 * (number - low) / (high - low) - 1.0, 1.0)]


def _both(axis: str, common: int, place: float, weight: float = 1.0) -> list[Finding]:
    found = [Finding(axis, place, weight)] if axis != COMMON else []
    return [*found, Finding(COMMON, common * place, weight)] if common else found


def _frequency(clause: str) -> tuple[str, list[Finding]]:
    """Return the clause without its words of frequency, and what they say."""
    found = []
    for match in lexicon.RATE.finditer(clause):
        place = (math.log10(max(0.3, lexicon.times_a_year(match))) + 0.6) / 1.8 - 1.0
        found.append(Finding("frequency", min(1.0, place), 1.0))
    rest = lexicon.RATE.sub(" ", clause) if found else clause
    for place, pattern in lexicon.how_often():
        if pattern.search(rest):
            found.append(Finding("frequency", place, 0.5 if found else 1.0))
            break
    return rest, found


def _worded(clause: str, *, bare: bool) -> list[Finding]:
    """Return what the heads of a clause say; a degree alone is a place too where nothing else is said."""
    graded = list(lexicon.degrees().finditer(clause))
    heads = _heads(clause, graded)
    at_all = lexicon.AT_ALL.search(clause)
    found: list[Finding] = []
    for index, (match, (axis, side, common)) in enumerate(heads):
        start = heads[index - 1][0].end() if index else 0
        end = heads[index + 1][0].start() if index + 1 < len(heads) else len(clause)
        level = _level(clause, match, (start, end), graded, negated_whole=bool(at_all))
        weight = 1.0 if index == 0 else _SAME_SIDE if heads[0][1][0] == axis else _FURTHER
        found += [f for f in _both(axis, 1, side * level, weight) if f.axis != COMMON]
        if common:
            found.append(Finding(COMMON, common * level, weight))
    if found or not bare:
        return found
    if at_all:
        return [Finding(COMMON, -1.0, 1.0), Finding("frequency", -1.0, 0.8)]
    negated = bool(lexicon.NEGATION.search(clause))
    return [Finding(COMMON, (-0.4 if negated else 1.0) * lexicon.degree_of(match), 1.0) for match in graded[-1:]]


def _heads(clause: str, graded: list[re.Match[str]]) -> list[tuple[re.Match[str], tuple[str, int, int]]]:
    """Return the heads of a clause, without those of what is only agreed with or believed: "agree that …"."""
    known = lexicon.heads()
    found = [(match, known[match.group()]) for match in _WORDS.finditer(clause) if match.group() in known]
    found = [head for head in found if not any(g.start() <= head[0].start() < g.end() for g in graded)]
    embedded = clause.find(" that ", found[0][0].end()) if found else -1
    return [head for head in found if embedded < 0 or head[0].start() < embedded]


def _level(
    clause: str, head: re.Match[str], room: tuple[int, int], graded: list[re.Match[str]], *, negated_whole: bool
) -> float:
    """Return how far a head goes, below 0 where it is negated: "not at all", "not very", "not"."""
    before = clause[room[0] : head.start()]
    near = " ".join(before.split()[-_REACH:])
    degree = [match for match in graded if room[0] <= match.start() < head.start()][-1:]
    degree = degree or [match for match in graded if head.end() <= match.start() < room[1]][:1]
    plain = 0.95 if head.group() in lexicon.STRONG else PLAIN
    level = max(plain if plain > PLAIN else 0.0, lexicon.degree_of(degree[0])) if degree else plain
    if negated_whole and room[0] <= (lexicon.AT_ALL.search(clause) or head).start() < room[1]:
        return -1.0
    if not lexicon.NEGATION.search(near):
        return level
    if lexicon.NEVER.search(near):
        return -1.0
    if degree and degree[0].start() < head.start():
        return -0.4 if level > PLAIN else -0.7
    return -0.62 if not degree else -min(1.0, max(0.62, level))


# The bumps: narrow ones tell neighbours apart, wide ones keep an order among those far off.
_NARROW = (0.15, tuple(-1.2 + 0.2 * step for step in range(13)), 1.0)
_WIDE = (0.55, (-1.2, -0.6, 0.0, 0.6, 1.2), 0.45)
_BUMPS = len(_NARROW[1]) + len(_WIDE[1])
WIDTH = _BUMPS * len(lexicon.AXES)
_COMMON_SHARE = 0.8


@lru_cache(maxsize=4096)
def features(text: str) -> tuple[float, ...]:
    """Return the bumps of all that a text says as one vector of `WIDTH` numbers, of length one or all zeros."""
    vector = [0.0] * WIDTH
    for axis in lexicon.AXES:
        findings = [finding for finding in read(text) if finding.axis == axis]
        if findings:
            _put(vector, lexicon.AXES.index(axis) * _BUMPS, findings, _COMMON_SHARE if axis == COMMON else 1.0)
    norm = math.sqrt(math.fsum(value * value for value in vector)) or 1.0
    return tuple(value / norm for value in vector)


def _put(vector: list[float], start: int, findings: list[Finding], share: float) -> None:
    """Add the bumps of one axis, as long as its weightiest finding counts."""
    total = [0.0] * _BUMPS
    for finding in findings:
        for index, value in enumerate(_bumps(round(finding.place, 3))):
            total[index] += finding.weight * value
    length = math.sqrt(math.fsum(value * value for value in total)) or 1.0
    scale = share * min(1.0, max(finding.weight for finding in findings)) / length
    for index, value in enumerate(total):
        vector[start + index] = scale * value


@cache
def _bumps(place: float) -> tuple[float, ...]:
    """Return the height of each bump at a place."""
    return tuple(
        height * math.exp(-((place - center) ** 2) / (2.0 * width * width))
        for width, centers, height in (_NARROW, _WIDE)
        for center in centers
    )
