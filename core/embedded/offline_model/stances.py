"""A place on a scale in a respondent's words: the scale's own adjective and the question's own clause, turned round.

"Very concerned" becomes "I'm concerned about …, very much so": near enough for an embedding to place, and no label.
"""

import re
from functools import lru_cache

from core.embedded.offline_model import wording
from core.embedded.offline_model.clauses import clause
from core.embedded.offline_model.position import Reading

Phrases = tuple[str, ...]
_LONGEST_ECHO = 9
# What comes of a degree before an adjective. {h} is the adjective, {f} the clause with it, {with X} the clause with
# "X" before the adjective.
_DEGREES: tuple[tuple[str, Phrases], ...] = (
    (r"not at all|not .*at all", ("{with not}, not at all", "{with not} one bit", "{with not} in the least")),
    (r"not (very|too|so|that|particularly)", ("{with not especially}", "{with not really}, or only a very little",
     "{with not all that}")),
    (r"extremely|exceptionally", ("{with utterly}", "{f} in the extreme", "{f}, as much as can be")),
    (r"very|highly", ("{with really}", "{f}, very much so", "{f} indeed")),
    (r"strongly|firmly", ("{f}, and strongly so", "{with firmly}", "{f}, and I do so wholeheartedly")),
    (r"completely|totally|fully|entirely|absolutely|perfectly", ("{with wholly}", "{f} in every way",
     "{with altogether}, through and through")),
    (r"definitely|certainly", ("{f}, no doubt about it", "{f}, without a doubt", "{f}, most definitely")),
    (r"probably", ("{f}, in all likelihood", "chances are that {f}", "in all probability {f}")),
    (r"moderately", ("{f} to a moderate degree", "{f}, moderately so")),
    (r"somewhat", ("{f} to some extent", "{f}, up to a point", "{f}, in some measure")),
    (r"slightly|mildly", ("{with only a touch}", "{f}, but only just a touch", "{f}, if only a trifle")),
    (r"a little( bit)?|a bit", ("{f}, but only slightly", "{with a touch}")),
    (r"fairly|quite|rather|pretty|mostly|reasonably", ("{with reasonably}", "{f}, by and large", "{f}, on the whole")),
    (r"(just )?about", ("{f}, near enough", "{f}, just about")),
    (r"much", ("{f}, and by a lot", "{with far}")),
    (r"", ("{f}", "{f}, I'd say", "on balance {f}")),
)  # fmt: skip
_COMPILED = tuple((re.compile(rf"(?:{pattern})\s*"), phrases) for pattern, phrases in _DEGREES)
_WITH = re.compile(r"\{with ([^}]+)\}")
_MIDDLE = re.compile(r"neither|neutral|undecided|unsure|not sure|don't know|no opinion|might or might not|in between")
_PEOPLE = {"agree", "disagree", "support", "oppose", "favor", "favour"}
# How a person, rather than a thing, is: with the word that leads to the subject.
_OF_PERSONS = {
    "satisfied": "with", "happy": "with", "comfortable": "with", "familiar": "with", "worried": "about",
    "concerned": "about",
    "anxious": "about", "excited": "about", "optimistic": "about", "interested": "in", "confident": "in",
    "afraid": "of",
    "proud": "of", "aware": "of", "bothered": "by", "annoyed": "by", "attached": "to", "loyal": "to", "open": "to",
}  # fmt: skip
# What a label of frequency means: the first pattern that fits, and how people put it.
_RATES = (
    (r"never|not at all", ("I never {c}", "I don't {c} at all, never ever", "I have never been one to {c}")),
    (r"less (often )?than (once a month|monthly)", ("I {c} less often than monthly",
     "not even monthly, less than that, do I {c}")),
    (r"few times a year|yearly|once a year", ("I {c} maybe a few times each year",
     "just a handful of times per year I {c}")),
    (r"more than once a day|(several|many|multiple) times (a|per) day", ("I {c} several times each day",
     "I {c} many times every single day")),
    (r"more than once a week|(few|several|multiple|[2-6]|two|three).* (times|days) (a|per) week",
     ("I {c} a few times each week", "most weeks I {c} on several days")),
    (r"(once or twice|one or two|1.{1,4}2).*month", ("I {c} one or two times each month",
     "one or two times in a month I {c}")),
    (r"(few|several|twice|two|[2-4]).*(a|per) month|fortnight", ("I {c} a few times each month",
     "several times per month I {c}")),
    (r"month", ("I {c} about one time each month", "monthly, more or less, I {c}")),
    (r"week", ("I {c} weekly, about one time each week", "every week I {c}")),
    (r"daily|every day|each day|once a day", ("I {c} daily, each and every day", "not a day goes by that I don't {c}")),
    (r"rare|seldom|hardly", ("I rarely {c}", "I hardly ever {c}, very rarely", "it's rare that I {c}")),
    (r"sometimes|occasional|now and then", ("I sometimes {c}", "now and then I {c}, some of the time",
     "I {c} sometimes, not more")),
    (r"often|frequent|regular|usual|most of the time", ("I {c} often", "very frequently I {c}, often enough",
     "often I {c}")),
    (r"always|every time", ("I always {c}", "I {c} always, without exception", "at all times I {c}")),
)  # fmt: skip

# Agreement where only the ends of a scale have a name.
_AGREEING: wording.Levels = (
    ("I firmly disagree that {c}", "I don't agree at all that {c}"),
    ("I rather disagree that {c}", "I don't quite agree that {c}"),
    ("I neither agree nor disagree that {c}", "I'm undecided whether {c}"),
    ("I rather agree that {c}", "I agree, up to a point, that {c}"),
    ("I firmly agree that {c}", "I agree in every way that {c}"),
)
# What a bare degree means as a label: "not at all", "a great deal".
_MEASURES = (
    (r"not at all|none( at all)?|nothing", ("I do not {c} at all", "I don't {c} in the least")),
    (r"(very |only )?(a )?little|slightly|a bit|hardly", ("I {c} only slightly", "I {c}, but just a touch")),
    (r"not (very |so |too )?much", ("I do not really {c}", "I don't {c} all that much")),
    (r"somewhat|some|to some (extent|degree)|moderately|a moderate amount", ("I {c} up to a point",
     "I {c} in some measure")),
    (r"fairly|quite|rather|a fair (amount|bit)|mostly", ("I {c} by and large", "I {c} on the whole")),
    (r"quite a (lot|bit)|a lot|very much|a great deal|a good deal|much|strongly", ("I really {c}",
     "I {c}, and greatly so")),
    (r"completely|fully|totally|entirely|extremely|absolutely|very strongly", ("I wholly {c}", "I {c} in every way")),
)  # fmt: skip


def phrases(reading: Reading, index: int) -> Phrases:
    """Return ways to say what the option at `index` of the question's scale says, about the question's subject."""
    scale = reading.scale
    family = scale.family if scale else "amount"
    place = scale.level(index) if scale else 0.5
    if family in wording.TOPIC_FAMILIES.get(reading.topic.name, ()):
        return wording.phrases_at(wording.BY_TOPIC[reading.topic.name], place)
    label = reading.labels[index].lower().replace("’", "'") if index < len(reading.labels) else ""
    if any(other.strip().isdecimal() for other in reading.labels):
        said = clause(reading.text, family) if family == "agree" else ""
        agreeing = tuple(text.format(c=said) for text in wording.phrases_at(_AGREEING, place)) if said else ()
        return agreeing or _generally(reading, family, place)
    return _turned(reading, family, label) or _echoed(reading, label) or _generally(reading, family, place)


def _echoed(reading: Reading, label: str) -> Phrases:
    """Return a label that no frame takes, broken up by what people put between its words."""
    words = label.strip(" .").split()
    if not 2 <= len(words) <= _LONGEST_ECHO or any(character.isdigit() for character in label):
        return ()
    cut = 1 if len(words) == 2 else 2 - (words[1] in {"about", "at"})
    broken = f"{' '.join(words[:cut])}, I think, {' '.join(words[cut:])}"
    phrase = reading.subject.phrase
    verb = (words[0].endswith("s") and not words[0].endswith("ss")) or words[0] in {"does", "has", "is"}
    said = f"it {broken}" if verb else f"I'd put it as {broken}"
    return (f"as for {phrase}, {said}", f"when it comes to {phrase}, {said}")


def _generally(reading: Reading, family: str, place: float) -> Phrases:
    """Return phrases of the scale's family where its labels cannot be turned round."""
    found = wording.phrases_at(wording.FAMILIES.get(family, wording.FAMILIES["amount"]), place)
    return tuple(reading.subject.fill(text) for text in found)


def _turned(reading: Reading, family: str, label: str) -> Phrases:
    said = clause(reading.text, family)
    if said and family == "frequency":
        found = next((how for pattern, how in _RATES if re.search(pattern, label)), ())
        return tuple(text.format(c=said) for text in found)
    measured = _measured(clause(reading.text, "measure"), label)
    if measured:
        return measured
    frame = _frame(reading, family, said)
    adjective, opposite = _adjectives(tuple(reading.labels))
    if not frame or (not adjective and (family not in {"quality", "better", "amount"} or _of_verbs(reading.labels))):
        return ()
    if _MIDDLE.search(label):
        return _undecided(frame, adjective, opposite)
    return _in_degree(frame, label)


def _of_verbs(labels: list[str]) -> bool:
    """Tell whether labels are verbs of their own: "does not fit at all", "fits perfectly"."""
    return any(
        re.match(r"(does|do|did|has|have|is|are|was|would|will|can)(n't| not)?\b", label.lower()) for label in labels
    )


def _measured(said: str, label: str) -> Phrases:
    """Return how much one does what the question asks, where the labels are bare degrees: "not at all", "a lot"."""
    found = next((how for pattern, how in _MEASURES if re.fullmatch(pattern, label)), ()) if said else ()
    return tuple(text.format(c=said) for text in found)


def _in_degree(frame: str, label: str) -> Phrases:
    if re.match(r"(definitely|probably|certainly) (would|will)", label):
        label = re.sub(r"^(\w+) (would|will)( not)?.*", r"\1 would\3", label)
    for pattern, found in _COMPILED:
        match = pattern.match(label)
        if match:
            head = label[match.end() :].strip(" .")
            fits = re.fullmatch(r"[a-z' -]{3,24}", head)
            return tuple(_spoken(text, frame, head) for text in found) if fits else ()
    return ()


def _spoken(text: str, frame: str, head: str) -> str:
    """Put the clause into a phrase: plain, or with words before the adjective or the verb."""
    told = text.replace("{f}", frame.replace("{h}", head))
    return _WITH.sub(lambda match: frame.replace("{h}", f"{match[1]} {head}"), told)


def _undecided(frame: str, adjective: str, opposite: str) -> Phrases:
    if frame.startswith("I'm {h} to "):
        return tuple(frame.replace("{h}", word) for word in ("unsure whether", "undecided whether"))
    if adjective == "would":
        return tuple(frame.replace("{h}", word) for word in ("may or may not", "might, or then again might not,"))
    if not opposite:
        return ()
    if adjective in _PEOPLE:
        neither = (f"neither {opposite} nor {adjective}", f"stay neutral, I neither {opposite} nor {adjective}")
    else:
        neither = (f"neither {opposite} nor {adjective}", f"not really {adjective} but not {opposite} either")
    return tuple(frame.replace("{h}", text) for text in neither)


def _frame(reading: Reading, family: str, said: str) -> str:
    """Return a clause with {h} where the scale's adjective or verb goes; empty where none can be made."""
    if family == "agree" and said:
        return f"I {{h}} that {said}"
    if family == "support" and said:
        return f"I {{h}} {said}"
    if family == "likely" and said:
        verbs = any("would" in label.lower() for label in reading.labels)
        return f"I {{h}} {said}" if verbs else f"I'm {{h}} to {said}"
    for asked, frame in (("it is", "it is {{h}} {c}"), ("you are", "I'm {{h}} {c}"), ("you find", "I find {c} {{h}}")):
        found = clause(reading.text, asked)
        if found:
            return frame.format(c=found)
    adjective, _ = _adjectives(tuple(reading.labels))
    if adjective == "would":
        return reading.subject.fill("when it comes to {np} I {{h}}")
    if adjective in _PEOPLE or adjective == "likely":
        return ""
    if adjective in _OF_PERSONS:
        return f"I'm {{h}} {_OF_PERSONS[adjective]} {reading.subject.phrase}"
    return reading.subject.fill("{np} {is}") + " {h}"


@lru_cache(maxsize=1024)
def _adjectives(labels: tuple[str, ...]) -> tuple[str, str]:
    """Return the adjective or verb that all labels grade, and its opposite if they name one; empty if there is none."""
    heads: list[str] = []
    for label in labels:
        lowered = label.lower().replace("’", "'")
        if not _MIDDLE.search(lowered):
            head = next(lowered[m.end() :].strip(" .") for p, _ in _COMPILED if (m := p.match(lowered)))
            heads.append(re.sub(r"^(would|will)( not)?.*", "would", head))
    named = sorted(set(heads), key=lambda head: (len(head), head))
    if not 1 <= len(named) <= 2 or any(" " in head for head in named):
        return "", ""
    if len(named) == 2 and not named[1].endswith(named[0]) and {*named} not in _OPPOSITES:
        return "", ""
    return named[0], named[1] if len(named) == 2 else ""


_OPPOSITES = [{"easy", "difficult"}, {"easy", "hard"}, {"oppose", "support"}, {"favor", "oppose"}, {"favour", "oppose"},
              {"positive", "negative"}, {"safe", "dangerous"}, {"cheap", "expensive"}, {"simple",
              "complicated"}]  # fmt: skip
