"""One value in several words: an omnivore eats meat and fish, somebody employed works full time.

A family of values belongs to attributes of certain names. The first pattern of a family that a text fits is its
meaning there, so the narrower values stand before the wider ones.
"""

import re
from functools import lru_cache

_Family = tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]


def _family(names: str, **meanings: str) -> _Family:
    return re.compile(names), tuple((meaning, re.compile(pattern)) for meaning, pattern in meanings.items())


# Attribute names, then what values of them may be called.
_FAMILIES: tuple[_Family, ...] = (
    _family(
        r"diet|eating|food_habit|nutrition",
        vegan=r"\bvegan|no animal products|only plants|(only|strictly|entirely|fully) plant.based"
        r"|plant.based (only|diet)",
        pescatarian=r"pesc[ae]tarian|fish,? but (no|not) meat|no meat,? (but|only) fish",
        flexitarian=r"flexitarian|semi.?vegetarian|little meat|meat (rarely|sometimes|occasionally)|(rarely|sometimes"
        r"|occasionally|seldom) eat meat|mostly (vegetarian|plant)",
        vegetarian=r"vegetarian|veggie|\b(no|without|never|not|n't) (eat )?(meat|flesh)\b|meat.free|lacto",
        omnivore=r"omnivor|carnivor|everything|anything|all foods?|\bmeat\b|no (special|particular|dietary)"
        r"|no restrictions?|unrestricted|eats? dairy|standard|mixed diet|\bnone\b",
    ),
    _family(
        r"employ|work_status|working_status|job_status|occupation_status|labou?r",
        semi=r"semi.?retired|partly retired",
        retired=r"retire|pensioner",
        jobless=r"unemploy|out of work|jobless|laid off|between jobs|(looking|searching) for (a job|work)|job.?seek"
        r"|\b(not|n't) (currently )?(working|employed)",
        student=r"student|studying|in (full.time )?education|apprentice",
        homemaker=r"home.?maker|house.?wife|house.?husband|stay.at.home|(looking after|at) (the )?(home|family)|carer",
        own=r"self.?employed|freelanc|own business|business owner|entrepreneur",
        part=r"part.?time",
        full=r"full.?time",
        working=r"employ|\bwork|in a job|salaried",
    ),
    _family(
        r"marital|relationship|civil_status|partnership",
        divorced=r"divorc|separated",
        widowed=r"widow",
        single=r"\bsingle|unmarried|(never|not) married|no partner|unattached",
        partnered=r"cohabit|living (together|with (a|my|your) partner)|in a relationship|partner|engaged",
        married=r"married|spouse|husband|wife|civil union",
    ),
    _family(
        r"tenure|hous(e|ing)|accommodation|home_owner|dwelling|residence",
        elsewhere=r"with (my |your |\w+ )?(parents|family|relatives|friends)|rent.free|dorm|hall of residence",
        rents=r"\brent|tenant|leas(e|ing)|lets? from|social housing|council",
        owns=r"\bown|owner|mortgage|paid off|freehold|bought",
    ),
    _family(
        r"gender|^sex$",
        other=r"non.?binary|other|divers|another|third|queer|self.describe",
        female=r"female|wom[ae]n|girl|\bf\b|\bshe\b",
        male=r"\bmale|\bm[ae]n\b|boy|\bm\b|\bhe\b",
    ),
    _family(
        r"geograph|area|urban|settlement|locality|residence_type",
        suburban=r"suburb|outskirt|edge of (a|the) (town|city)|commuter",
        town=r"small town|\btown\b",
        rural=r"rural|village|countryside|\bcountry\b|farm|remote",
        urban=r"urban|city|metropol|downtown|inner",
    ),
    _family(
        r"smok|tobacco",
        former=r"(ex|former).?smoker|used to|quit|gave up|stopped",
        none=r"non.?smoker|never|\bno\b|\b(not|n't) smoke",
        smoker=r"smok|yes|daily",
    ),
    _family(
        r"relig|faith|denominat",
        none=r"\bno(ne)?\b|not religious|athe|agnost|secular|unaffiliated|without",
        catholic=r"catholic",
        protestant=r"protestant|baptist|methodist|lutheran|anglican|evangelical|church of england|presbyterian",
        orthodox=r"orthodox christian|(greek|russian) orthodox",
        muslim=r"muslim|islam",
        jewish=r"jew",
        hindu=r"hindu",
        sikh=r"sikh",
        buddhist=r"buddh",
        christian=r"christian",
    ),
)
# Part of a wider value where an option does not tell them apart.
_WIDER = {"full": "working", "part": "working", "own": "working", "town": "urban", "catholic": "christian",
          "protestant": "christian", "orthodox": "christian", "semi": "working"}  # fmt: skip


# How much oftener or rarer than others some ways of living are, in logarithms.
_COMMONNESS = {"omnivore": 1.8, "flexitarian": 0.2, "vegetarian": -0.4, "pescatarian": -0.9, "vegan": -1.6}


@lru_cache(maxsize=4096)
def commonness(label: str) -> float:
    """Return how common the way of eating that an option says is among people; 0 where it says none."""
    return _COMMONNESS.get(meaning("diet", label), 0.0)


@lru_cache(maxsize=4096)
def meaning(name: str, text: str) -> str:
    """Return what a text says as a value of the attribute; empty where its family is unknown or names nothing."""
    for names, meanings in _FAMILIES:
        if names.search(name):
            return next((found for found, pattern in meanings if pattern.search(text.lower())), "")
    return ""


@lru_cache(maxsize=4096)
def saying(name: str, value: str, labels: tuple[str, ...]) -> tuple[int, ...]:
    """Return the options that say a value of the attribute in whatever words, else those that say a wider one."""
    meant = meaning(name, value)
    said = [meaning(name, label) for label in labels]
    for wanted in (meant, _WIDER.get(meant, "")):
        found = tuple(index for index, other in enumerate(said) if wanted and other == wanted)
        if found:
            return found
    return ()


@lru_cache(maxsize=4096)
def contrary(name: str, value: str, labels: tuple[str, ...]) -> frozenset[int]:
    """Return the options that say another value of the attribute than the one given."""
    meant = meaning(name, value)
    if not meant:
        return frozenset()
    allowed = {meant, _WIDER.get(meant, meant), *(name for name, wider in _WIDER.items() if wider == meant), ""}
    return frozenset(index for index, label in enumerate(labels) if meaning(name, label) not in allowed)
