"""Words of a country for American ones, in what the model makes up for its people."""

import re
from functools import lru_cache

_BRITISH = {
    "apartments": "flats", "apartment": "flat", "two-room apartment": "two-room flat", "townhouse": "terraced house",
    "cookouts": "barbecues", "cookout": "barbecue", "metro": "train", "sedan": "hatchback", "pickup": "estate car",
    "neighbors": "neighbours", "neighbor": "neighbour", "neighborhood": "neighbourhood", "coworkers": "colleagues",
    "coworker": "colleague", "paycheck": "pay packet", "gas": "petrol", "vacation": "holiday", "vacations": "holidays",
    "colors": "colours", "color": "colour", "fall": "autumn", "stores": "shops", "store": "shop", "store brands":
    "own brands", "grocery store": "supermarket", "main street": "high street", "downtown": "in the centre",
    "some college": "Further education, no degree", "college degree": "University degree", "college": "university",
    "high school or less": "School to sixteen",
    "high school": "secondary school", "graduate school": "a master's degree",
    "elementary school": "primary school", "cafeteria": "canteen", "truck": "lorry", "highway": "motorway",
    "physician": "GP", "auto mechanic": "car mechanic", "licensed practical nurse": "nursing associate",
    "home health aide": "home care worker", "bank teller": "bank cashier", "dental assistant": "dental nurse",
    "retail store manager": "shop manager", "warehouse associate": "warehouse worker", "lawyer": "solicitor",
    "community college student": "further education student", "raise": "pay rise", "raises": "pay rises",
    "property taxes": "council tax", "retirement account": "pension pot", "health insurance": "health cover",
    "lay-offs": "redundancies", "layoffs": "redundancies", "laid off": "made redundant", "coupons": "vouchers",
    "pick-up sports": "five-a-side", "professor": "lecturer", "loans and summer jobs": "a student loan and summer jobs",
    "sidewalk": "pavement", "trash": "rubbish", "mom": "mum", "organized": "organised", "apologize": "apologise",
    "line cook": "cook in a pub kitchen",
    "employee of the city": "council employee", "started college": "started university", "fries": "chips",
    "practice and bath time": "training and bath time",
}  # fmt: skip
_INDIAN = {
    "cookouts": "get-togethers", "pickup": "two-wheeler", "sedan": "hatchback", "neighbors": "neighbours", "neighbor":
    "neighbour", "coworkers": "colleagues", "coworker": "colleague", "paycheck": "salary", "church life": "temple life",
    "singing in the choir": "devotional singing", "the congregation": "the temple community", "cafeteria": "canteen",
    "community college student": "college student", "elementary school": "primary school", "gas": "petrol",
    "pick-up sports": "cricket with friends", "raise": "increment", "vacation": "holiday", "stores": "shops",
    "store": "shop", "colors": "colours", "high school or less": "School education", "townhouse": "house",
    "home health aide": "home nurse", "auto mechanic": "car mechanic",
}  # fmt: skip


def _any_of(words: dict[str, str]) -> re.Pattern[str]:
    longest_first = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(rf"(?<![\w'-])(?:(an?) )?({longest_first})(?![\w-])", re.IGNORECASE)


_TABLES = {"british": (_BRITISH, _any_of(_BRITISH)), "indian": (_INDIAN, _any_of(_INDIAN))}
_SPOKEN = {"india": "indian"} | dict.fromkeys(
    ("united kingdom", "uk", "great britain", "england", "scotland", "wales", "northern ireland"), "british"
)


def spoken_in(country: str, text: str) -> str:
    """Return a made-up text as people of a country would put it."""
    table = _SPOKEN.get(country.strip().lower())
    return _translated(table, text) if table else text


@lru_cache(maxsize=4096)
def _translated(table: str, text: str) -> str:
    words, pattern = _TABLES[table]

    def replaced(match: re.Match[str]) -> str:
        article, word = match.group(1), match.group(2)
        found = words[word.lower()]
        found = found[:1].upper() + found[1:] if word[0].isupper() else found
        if not article or found.startswith("a "):
            return found
        vowel = found[0].lower() in "aeiou" and not found.startswith(("uni", "one", "eur"))
        return f"{article[0]}{'n' if vowel else ''} {found}"

    return pattern.sub(replaced, text)
