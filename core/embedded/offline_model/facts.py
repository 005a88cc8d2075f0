"""Questions about the respondent's own circumstances: answered from what is known, never by opinion."""

import re
from collections.abc import Callable

from core.embedded.offline_model import known, profile
from core.embedded.offline_model.position import Reading, level
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.scales import Scale
from core.embedded.offline_model.seeding import Draws

Fits = Callable[[Profile, str], bool]
_YES = re.compile(r"^\s*(yes|i do|i am)\b")
_NO = re.compile(r"^\s*(no|none|not|i don't|i'm not)\b")


def _age(person: Profile, label: str) -> bool:
    low, high = profile.age_band(label)
    return bool(re.search(r"\d", label)) and low <= int(person.age) <= high


def _gender(person: Profile, label: str) -> bool:
    named = re.search(r"\b(female|woman|male|man|other|non.?binary|diverse)\b", label)
    meant = {"female": "female", "woman": "female", "male": "male", "man": "male"}
    return bool(named) and meant.get(named.group(1) if named else "", "other") == person.gender


def _tenure(person: Profile, label: str) -> bool:
    tenure = person.life.tenure
    if _YES.search(label) or _NO.search(label):
        return bool(_YES.search(label)) == (tenure == "owns")
    named = (("rents", r"\brent|tenant"), ("owns", r"\bown|mortgage"), ("elsewhere", r"parents|family|other|else"))
    return next((name for name, pattern in named if re.search(pattern, label)), "") == tenure


def _children(person: Profile, label: str) -> bool:
    counted = re.match(r"\s*(\d+)", label)
    if counted:
        return int(counted.group(1)) == children(person)
    if _NO.search(label) or "without" in label or "childless" in label:
        return not person.life.children
    return person.life.children and bool(_YES.search(label) or re.search(r"child|kid|one|parent", label))


def _partner(person: Profile, label: str) -> bool:
    named = re.search(r"\b(?<!un)(?<!never )(?<!not )married\b", label)
    return bool(named or _YES.search(label)) == person.life.married


def _work(person: Profile, label: str) -> bool:
    if _YES.search(label) or re.match(r"\s*no\s*$", label):
        return bool(_YES.search(label)) == (person.life.work == "working")
    named = (
        ("jobless", r"unemploy|out of work|looking for|not (working|employed)"),
        ("retired", r"retire|pension"),
        ("student", r"student|education"),
        ("homemaker", r"home|caring|looking after"),
        ("working", r"employ|work|full.?time|part.?time"),
    )
    return next((name for name, pattern in named if re.search(pattern, label)), "") == person.life.work


def _car(person: Profile, label: str) -> bool:
    return bool(_YES.search(label) or re.match(r"\s*[1-9]", label)) == person.life.driver


def _place(person: Profile, label: str) -> bool:
    named = (
        ("suburban", r"suburb|outskirt"),
        ("rural", r"rural|village|countr|small town|farm"),
        ("urban", r"urban|city|downtown"),
    )
    actual = "urban" if person.urban else "rural" if person.rural else "suburban"
    return next((name for name, pattern in named if re.search(pattern, label)), "") == actual


_ASKED: tuple[tuple[re.Pattern[str], Fits], ...] = tuple(
    (re.compile(pattern), fits)
    for pattern, fits in (
        (r"how old are you|(what is|what's) your age\b|your age (group|range|bracket|band)|which age group", _age),
        (r"(what is|what's) your (gender|sex)\b|are you (male|female|a (man|woman))", _gender),
        ((
            r"\b(rent or own|own or rent|renting or owning)|(own|rent) (your|the) (own )?(home|house|apartment"
            r"|flat|accommodation)"
        ), _tenure),
        ((
            r"do you have (any )?(children|kids)\b|children (under|living|live) |are you a parent\b|how many"
            r" (children|kids) (do you have|live)"
        ),
         _children),
        (r"(what is|what's) your (marital|relationship) status|are you (currently )?married", _partner),
        ((
            r"your (current )?(employment|working|work) status|are you (currently )?(employed|working)\b|do you"
            r" (currently )?work\?"
        ), _work),
        ((
            r"(do you|does your household) (currently )?(own|have|drive) (a|any|your own) (car|vehicle)|how many"
            r" (cars|vehicles) (do|does)"
        ), _car),
        ((
            r"where do you live\b|(kind|type|sort) of (area|place) do you live|do you live in (a|an|the) (city"
            r"|town|suburb|village|rural)"
        ), _place),
    )
)  # fmt: skip


def option(reading: Reading, person: Profile) -> int | None:
    """Return the index of the option that is true of the respondent; None where the question asks no known fact."""
    if len(reading.labels) != len(reading.codes):
        return None
    given = known.option(reading.text, tuple(reading.labels), person.known)
    if given is not None:
        return given
    text = reading.text.lower()[:500]
    for asked, fits in _ASKED:
        if asked.search(text):
            true = [index for index, label in enumerate(reading.labels) if fits(person, label.lower()[:200])]
            return true[0] if true else None
    return None


def point(reading: Reading, scale: Scale, person: Profile, z: float) -> int:
    """Return the index of a respondent's point of a scale: what is known of them, else what the score makes of it."""
    true = option(reading, person)
    return scale.index(level(z)) if true is None else true


def number(text: str, person: Profile) -> float | None:
    """Return the number that is true of the respondent; None where the question asks no known fact."""
    given = known.number(text, person.known)
    if given is not None:
        return given
    lowered = text.lower()[:500]
    if re.search(r"how old are you|your age\b", lowered):
        return int(person.age)
    if re.search(r"how many (children|kids)\b.*(do you have|live|in your (home|house))", lowered):
        return children(person)
    if re.search(r"how many (people|persons)\b.*(live|household)|(size|members) of your household", lowered):
        return person.family_size or 1 + int(person.life.married) + children(person)
    if re.search(r"how many (cars|vehicles)\b.*(own|have|household)", lowered):
        return int(person.life.driver) + int(person.life.driver and person.life.married and person.income > 0.6)
    return None


def children(person: Profile) -> int:
    """Return how many children live with the respondent."""
    if not person.life.children:
        return 0
    if person.family_size:
        return max(1, min(8, person.family_size - 1 - int(person.life.married)))
    return Draws("children", person.identity).weighted((1, 2, 3), (0.4, 0.42, 0.18))
