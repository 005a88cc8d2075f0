"""Who is answering: persona fields, overridden by the respondent's own attributes, as plain facts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.embedded.offline_model import circumstances, known, temperament
from core.embedded.offline_model.circumstances import Circumstances, Given
from core.embedded.offline_model.known import Fact
from core.embedded.offline_model.seeding import Draws, digest

_ALIASES = {
    "age": ("age", "age_band", "age_group", "age_range", "age_bracket"),
    "gender": ("gender", "sex"),
    "race": ("race", "ethnicity", "race_ethnicity"),
    "education": ("education", "education_level", "educ"),
    "income": ("income", "income_range", "household_income", "income_band"),
    "region": ("region", "location_state", "state", "province", "city"),
    "geography": ("geography", "area", "urbanicity"),
    "country": ("country", "location_country"),
}
_EDUCATION = (
    (3, r"post.?grad|master|doctor|ph\.?d|mba|professional degree"),
    (
        1,
        (
            r"some college|further education|a.levels?\b|associate|vocational|diploma|trade|no degree"
            r"|without (a )?degree|technical"
        ),
    ),
    (0, r"high school|less|primary|secondary|no formal|ged|gcse|10th|12th|none"),
    (2, r"degree|college|bachelor|graduate|university"),
)
_INCOME_WORDS = (
    (0.12, r"very low|lowest|poor"),
    (0.35, r"lower.?middle"),
    (0.65, r"upper.?middle"),
    (0.92, r"very high|highest|wealthy|affluent"),
    (0.2, r"low"),
    (0.5, r"middle|medium|average|median"),
    (0.8, r"high|upper"),
)
# What a median household has a year, in the money of the country: the middle of the income scale.
_MEDIAN_INCOME = {"india": 600_000.0, "united kingdom": 38_000.0, "germany": 46_000.0, "france": 42_000.0,
                  "spain": 34_000.0, "italy": 36_000.0}  # fmt: skip
_STILL_LEARNING = ((21, 1), (24, 2))
_SOUTH = (
    "south",
    "texas",
    "florida",
    "georgia",
    "alabama",
    "carolina",
    "tennessee",
    "mississippi",
    "virginia",
)
_URBAN = re.compile(r"\burban|\bcity|metropol|downtown|inner.city")
_RURAL = re.compile(r"rural|village|small.?town|countryside|\bfarm")
_NO_DAIRY = re.compile(r"\bvegan\b(?! (?:food|product|option))|lactose.intoleran|milk allergy|dairy.free")
_HINTS = {
    "faithful": r"church|faith|congregation|parish|temple|mosque|prayer|religious|worship",
    "secular": (
        r"\bsecular|atheist|agnostic|not religious|reason over belief|religion never|faith is something .{2,30} left"
    ),
    "frugal": r"frugal|thrift|bargain|budget|coupon|discount|saver\b",
    "techy": r"early adopter|gadget|tech.savvy|software|developer|smart home|coding",
    "green": r"environment|sustainab|climate|recycl|vegan",
    "worried": r"debt|laid off|unemploy|struggl|behind on|second job|anxious",
    "progressive": r"progressive|activis|social justice|liberal|equality",
    "traditional": r"tradition|conservative|patriot|self.reliance",
}
_HINTS_COMPILED = {name: re.compile(pattern) for name, pattern in _HINTS.items()}


# Ages of parents from which children are at school no longer, and from which they are of age.
_LEFT_SCHOOL_AT, _GROWN_UP_AT = 50, 60


@dataclass(frozen=True, slots=True)
class Profile:
    """The facts a respondent's opinions are made from. `income` runs from 0 (poorest) to 1 (richest).

    `known` is what is given by name and value, `told` what persona and attributes say in sentences and phrases.
    """

    identity: int
    age: float
    gender: str
    race: str
    education: int
    income: float
    country: str
    urban: bool
    rural: bool
    south: bool
    life: Circumstances
    family_size: int | None
    hints: frozenset[str]
    ocean: tuple[tuple[str, float], ...]
    brand_sensitivity: float
    price_sensitivity: float
    known: tuple[Fact, ...]
    told: tuple[str, ...]

    @property
    def tags(self) -> frozenset[str]:
        """Name the circumstances that make a reason believable in this respondent's mouth."""
        life = self.life
        found = set(self.hints)
        found.add({"rents": "renter", "owns": "owner"}.get(life.tenure, "elsewhere"))
        found.add("young" if self.age < 32 else "old" if self.age >= 58 else "midlife")
        found.add("degree" if self.education >= 2 else "no_degree")
        found.add("low_income" if self.income < 0.4 else "high_income" if self.income > 0.66 else "middle_income")
        found.add("vegan" if any(_NO_DAIRY.search(clause) for clause in self.told) else "eats_dairy")
        parent = life.children and life.children_stated and self.age < _GROWN_UP_AT
        facts = {
            "parent": parent,
            "small_children": parent and self.age < _LEFT_SCHOOL_AT,
            "married": life.married,
            "driver": life.driver,
            life.work: True,
        }
        facts |= {"urban": self.urban, "rural": self.rural, "religious": "faithful" in self.hints}
        found.update(name for name, true in facts.items() if true and name)
        return frozenset(found)


def from_respondent(persona: object, attributes: object, number: object) -> Profile:
    """Build a profile; whatever is missing is filled by a draw that depends on who the respondent is."""
    fields = persona if isinstance(persona, dict) else {}
    own = attributes if isinstance(attributes, dict) else {}
    inner = fields.get("attributes")
    merged = {**fields, **(inner if isinstance(inner, dict) else {}), **own}
    lowered = {str(name).strip().lower().replace(" ", "_"): value for name, value in merged.items()}
    own_names = {str(name).strip().lower().replace(" ", "_") for name in own}
    facts = {name: _fact(lowered, own_names, aliases) for name, aliases in _ALIASES.items()}
    identity = digest(fields.get("name"), number, *sorted(f"{name}={value}" for name, value in own.items()))
    given = known.facts_from(own, inner if isinstance(inner, dict) else {}, fields)
    return _profile(Given(lowered, frozenset(own_names)), facts, identity, given)


def _fact(values: dict[str, Any], own: set[str], aliases: tuple[str, ...]) -> object:
    """Return the first alias that has a value, the respondent's own before the persona's."""
    ranked = sorted((alias for alias in aliases if values.get(alias) not in (None, "")), key=lambda a: a not in own)
    return values[ranked[0]] if ranked else None


def _profile(given: Given, facts: dict[str, object], identity: int, named: tuple[Fact, ...]) -> Profile:
    values = given.values
    draws = Draws("circumstances", identity)
    age = _age(facts["age"], draws)
    gender = str(facts["gender"] or draws.pick(("female", "male"))).lower()
    education = _education(facts["education"], draws)
    if not facts["education"]:
        education = min([education, *(most for below, most in _STILL_LEARNING if age < below)])
    country = str(facts["country"] or "United States")
    income = _income(facts["income"], country, age, education, draws)
    told = " ".join(_flatten(values.get(name)) for name in _TEXT_FIELDS).strip()
    place = f"{facts['geography'] or ''} {facts['region'] or ''}".lower()
    drawn_urban = draws.chance(0.4) and not facts["geography"]
    rural = bool(_RURAL.search(place))
    urban = not rural and (bool(_URBAN.search(place)) or drawn_urban)
    return Profile(
        identity=identity,
        age=age,
        gender="female" if gender.startswith(("f", "w")) else "male" if gender.startswith("m") else "other",
        race=str(facts["race"] or "").lower(),
        education=education,
        income=income,
        country=country,
        urban=urban,
        rural=rural,
        south=any(name in place for name in _SOUTH),
        life=circumstances.read(given, age, income, (urban, rural), draws),
        family_size=_family_size(values),
        hints=_hints(f"{told} {_flatten(values.get('backstory'))}"),
        ocean=_ocean(values.get("ocean")),
        brand_sensitivity=_level(values.get("brand_sensitivity")),
        price_sensitivity=_level(values.get("price_sensitivity")),
        known=named,
        told=_told(values, named),
    )


_TEXT_FIELDS = (
    "values", "interests", "motivations", "hobbies", "personality", "lifestyle", "preferences",
    "digital_activity",
)  # fmt: skip


# Where a persona may say what it thinks of something.
_TELLING_FIELDS = ("backstory", "purchase_patterns", "decision_making_style", "lifestyle", "preferences", "values",
                   "interests", "motivations", "hobbies", "personality", "digital_activity", "purchase_channel",
                   "brand_sensitivity", "professional_traits")  # fmt: skip


def _told(values: dict[str, Any], named: tuple[Fact, ...]) -> tuple[str, ...]:
    """Return the clauses in which persona and attributes may speak of things, in lower case."""
    texts = [f"{fact.name.replace('_', ' ')}: {fact.value}" for fact in named]
    texts += [str(item) for item in _items(values)]
    return tuple(clause for text in texts for clause in _clauses_of(text[:2000].lower()))


_LIKED = {"interests": "is interested in", "hobbies": "enjoys"}


def _items(values: dict[str, Any]) -> Iterator[object]:
    for name in _TELLING_FIELDS:
        value = values.get(name)
        if isinstance(value, list) and name in _LIKED:
            value = [f"{_LIKED[name]} {item}" for item in value]
        yield from value[:20] if isinstance(value, list) else [value] if value else []


@lru_cache(maxsize=2048)
def _clauses_of(text: str) -> tuple[str, ...]:
    return tuple(clause for piece in re.split(r"[.!?;]|, but | but |, and ", text) if (clause := piece.strip()))


@lru_cache(maxsize=512)
def _hints(text: str) -> frozenset[str]:
    lowered = text.lower()
    found = frozenset(name for name, pattern in _HINTS_COMPILED.items() if pattern.search(lowered))
    return found - {"faithful"} if "secular" in found else found


def _flatten(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(item) for item in value[:20])[:1000]
    return str(value or "")[:3000]


@lru_cache(maxsize=1024)
def _numbers(text: str) -> tuple[float, ...]:
    found = re.findall(r"(\d[\d,]{0,14}(?:\.\d+)?)\s*(k|lakh|m\b)?", text.lower()[:200])
    scale = {"k": 1e3, "lakh": 1e5, "m": 1e6, "": 1.0}
    return tuple(float(digits.replace(",", "")) * scale[unit] for digits, unit in found)


def _age(value: object, draws: Draws) -> float:
    if isinstance(value, dict):
        value = f"{value.get('min', 18)}-{value.get('max', 80)}"
    numbers = [number for number in _numbers(str(value or "")) if 5 <= number <= 110]
    spread = draws.uniform()
    if not numbers:
        return 18 + 62 * spread
    if len(numbers) == 1:
        text = str(value)
        low = numbers[0]
        return low + 15 * spread if "+" in text or "over" in text or "older" in text else low
    return numbers[0] + (numbers[1] - numbers[0]) * spread


def _education(value: object, draws: Draws) -> int:
    text = str(value or "").lower()
    for level, pattern in _EDUCATION:
        if text and re.search(pattern, text):
            return level
    return draws.weighted((0, 1, 2, 3), (0.35, 0.28, 0.25, 0.12))


def income_of(text: str, country: str) -> float:
    """Return where an income named in words or figures stands among a country's, 0 to 1; 0.5 where it says nothing."""
    return _stated_income(text.lower(), country) or 0.5


def _stated_income(text: str, country: str) -> float | None:
    numbers = [number for number in _numbers(text) if number >= 100]
    if numbers:
        middle = sum(numbers[:2]) / len(numbers[:2])
        yearly = middle * 12 if "month" in text else middle
        ratio = yearly / _MEDIAN_INCOME.get(country.lower(), 70_000.0)
        return min(0.97, max(0.03, ratio / (1.0 + ratio)))
    return next((level for level, pattern in _INCOME_WORDS if text and re.search(pattern, text)), None)


def _income(value: object, country: str, age: float, education: int, draws: Draws) -> float:
    stated = _stated_income(str(value or "").lower(), country)
    if stated is not None:
        return stated
    career = 0.12 if 35 <= age < 62 else -0.08
    return min(0.97, max(0.03, 0.3 + 0.13 * education + career + draws.normal(0.0, 0.13)))


def _family_size(values: dict[str, Any]) -> int | None:
    size = values.get("family_size", values.get("household_size"))
    found = _numbers(str(size))[:1] if isinstance(size, (int, str)) and not isinstance(size, bool) else ()
    return int(found[0]) if found and 1 <= found[0] <= 50 else None


def _ocean(value: object) -> tuple[tuple[str, float], ...]:
    """Return the five scores that are given as distances from the average: about -0.4 to 0.4 for most people."""
    given = temperament.scores_of(value)
    return tuple((letter, score * temperament.SD[letter] / 50.0) for letter, score in given.items())


def _level(value: object) -> float:
    """Return -1 for low, 0 for medium or unknown, 1 for high."""
    text = str(value or "").lower()
    if "high" in text or "strong" in text or "very" in text:
        return 1.0
    return -1.0 if "low" in text or "little" in text or "weak" in text else 0.0


def age_band(text: str) -> tuple[int, int]:
    """Return the lowest and highest age of a band such as "18-29" or "65+"; all adults when it names none."""
    ages = [int(number) for number in _numbers(text) if 5 <= number <= 110]
    if not ages:
        return 18, 90
    if len(ages) >= 2:
        return min(ages[:2]), max(ages[:2])
    lowered = text.lower()
    if "under" in lowered or "below" in lowered or "<" in lowered:
        return min(18, ages[0]), ages[0]
    open_ended = "+" in lowered or "over" in lowered or "older" in lowered or "above" in lowered
    return (ages[0], max(90, ages[0])) if open_ended else (ages[0], ages[0])
