"""Kinds of subjects, by the words they are known by: what people bring up about a subject depends on its kind."""

import re
from functools import lru_cache

# The first with most words counts.
_WORDS = {
    "pets": r"\bpets?\b|\bdogs?\b|\bcats?\b|kitten|puppy|\bvets?\b",
    "food": (
        r"coffee|\btea\b|food|meals?\b|lunch|breakfast|dinner|yogh?urt|milk|snack|restaurant|drinks?\b|beer|"
        r"wine|\beat|taste|recipe|grocer|canteen|cook|bakery|bread|\bmeat|chocolate|flavou?r|beverage|dairy|"
        r"cheese"
    ),
    "health": (
        r"hospital|doctor|clinic|patient|medic|\bnurse|appointment|surgery|pharmac|dentist|treatment|therap|"
        r"vaccin|waiting (room|list|time)|\bhealth(care)?\b(?! (insur|cover))|\bnhs\b|prescription"
    ),
    "workplace": (
        r"employ|\bjob\b|workplace|\bboss\b|manager|colleague|paid leave|salary|\bstaff\b|retirement match|"
        r"remote work|office|benefits?\b"
    ),
    "money": r"\bbank(?!ing app)|saving|loan|mortgage|insur|credit|pension|invest|\bfees?\b|account\b",
    "learning": r"\bcourse|\blearn|\bstud(y|ies)|\bclass(es)?\b|lesson|cohort|drop.?out|training|tutor|universit",
    "media": (
        r"streaming|\btv\b|televis|film|movie|series|podcast|\bmusic|\bradio|newspaper|adverts?\b|\bshows?\b|"
        r"watch"
    ),
    "machines": r"tractor|machine|equipment|\bfarm|harvest|appliance|thermostat|washing|heat pump|robot|\btools?\b",
    "mobility": (
        r"\bcars?\b|electric (car|vehicle|scooter)|\bevs?\b|scooter|\bbus(es)?\b|train\b|metro|parking|"
        r"traffic|bicycle|\bbikes?\b|cycl|commut|driv(e|ing)|charging|\bride|transport|flight|airline|"
        r"sidewalk|battery"
    ),
    "leisure": (
        r"museum|theat|concert|cinema|exhibit|\bgym\b|sports?\b|\bpark\b|travel|hotel|holiday|vacation|"
        r"ticket|tour|librar|festival|game"
    ),
    "digital": (
        r"\bapps?\b|website|software|online|digital|\bai\b|smartphone|internet|log ?in|chat|platform|device|"
        r"password|update"
    ),
    "environment": r"environment|climate|sustainab|emission|recycl|pollution|carbon|plastic|\bwaste",
    "public": (
        r"council|government|\btax|police|neighbo|\bcity\b|\btown\b|communit|\bban\b|\blaw\b|school|"
        r"polic(y|ies)|public|street|housing"
    ),
    "shopping": r"\bbuy|purchas|\bpric|\bshop|\bstore|brand|product|subscri|deliver|claim|offer",
}
_PATTERNS = {name: re.compile(words) for name, words in _WORDS.items()}


@lru_cache(maxsize=2048)
def domain_of(text: str, subject: str, context: tuple[str, ...]) -> str:
    """Return the kind of subject: by the subject's words first, then the question's, then its surroundings'."""
    best, most = "", 0
    for name, pattern in _PATTERNS.items():
        hits = 3 * len(pattern.findall(subject.lower())) + 2 * len(pattern.findall(text[:600].lower()))
        hits += sum(1 for other in context if pattern.search(other[:300].lower()))
        if hits > most:
            best, most = name, hits
    return best
