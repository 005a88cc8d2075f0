"""Where made-up people live: countries with their states, cities and money, as a cell or a brief names them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.embedded.offline_model.seeding import Draws

STATES: dict[str, tuple[tuple[str, str], ...]] = {
    "united states": (
        ("Ohio", "Midwest"), ("Michigan", "Midwest"), ("Wisconsin", "Midwest"), ("Missouri", "Midwest"),
        ("Minnesota", "Midwest"), ("Indiana", "Midwest"), ("Illinois", "Midwest"), ("Georgia", "South"),
        ("Texas", "South"), ("Florida", "South"), ("North Carolina", "South"), ("Tennessee", "South"),
        ("Alabama", "South"), ("Virginia", "South"), ("Pennsylvania", "Northeast"), ("New York", "Northeast"),
        ("New Jersey", "Northeast"), ("Massachusetts", "Northeast"), ("California", "West"), ("Oregon", "West"),
        ("Arizona", "West"), ("Colorado", "West"), ("Washington", "West"), ("Nevada", "West"),
    ),
    "india": (
        ("Karnataka", "South"), ("Tamil Nadu", "South"), ("Kerala", "South"), ("Telangana", "South"),
        ("Maharashtra", "West"), ("Gujarat", "West"), ("Delhi", "North"), ("Uttar Pradesh", "North"),
        ("Punjab", "North"), ("West Bengal", "East"), ("Odisha", "East"), ("Assam", "Northeast"),
    ),
    "united kingdom": (
        ("Greater Manchester, England", "North"), ("West Yorkshire, England", "North"), ("Kent, England", "South"),
        ("Devon, England", "South"), ("Greater London, England", "London"), ("West Midlands, England", "Midlands"),
        ("Nottinghamshire, England", "Midlands"), ("Fife, Scotland", "Scotland"), ("Glasgow, Scotland", "Scotland"),
        ("Cardiff, Wales", "Wales"), ("Gwynedd, Wales", "Wales"),
        ("County Antrim, Northern Ireland", "Northern Ireland"),
    ),
    "germany": (
        ("Bavaria", "South"), ("Baden-Württemberg", "South"), ("Hesse", "West"), ("North Rhine-Westphalia", "West"),
        ("Lower Saxony", "North"), ("Hamburg", "North"), ("Saxony", "East"), ("Berlin", "East"),
    ),
    "france": (
        ("Île-de-France", "North"), ("Brittany", "West"), ("Normandy", "North"), ("Occitanie", "South"),
        ("Auvergne-Rhône-Alpes", "East"), ("Grand Est", "East"),
    ),
    "spain": (("Catalonia", "East"), ("Andalusia", "South"), ("Madrid", "Centre"), ("Galicia", "North")),
    "italy": (("Lombardy", "North"), ("Lazio", "Centre"), ("Campania", "South"), ("Tuscany", "Centre")),
    "canada": (("Ontario", "East"), ("Quebec", "East"), ("Alberta", "West"), ("British Columbia", "West")),
    "australia": (("New South Wales", "East"), ("Victoria", "South"), ("Queensland", "East")),
}  # fmt: skip
# Cities that briefs name, and the state they lie in.
_CITIES: dict[str, dict[str, str]] = {
    "india": {
        "Bengaluru": "Karnataka", "Bangalore": "Karnataka", "Mysuru": "Karnataka", "Chennai": "Tamil Nadu",
        "Hyderabad": "Telangana", "Mumbai": "Maharashtra", "Pune": "Maharashtra", "Ahmedabad": "Gujarat",
        "New Delhi": "Delhi", "Kolkata": "West Bengal", "Lucknow": "Uttar Pradesh", "Kochi": "Kerala",
        "Jaipur": "Rajasthan",
    },
    "united kingdom": {
        "London": "England", "Manchester": "England", "Birmingham": "England", "Leeds": "England",
        "Liverpool": "England", "Bristol": "England", "Edinburgh": "Scotland", "Cardiff": "Wales", "Belfast":
        "Northern Ireland",
    },
    "united states": {
        "New York City": "New York", "Los Angeles": "California", "San Francisco": "California", "Chicago": "Illinois",
        "Houston": "Texas", "Dallas": "Texas", "Austin": "Texas", "Seattle": "Washington", "Boston": "Massachusetts",
        "Denver": "Colorado", "Atlanta": "Georgia", "Miami": "Florida", "Phoenix": "Arizona",
    },
    "germany": {"Munich": "Bavaria", "Cologne": "North Rhine-Westphalia", "Frankfurt": "Hesse", "Leipzig": "Saxony",
                "Stuttgart": "Baden-Württemberg"},
    "france": {"Paris": "Île-de-France", "Lyon": "Auvergne-Rhône-Alpes", "Toulouse": "Occitanie"},
    "spain": {"Barcelona": "Catalonia", "Seville": "Andalusia"},
    "italy": {"Milan": "Lombardy", "Rome": "Lazio", "Naples": "Campania", "Florence": "Tuscany"},
    "canada": {"Toronto": "Ontario", "Montreal": "Quebec", "Vancouver": "British Columbia"},
    "australia": {"Sydney": "New South Wales", "Melbourne": "Victoria", "Brisbane": "Queensland"},
}  # fmt: skip
_NAMES_OF = {
    "united states": r"united states|\busa\b|\bu\.s\.|\bamericans?\b",
    "united kingdom": r"united kingdom|\buk\b|great britain|\bbritain\b|british|\bengland\b|\bscotland\b|\bwales\b",
    "india": r"\bindia\b|indians?\b|rupees?\b|₹",
    "germany": r"\bgermany\b|\bgermans?\b",
    "france": r"\bfrance\b|\bfrench\b",
    "spain": r"\bspain\b|\bspanish\b",
    "italy": r"\bitaly\b|\bitalians?\b",
    "canada": r"\bcanada\b|\bcanadians?\b",
    "australia": r"\baustralia\b|\baustralians?\b",
}
_OTHER_SPELLINGS = {"uk": "united kingdom", "great britain": "united kingdom", "england": "united kingdom", "usa":
                    "united states", "us": "united states", "united states of america": "united states"}  # fmt: skip
# A currency's sign, the yearly income of a middling household, and the steps in which incomes are told.
MONEY = {
    "india": ("₹", 600_000.0, 50_000),
    "united kingdom": ("£", 34_000.0, 2_000),
    "united states": ("$", 62_000.0, 5_000),
    "germany": ("€", 42_000.0, 2_000),
    "france": ("€", 38_000.0, 2_000),
    "spain": ("€", 30_000.0, 2_000),
    "italy": ("€", 32_000.0, 2_000),
    "canada": ("C$", 75_000.0, 5_000),
    "australia": ("A$", 80_000.0, 5_000),
}
_LEAST_INCOME = re.compile(
    r"income[^.;]{0,20}?\b(?:above|over|more than|at least|exceed\w*|from|of)\s+(?:[£€₹$]|rs\.?\s?|inr\s)?\s?"
    r"(\d[\d,]{2,12})\s?(k\b|lakhs?\b)?([^.;]{0,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A state, with the city before it where one is meant."""

    state: str
    is_city: bool = False


def plain(country: str) -> str:
    """Return a country's name as the tables have it."""
    lowered = country.strip().lower()
    return _OTHER_SPELLINGS.get(lowered, lowered)


@lru_cache(maxsize=512)
def country_in(brief: str) -> str:
    """Return the country a brief speaks of, by its name or its cities; empty where it names none."""
    for name, pattern in _NAMES_OF.items():
        if re.search(pattern, brief, re.IGNORECASE):
            return name.title()
    return next((name.title() for name, cities in _CITIES.items() if _mentioned(tuple(cities), brief)), "")


def find(country: str, given: str, brief: str, draws: Draws) -> Place:
    """Return the state given or one inside the region given, else one that the brief names, else any."""
    states = STATES.get(plain(country), ())
    if given:
        inside = [state for state, region in states if _lies_in(state, region, given)]
        return Place(draws.pick(inside)) if inside and given not in inside else Place(given)
    cities = _CITIES.get(plain(country), {})
    named = _mentioned(tuple(cities), brief)
    if named:
        city = draws.pick(named)
        return Place(f"{city}, {cities[city]}", is_city=True)
    regions = {part for state, _ in states for part in (state, state.rpartition(", ")[2])}
    wanted = _mentioned(tuple(sorted(regions)), brief)
    fitting = [state for state, _ in states if state in wanted or state.rpartition(", ")[2] in wanted]
    choice = fitting or [state for state, _ in states]
    return Place(draws.pick(choice) if choice else "the capital region")


def _lies_in(state: str, region: str, given: str) -> bool:
    lowered = given.lower()
    return region.lower() in lowered.split() or state.lower().endswith(f", {lowered}") or region.lower() == lowered


@lru_cache(maxsize=512)
def _mentioned(names: tuple[str, ...], text: str) -> tuple[str, ...]:
    return tuple(name for name in names if re.search(rf"\b{re.escape(name)}\b", text))


def without_places(phrase: str) -> str:
    """Return a noun phrase without a place after it: "the museum Berlin" is a museum."""
    cities = [city for found in _CITIES.values() for city in found]
    states = [state for found in STATES.values() for state, _ in found]
    for name in (*cities, *states, *(country.title() for country in STATES)):
        phrase = re.sub(rf"(?<=\w) (?:in )?{re.escape(name)}$", "", phrase)
    return phrase


@lru_cache(maxsize=512)
def least_income(brief: str) -> float:
    """Return the lowest yearly household income that a brief asks for; 0 where it names none."""
    found = _LEAST_INCOME.search(brief)
    if not found:
        return 0.0
    unit = (found.group(2) or "").lower()
    amount = float(found.group(1).replace(",", "")) * (1000.0 if unit == "k" else 1e5 if unit else 1.0)
    around = f"{brief[max(0, found.start() - 30) : found.start()]} {found.group(3)}".lower()
    return amount * (12.0 if "month" in around else 1.0)
