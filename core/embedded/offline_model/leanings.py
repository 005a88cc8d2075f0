"""What a person's own texts say for or against a subject: "distrusts plant-based food", "diet: vegan", "loves gadgets".

A clause counts when it speaks of the subject (its words, or its kin) or, for less, of the same kind of thing.
"""

import re
from functools import lru_cache

from core.embedded.offline_model import direction, domains, subjects

# Things that stand and fall together in people's minds: words for them.
_KIN = {
    name: re.compile(pattern)
    for name, pattern in {
        "plant": r"plant.based|vegan|vegetarian|\boats?\b|\bsoya?\b|almond|coconut|dairy.free|non.dairy|meat.free|tofu",
        "dairy": r"\bdairy\b(?!.free)|\bmilk\b|cheese|butter\b",
        "meat": r"\bmeat\b(?!.free)|\bbeef|\bpork|\bsteak|bacon|sausage",
        "electric": r"electric (car|vehicle|scooter|bike)|\bevs?\b|charging point|battery (car|range)",
        "petrol": r"petrol|diesel|combustion",
        "digital": r"\bapps?\b|smartphone|online|digital|software|gadget|technolog|comput|internet|\bscreens?\b",
        "money": r"\bbanks?\b|banking|savings?\b|\bloans?\b|credit|mortgage|insur",
        "learning": r"\bcourses?\b|learn|stud(y|ies)|training|class(es)?\b|lessons?",
        "transit": r"\bbus(es)?\b|train\b|trains\b|metro|tram|public transport",
        "car": r"\bcars?\b|driving|motoring",
        "coffee": r"coffee|espresso", "alcohol": r"\bbeer|\bwine|alcohol|whisk",
        "exercise": r"\bgym\b|fitness|sports?\b|workout|swimming", "arts": r"museum|theat|concert|gallery|exhibit",
        "screen": r"streaming|televis|\btv\b|series\b|films?\b|movies?\b", "pets": r"\bpets?\b|\bdogs?\b|\bcats?\b",
        "nature": r"climate|environment|sustainab|recycl|planet|nature", "travel": r"travel|holiday|vacation|abroad",
        "authority": r"council|government|authorit|politician",
    }.items()
}  # fmt: skip
# Who one is, by a word alone, and what that says of things.
_IDENTITIES: tuple[tuple[re.Pattern[str], dict[str, float]], ...] = (
    (re.compile(r"\bvegan\b(?! (food|product|option))"), {"plant": 1.0, "dairy": -1.2, "meat": -1.2}),
    (re.compile(r"\bvegetarian\b(?! (food|product|option))"), {"plant": 0.7, "meat": -1.2}),
    (re.compile(r"lactose.intoleran|milk allergy"), {"plant": 0.8, "dairy": -1.0}),
    (re.compile(r"\beats? (dairy|meat|everything|anything)|omnivore|meat.eater"), {"plant": -0.35, "dairy": 0.7}),
    (re.compile(r"early adopter|tech.savvy"), {"digital": 0.6, "electric": 0.4}),
    (re.compile(r"environmentalist|climate activist"), {"nature": 1.0, "electric": 0.5, "plant": 0.5}),
)
# Things of which one takes the place of the other: who lives by the one has no love for the other.
_RIVALS = {"dairy": ("plant",), "meat": ("plant",), "plant": ("dairy", "meat"), "petrol": ("electric",)}
_TRADE = re.compile(
    r"\b(farmer|farms|farming|breeder|producer|maker|dealer|seller|salesman|saleswoman|grower|owner of an?|runs an?"
    r"|sells|produces|works (in|for) an?)\b"
)
_BY_TRADE, _AGAINST_TRADE = 0.8, -0.6
# "Without dairy" and "oat milk" are about the other thing.
_LACKING = re.compile(
    r"\b(?:without|no|non|free (?:of|from)|instead of|rather than)[ -](?:any |the |all )?"
    r"(?:dairy|milk|cow'?s milk|cheese|butter|cream)\b"
)
_OF_PLANTS = re.compile(
    r"\b(oats?|soya?|almond|coconut|rice|pea|hazelnut|plant(?:.based)?|vegan|dairy.free|non.dairy)"
    r"([ -](?:based )?)(?:milk|cheese|butter|cream|dairy)\b"
)
_LACKING_MEAT = re.compile(r"\b(?:without|no|free (?:of|from)|instead of)[ -](?:any )?meat\b")
_MOCKED = re.compile(
    r"\b(silly|ridiculous|nonsense|pointless|daft|rubbish|overpriced|a fad|a gimmick|overrated|a waste of|laughs at"
    r"|mocks|shuns|swears off|scoffs at|no time for|rolls (his|her|their) eyes)\b"
)
_HABIT = re.compile(r"\b(buys|eats|drinks|uses|drives|owns|reads|attends|orders|chooses|tries|enjoys|likes|prefers)\b")
_OFTEN = re.compile(r"\b(every|each|daily|always|most days|swears by|regularly|all the time)\b")
_NO_HABIT = re.compile(
    r"(never|not|n't|no longer|stopped|refuses to) (buy|eat|drink|use|drive|own|read|attend|order|choose|try)\w*"
)
_SAME_KIND = 0.35
_MOST = 1.5


@lru_cache(maxsize=8192)
def toward(text: str, subject: str, domain: str, told: tuple[str, ...]) -> float:
    """Return how far a person's texts are for (above 0) or against a question's subject, -1.5 to 1.5."""
    kin = _kin(subject) or _kin(text.lower()[:400])
    words = _telling(subject)
    total = 0.0
    for clause in told:
        total += sum(
            value for pattern, of in _IDENTITIES if pattern.search(clause) for name, value in of.items() if name in kin
        )
        total += _by_trade(clause, kin)
        near = _nearness(clause, kin, words, domain)
        total += near * _valence(clause) if near else 0.0
    return max(-_MOST, min(_MOST, total))


def refuses(label: str, told: tuple[str, ...]) -> bool:
    """Tell whether who one is rules out a thing: a vegan takes no dairy, whatever else speaks for it."""
    kin = _kin(label.lower()[:400])
    return any(
        of.get(name, 0.0) <= -1.0
        for clause in told
        for pattern, of in _IDENTITIES
        if pattern.search(clause)
        for name in kin
    )


def _by_trade(clause: str, kin: frozenset[str]) -> float:
    """Return what a living made with a thing, or with its rival, says of a subject: "occupation: dairy farmer"."""
    if not _TRADE.search(clause):
        return 0.0
    made = _kin(clause)
    if made & kin:
        return _BY_TRADE
    return _AGAINST_TRADE if any(kin.intersection(_RIVALS.get(name, ())) for name in made) else 0.0


def speaks_of(name: str, text: str) -> bool:
    """Tell whether a text speaks of things of that kin."""
    return name in _kin(text[:600])


@lru_cache(maxsize=2048)
def _kin(text: str) -> frozenset[str]:
    told = _LACKING_MEAT.sub("meat-free", _LACKING.sub("dairy-free", text.lower().replace("’", "'")))
    told = _OF_PLANTS.sub(r"\1\2", told)
    return frozenset(name for name, pattern in _KIN.items() if pattern.search(told))


@lru_cache(maxsize=2048)
def _telling(subject: str) -> frozenset[str]:
    words = re.findall(r"[a-z]{4,}", subject.lower())
    return frozenset(word.rstrip("s") for word in words if word not in subjects.FUNCTION_WORDS)


def _nearness(clause: str, kin: frozenset[str], words: frozenset[str], domain: str) -> float:
    """Return how much a clause is about the subject: 1 by its words or kin, less by its kind alone."""
    if kin & _kin(clause):
        return 1.0
    own = {word.rstrip("s") for word in re.findall(r"[a-z]{4,}", clause)}
    if words and words <= own:
        return 1.0
    return _SAME_KIND if domain and domains.domain_of(clause, clause, ()) == domain else 0.0


@lru_cache(maxsize=4096)
def _valence(clause: str) -> float:
    """Return whether a clause speaks well or ill, -1 to 1; a habit without a word of judgement is mildly well."""
    if _MOCKED.search(clause):
        return -0.8
    findings = [finding for finding in direction.read(clause) if finding.axis in {"feel", "trust", "support"}]
    if findings:
        strongest = max(findings, key=lambda finding: (finding.weight, abs(finding.place)))
        return max(-1.0, min(1.0, 1.6 * strongest.place))
    if _NO_HABIT.search(clause):
        return -0.6
    if not _HABIT.search(clause):
        return 0.0
    return 0.9 if _OFTEN.search(clause) else 0.4
