"""Persona prose: a coherent invented person for a cell of the population and a research brief."""

import re
from dataclasses import dataclass, replace
from typing import Any

from core.embedded.offline_model import citing, dialect, names, occupations, places, profile, temperament, traits
from core.embedded.offline_model import persona_wording as say
from core.embedded.offline_model.occupations import Occupation
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.prompt_data import mapping, objects, text_of
from core.embedded.offline_model.seeding import Draws, digest
from core.embedded.offline_model.traits import Outlook


@dataclass(frozen=True, slots=True)
class Sketch:
    """All that has been decided about a person before it is put in words."""

    name: str
    person: Profile
    outlook: Outlook
    job: Occupation
    income_range: str
    family_size: int
    marital_status: str
    children: int
    home: str
    place: str
    state: str
    theme: str
    standing: float
    motorist: bool
    character: dict[str, float]
    draws: Draws

    @property
    def first(self) -> str:
        """Return the first name."""
        return self.name.split(" ", maxsplit=1)[0]

    def high(self, latent: str) -> int:
        """Return -1, 0 or 1: how this person stands on a latent score."""
        value = self.outlook.expected[latent] + self.outlook.own[latent]
        lowest, highest = self._bounds().get(latent, (-1, 1))
        return min(highest, max(lowest, 1 if value > 0.45 else -1 if value < -0.45 else 0))

    def _bounds(self) -> dict[str, tuple[int, int]]:
        """Return between what money and age leave the scores that they bear on."""
        poor, rich = self.standing < _POOR, self.standing > _RICH
        return {
            "pressure": (1, 1) if self.standing < _VERY_POOR else (0, 1) if poor else (-1, 0) if rich else (-1, 1),
            "price_sensitivity": (0, 1) if poor else (-1, 0) if rich else (-1, 1),
            "tech_affinity": (-1, 0) if self.person.age >= _OLD else (0, 1) if self.person.age < _YOUNG else (-1, 1),
        }


# Household incomes, 0 to 1, that leave no room for ease or for want.
_VERY_POOR, _POOR, _RICH = 0.26, 0.36, 0.62
# Ages from which few live online, and up to which hardly anybody lives without.
_OLD, _YOUNG = 68, 32
# From what age people own a home, those of small means, and a home that is paid off.
_OWNS_FROM, _OWNS_POOR_FROM, _PAID_OFF_FROM = 27, 42, 50


def write(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return all fields of a persona for the cell and brief in a prompt's data."""
    brief = mapping(data.get("brief"))
    cell = mapping(data.get("cell"))
    avoid = data.get("avoid_names")
    avoided = sorted({str(name).strip().lower() for name in avoid} if isinstance(avoid, list) else set())
    country = text_of(cell.get("country") or cell.get("location_country") or brief.get("country"), 60)
    told = f"{text_of(brief.get('title'))}. {text_of(brief.get('description'))}"
    country = country or places.country_in(told) or "United States"
    number = digest("persona", seed, *avoided, text_of(brief.get("title")))
    ocean = data.get("ocean")
    person = profile.from_respondent({"location_country": country, "ocean": ocean}, cell, number)
    sketch = _sketch(person, cell, brief, set(avoided), Draws("prose", person.identity, seed))
    sketch = replace(sketch, character=temperament.scores_of(ocean))
    fields = _localised(_fields(sketch, cell), country, cell)
    passages = objects(data.get("evidence"))
    return fields | {"cites": [text_of(one.get("ref"), 20) for one in citing.bearing_on(passages, fields)]}


def _sketch(person: Profile, cell: dict[str, Any], brief: dict[str, Any], avoided: set[str], draws: Draws) -> Sketch:
    female = person.gender == "female"
    known_income = any("income" in str(name).lower() for name in cell)
    job = occupations.choose(person.age, person.education, female, person.income if known_income else None, draws)
    children = _children(person, draws)
    with_partner = person.age < 70 and children > 0 and draws.chance(0.6)
    marital_status = _given(cell, ("marital_status", "relationship_status"))
    married = person.life.married or (with_partner and not marital_status)
    told = f"{text_of(brief.get('title'))}. {text_of(brief.get('description'))}"
    job = _known_job(cell, person) or occupations.asked_for(told, person.age, person.education, draws) or job
    place = places.find(person.country, _given(cell, ("location_state", "state", "region", "province")), told, draws)
    income_range = _income_range(_given(cell, _INCOME), person, job, places.least_income(told), draws)
    standing = profile.income_of(income_range, person.country)
    size = 1 + int(married) + children
    return Sketch(
        name=names.choose(person.country, person.race, person.gender, avoided, draws),
        person=person,
        outlook=traits.outlook(person),
        job=job,
        income_range=income_range,
        family_size=size,
        marital_status=marital_status or _marital_status(person.age, married, draws),
        children=children,
        home=_given(cell, _HOUSING) or _home(person, size, standing, draws),
        place=_given(cell, ("geography", "area", "urbanicity"))
        or ("Urban" if place.is_city else _place(person, job, draws)),
        state=place.state,
        theme=say.theme_of(text_of(brief.get("title")), text_of(brief.get("description"))),
        standing=standing,
        motorist=bool(_MOTORISTS.search(told)),
        character={},
        draws=draws,
    )


def _known_job(cell: dict[str, Any], person: Profile) -> Occupation | None:
    title = _given(cell, ("occupation", "job", "profession"))
    return occupations.named(title) if title else occupations.without_job(person.life.work)


def _given(cell: dict[str, Any], aliases: tuple[str, ...]) -> str:
    lowered = {str(name).strip().lower().replace(" ", "_"): value for name, value in cell.items()}
    return next((text_of(lowered[alias], 120) for alias in aliases if lowered.get(alias)), "")


def _place(person: Profile, job: Occupation, draws: Draws) -> str:
    if person.rural or job.title == "farmer":
        return "Rural"
    return "Urban" if person.urban else draws.pick(("Suburban", "Suburban", "Small town"))


_MOTORISTS = re.compile(
    r"\b(?:own|owns|drive|drives|have|has) (?:a|their|at least one) (?:petrol |diesel |used |new )?car\b"
    r"|\bcar owners\b",
    re.IGNORECASE,
)
_HOUSING = ("accommodation", "housing", "housing_tenure")
_INCOME = ("income", "income_range", "household_income")


def _home(person: Profile, size: int, standing: float, draws: Draws) -> str:
    """Return a home that age, means, household and work allow."""
    true = {
        "family": size > 1,
        "working": person.life.work == "working",
        "below seventy": person.age < 70,
        "long settled": person.age >= _PAID_OFF_FROM,
    }
    may_own = person.age >= (_OWNS_POOR_FROM if standing < _POOR else _OWNS_FROM)
    homes = say.HOMES_BY_TENURE["rents" if person.life.tenure == "owns" and not may_own else person.life.tenure]
    fitting = [home for home in homes if all(true[need] for words, need in say.HOMES_FOR if words in home)]
    return draws.pick(fitting or homes)


_CHILDREN_UNTIL = 57


def _children(person: Profile, draws: Draws) -> int:
    if person.age < 22 or person.age > _CHILDREN_UNTIL or not person.life.children:
        return 0
    if person.age < 28:
        return 1
    return draws.weighted((1, 2, 3), (0.4, 0.42, 0.18))


def _marital_status(age: float, married: bool, draws: Draws) -> str:
    if married:
        return "Married"
    if age >= 68:
        return draws.pick(("Widowed", "Divorced", "Widowed", "Never married"))
    if age >= 38:
        return draws.pick(("Divorced", "Never married", "Separated"))
    return draws.pick(("Single", "Single", "In a relationship"))


# A "high" income is about twice the middle one, a "low" one half of it.
_LEVELS_APART = 0.55


def _income_range(given: str, person: Profile, job: Occupation, least: float, draws: Draws) -> str:
    """Return a yearly household income in the country's money: as given, at the level given, or what the job pays.

    Where the brief asks for households above an income, no lower one is made up.
    """
    if re.search(r"\d", given):
        return given
    symbol, median, step = places.MONEY.get(places.plain(person.country), ("$", 62_000.0, 5_000))
    partner = 1.0 + (draws.uniform(0.3, 0.8) if person.life.married else 0.0)
    spread = draws.uniform(0.85, 1.15)
    times = (person.income / (1.0 - person.income)) ** _LEVELS_APART if given else job.pay * partner
    middle = max(median * times, least * (1.0 + 0.5 * times)) * spread
    low = max(step, -int(-least // step) * step, int(middle * 0.85 // step) * step)
    high = low + max(step, int(middle * 0.3 // step) * step)
    return f"{symbol}{low:,} - {symbol}{high:,} a year"


def _fields(sketch: Sketch, cell: dict[str, Any]) -> dict[str, Any]:
    person, draws = sketch.person, sketch.draws
    age_low, age_high = _age_range(cell, person)
    return {
        "name": sketch.name,
        "age_range": {"min": age_low, "max": age_high},
        "gender": _given(cell, ("gender", "sex")) or person.gender.capitalize(),
        "location_country": person.country,
        "location_state": sketch.state,
        "geography": sketch.place,
        "education_level": _given(cell, ("education", "education_level")) or say.EDUCATION[person.education],
        "occupation": sketch.job.title.capitalize(),
        "income_range": sketch.income_range,
        "family_size": sketch.family_size,
        "marital_status": sketch.marital_status,
        "accommodation": sketch.home,
        "mobility": draws.pick(_mobility(sketch)),
        "daily_rhythm": _rhythm(sketch),
        "lifestyle": say.lifestyle(sketch.high("pressure"), sketch.high("openness"), draws),
        "values": _list(say.VALUES, sketch),
        "personality": _personality(sketch),
        "interests": _list(say.INTERESTS, sketch),
        "motivations": _list(say.MOTIVATIONS, sketch),
        "hobbies": _list(say.HOBBIES, sketch),
        "brand_sensitivity": say.LEVELS[sketch.high("brand_loyalty") + 1]
        + draws.pick(say.BRAND_NOTES[sketch.high("brand_loyalty") + 1]),
        "price_sensitivity": say.LEVELS[sketch.high("price_sensitivity") + 1]
        + say.PRICE_NOTES[sketch.high("price_sensitivity") + 1],
        "decision_making_style": draws.pick(say.DECISIONS[sketch.high("openness") + 1]),
        "purchase_patterns": draws.pick(say.PATTERNS[sketch.high("price_sensitivity") + 1]),
        "purchase_channel": draws.pick(say.CHANNELS[sketch.high("tech_affinity") + 1]),
        "professional_traits": sketch.job.traits.capitalize(),
        "digital_activity": draws.pick(say.DIGITAL[sketch.high("tech_affinity") + 1]),
        "preferences": draws.pick(
            say.PREFERENCES + (say.PREFERENCES_IN_PERSON if sketch.high("tech_affinity") < 1 else ())
        ),
        "backstory": _backstory(sketch),
    }


# The youngest age of those with a degree, and with another one on top.
_GRADUATES_AT = {2: 21, 3: 23}


def _age_range(cell: dict[str, Any], person: Profile) -> tuple[int, int]:
    """Return a span of a few years about the person's age that stays inside the cell's age band."""
    low, high = profile.age_band(_given(cell, ("age", "age_band", "age_group", "age_range")))
    start = max(low, min(int(person.age) - 2, high - 5))
    start = min(high, max(start, _GRADUATES_AT.get(person.education, start)))
    return start, max(start, min(high, start + 5))


def _mobility(sketch: Sketch) -> tuple[str, ...]:
    if not sketch.person.life.driver and not sketch.motorist:
        return say.MOBILITY_WITHOUT_CAR
    ways = tuple(way for way in say.MOBILITY_BY_CAR if sketch.family_size > 1 or "household" not in way)
    # Elsewhere than in the United States a pickup becomes a two-wheeler, which is no car.
    return tuple(way for way in ways if "pickup" not in way) if sketch.motorist else ways


def _rhythm(sketch: Sketch) -> str:
    if "student" in sketch.job.title:
        return sketch.draws.pick(say.RHYTHMS_STUDENT)
    if "retired" in sketch.job.title:
        return sketch.draws.pick(say.RHYTHMS_RETIRED)
    if occupations.without_job(sketch.person.life.work):
        return sketch.draws.pick(say.RHYTHMS_WITHOUT_JOB)
    return sketch.draws.pick(say.RHYTHMS_PARENT if sketch.children else say.RHYTHMS)


def _list(bank: say.Bank, sketch: Sketch) -> list[str]:
    """Return three to five entries: those the person's scores call for, then common ones."""
    called = [text for latent, sign, text in bank if latent and sketch.high(latent) == sign]
    idle = "retired" in sketch.job.title or bool(occupations.without_job(sketch.person.life.work))
    common = [text for latent, _, text in bank if not latent and not (idle and "at work" in text)]
    draws = sketch.draws
    chosen = draws.sample(called, draws.integer(2, 3))
    return chosen + draws.sample(common, draws.integer(3, 5) - len(chosen))


def _personality(sketch: Sketch) -> list[str]:
    if not sketch.character:
        return _list(say.PERSONALITY, sketch)
    return temperament.words_for(sketch.character, sketch.draws)


def _working_life(sketch: Sketch) -> tuple[str, ...]:
    """Return what may be said of the work or of what stands in its place."""
    if "retired" in sketch.job.title:
        return say.WORK_RETIRED + (say.WORK_RETIRED_THRIFTY if sketch.high("price_sensitivity") > 0 else ())
    if "student" in sketch.job.title or occupations.without_job(sketch.person.life.work):
        return say.WORK_WITHOUT_JOB_WELL_OFF if sketch.standing > _POOR else say.WORK_WITHOUT_JOB
    return _at_work(sketch.job)


def _at_work(job: Occupation) -> tuple[str, ...]:
    return (
        say.WORK_OWN if re.search(r"owner|own chair|farmer|consultant|self.employed|freelance", job.title) else say.WORK
    )


def _at_home(sketch: Sketch) -> tuple[str, ...]:
    if sketch.family_size > 1:
        return say.HOMES
    if re.search(r"in a relationship|partner", sketch.marital_status.lower()):
        return say.HOMES_APART
    shared = re.search(
        r"shared|with (\w+ )?(family|relatives|parents|friends)|home of relatives|hall|dorm", sketch.home.lower()
    )
    return say.HOMES_WITH_OTHERS if shared else say.HOMES_ALONE


def _localised(fields: dict[str, Any], country: str, cell: dict[str, Any]) -> dict[str, Any]:
    """Return the fields in the words of the country, except what the cell gives."""
    given = {text_of(value, 120) for value in cell.values()}

    def spoken(value: Any) -> Any:
        if isinstance(value, list):
            return [spoken(item) for item in value]
        return dialect.spoken_in(country, value) if isinstance(value, str) and value not in given else value

    return {name: value if name in _NAMES else spoken(value) for name, value in fields.items()}


_NAMES = frozenset({"name", "location_country", "location_state", "gender", "income_range"})


def _backstory(sketch: Sketch) -> str:
    person, draws, home = sketch.person, sketch.draws, sketch.home.lower()
    pronouns = {"female": ("She", "her"), "male": ("He", "his")}.get(person.gender, ("They", "their"))
    words = {
        "first": sketch.first,
        "They": pronouns[0],
        "they": pronouns[0].lower(),
        "themself": {"She": "herself", "He": "himself"}.get(pronouns[0], "themself"),
        "their": pronouns[1],
        "was": "were" if pronouns[0] == "They" else "was",
        "is": "are" if pronouns[0] == "They" else "is",
        "state": sketch.state,
        "job": sketch.job.title,
        "a_job": ("an " if sketch.job.title[0] in "aeiou" and not sketch.job.title.startswith("uni") else "a ")
        + sketch.job.title,
        **temperament.verbs(plural=pronouns[0] == "They"),
        "household": say.household(sketch.marital_status, sketch.children),
        "theme": sketch.theme,
        "outlays": "Rent" if "rent" in home else "The mortgage" if "mortgage" in home else "Bills",
    }
    parts = [
        draws.pick(say.ORIGINS),
        draws.pick(say.SCHOOLING_STUDENT if "student" in sketch.job.title else say.SCHOOLING[person.education]),
        draws.pick(_working_life(sketch)),
        draws.pick(_at_home(sketch)),
        draws.pick(say.MOODS[sketch.high("pressure") + 1]),
    ]
    if sketch.high("religiosity") and draws.chance(0.5):
        parts[4] = draws.pick(say.FAITH if sketch.high("religiosity") > 0 else say.SECULAR)
    parts += temperament.stories_for(sketch.character, draws)
    parts.append(draws.pick(say.THEMES))
    return " ".join(part.format(**words) for part in parts)
