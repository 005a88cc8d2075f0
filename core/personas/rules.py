"""Contradictions between traits that code decides by itself, without a model.

Each rule speaks only where the traits cannot be true of one person, or of next to nobody: a false alarm is worse than
a silence, for what rules leave open a model or a reader still judges. The rules are listed in docs/personas.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from core.personas import places
from core.personas.reading import Ages, ages_of, attribute, attribute_ages, clauses, country_of, says, text_of
from core.personas.rules_of_money import Found, money_rules
from core.personas.traits import Profile

_HABITS: Final = ("accommodation", "mobility", "daily_rhythm", "lifestyle")
_LEARNING: Final = re.compile(
    r"\b(?:student|trainee|aspiring|apprentice|intern|assistant|receptionist|secretary|clerk|future|candidate|"
    r"tree surgeon|resident of|son|daughter|helper|scribe|rep|representative|school|tutoring)\b|'s\b|\bpre-?med\b"
)
_YOUNGEST: Final = (
    (re.compile(r"\b(?:surgeon|psychiatrist|judge)\b"), 27, "the training and the years of practice it takes"),
    (re.compile(r"\b(?:physician|medical doctor|cardiologist|oncologist|professor|principal)\b"), 24,
     "the degrees it takes"),
    (re.compile(r"\b(?:lawyer|attorney|solicitor|barrister|dentist|veterinarian|pharmacist|architect)\b"), 21,
     "the degree it takes"),
    (re.compile(r"\b(?:teacher|registered nurse|civil engineer|accountant|social worker|police officer)\b"), 17,
     "the training it takes"),
    (re.compile(r"\b(?:truck|lorry|bus|taxi) driver\b"), 16, "the licence it takes"),
)  # fmt: skip
_RETIRED: Final = re.compile(r"(?<!semi-)(?<!semi )(?<!not yet )\b(?:retired|pensioner|retiree)\b")
_RETIRE_YOUNG: Final = re.compile(
    r"\b(?:athlete|player|footballer|soldier|army|navy|military|marine|veteran|dancer|gymnast|model|boxer|swimmer|skater|"
    r"pilot|disab\w+)\b"
)
_PUPIL: Final = re.compile(r"^(?:high.school student|school ?(?:boy|girl|child)|sixth.former|pupil)\b")
_OF_PUPILS: Final = re.compile(r"\b(?:teacher|counsel\w+|coach|adult|evening|former|parent|support|advisor)\b")
_DOCTORATE: Final = re.compile(r"\b(?:doctorate|doctoral degree|ph\.?\s?d\b|d\.?phil\b)")
_MASTER: Final = re.compile(r"\b(?:master'?s?(?: degree)?|mba|postgraduate|graduate degree|m\.?sc\b)")
_BACHELOR: Final = re.compile(r"\b(?:bachelor'?s?(?: degree)?|college degree|university degree|college graduate)\b")
_UNFINISHED: Final = re.compile(
    r"\b(?:some|studying|student|pursuing|in progress|towards?|started|currently|enrolled|incomplete|unfinished|"
    r"candidate|no|not|without|or less|or more|or higher|below|vocational|under)\b"
)
_DEGREES: Final = ((_DOCTORATE, 21, "A doctorate"), (_MASTER, 19, "A postgraduate degree"), (_BACHELOR, 17, "A degree"))
_NEEDS_DEGREE: Final = re.compile(
    r"\b(?:surgeon|physician|medical doctor|psychiatrist|dentist|veterinarian|pharmacist|university professor|"
    r"university lecturer)\b"
)
_SCHOOL_ONLY: Final = re.compile(
    r"^(?:no (?:formal )?(?:schooling|education)|less than high school|gcses(?: or less)?|"
    r"(?:completed |finished )?(?:primary|elementary|middle) school(?: only)?|"
    r"(?:high|secondary) school(?: (?:or less|diploma|only|graduate))?)$"
)
_YEARS_IN: Final = re.compile(r"\b(\d{2})\+? years'?(?: of)? (?:(?:\w+ )?experience|in the (?:job|trade))")
_MARRIED_FOR: Final = re.compile(r"\bmarried (?:for )?(\d{1,2}) years\b")
_MARRIED: Final = re.compile(r"^(?:married|remarried)\b")
_COHABITING: Final = re.compile(r"\b(?:cohabiting|living (?:together )?with (?:a |his |her |their )?partner)\b")
_EVER_MARRIED: Final = re.compile(r"^(?:re)?(?:married|widow(?:ed|er)?|divorced|separated)\b")
_APART: Final = re.compile(
    r"\b(?:apart|separated|abroad|elsewhere|away|distance|deployed|care home|another (?:city|country))\b"
)
_UNMARRIED: Final = re.compile(r"^(?:single|never married|unmarried|divorced|widowed)$")
_WITH_SPOUSE: Final = re.compile(
    r"\b(?:lives|living|shared|shares \w+(?: \w+)?) with (?:his|her|their) (?:wife|husband|spouse)\b"
)
_ALONE: Final = re.compile(r"\b(?:lives|living) (?:alone|by (?:him|her|them)sel(?:f|ves)|on (?:his|her|their) own)\b")
_NUMBERS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_WITH_CHILDREN: Final = re.compile(
    r"\b(?:lives|living) with (?:his |her |their )?(two|three|four|five|six|seven|\d) (?:\w+ )?(?:children|kids)\b"
)
_GROWN: Final = re.compile(r"\b(?:grown|grown-up|adult) (?:children|kids|sons|daughters)\b")
_NO_CAR: Final = re.compile(
    r"\b(?:no car|without a car|car-?less|car-free|(?:does not|doesn't|don't) (?:own|have) a (?:car|vehicle)|"
    r"(?:owns|has) no (?:car|vehicle)|(?:does not|doesn't|cannot|can't|never learned to) drive|"
    r"no driv(?:er'?s|ing) licen[cs]e|non-driver)\b"
)
_NO_LICENCE: Final = re.compile(
    r"\b(?:(?:does not|doesn't|cannot|can't|never learned to) drive|no driv(?:er'?s|ing) licen[cs]e|non-driver)\b"
)
_DRIVES_DAILY: Final = re.compile(
    r"\bdriv(?:es?|ing) (?!(?:her|him|them|a (?:bus|taxi|truck|lorry|van|tram|train))\b)"
    r"(?:[\w-]+ ){0,5}?(?:daily|every (?:day|morning|weekday)|each (?:day|morning))\b"
    r"|\bdrives (?!(?:her|him|them)\b)(?:\w+ ){0,2}?(?:to (?:work|the office)|everywhere)\b"
    r"|\bdaily (?:driv(?:e|ing|er)|car commute)\b|\b(?:daily|every day|commutes?|commuting) by car\b"
)
_OTHERS_CAR: Final = re.compile(
    r"\b(?:carpools?|lifts?|rides? with|passenger|rent(?:s|ed|al)|borrow\w*|company|work van|shared|taxi|uber)\b"
)
_DRIVERS_JOB: Final = re.compile(r"\b(?:truck|lorry|bus|taxi|delivery|van|cab|coach) driver\b|\bchauffeur\b")
_OFFLINE: Final = re.compile(
    r"\b(?:never (?:goes online|uses the internet)|does not use the internet|no internet(?: access)?|"
    r"has never been online|owns neither (?:a )?(?:phone|smartphone) nor (?:a )?computer)\b"
)
_ONLINE_ONLY: Final = re.compile(
    r"\b(?:(?:nearly |almost )?everything online|(?:only|exclusively) online|online only|only through apps)\b"
)
_ONLINE_FOR: Final = re.compile(r"\bonline for (?:more than |over )?(\d{2}) years\b")
_OWN_HOME: Final = re.compile(r"\b(?:with a mortgage|pays (?:a|the|his|her|their) mortgage)\b")

_SEXES: Final = {"female": "f", "woman": "f", "f": "f", "male": "m", "man": "m", "m": "m"}
Rule = Callable[[Profile, Ages | None], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Traits that do not go together: a stable code, their names, and why, for a reader."""

    code: str
    traits: tuple[str, ...]
    reason: str


def contradictions(profile: Profile) -> list[Contradiction]:
    """Return what rules find contradictory in a persona, in the rules' order; none for most.

    An attribute is named "attributes.<name>".
    """
    ages = ages_of(profile)
    found = (one for rule in RULES for one in rule(profile, ages))
    return [Contradiction(code, tuple(traits), reason) for code, traits, reason in found]


def invalid_traits(found: Iterable[Contradiction]) -> dict[str, list[Contradiction]]:
    """Return per trait the contradictions that it is part of."""
    by_trait: dict[str, list[Contradiction]] = {}
    for one in found:
        for trait in one.traits:
            by_trait.setdefault(trait, []).append(one)
    return by_trait


def _age_and_work(profile: Profile, ages: Ages | None) -> Iterator[Found]:
    job = text_of(profile, "occupation")
    if ages is None:
        return
    traits = (ages.trait, "occupation")
    if _RETIRED.search(job) and ages.high < (25 if _RETIRE_YOUNG.search(job) else 40):
        yield "age_retirement", traits, f"Nobody of {_years(ages)} is retired from work."
    if not _LEARNING.search(job):
        for pattern, youngest, why in _YOUNGEST:
            if (match := pattern.search(job)) and ages.high < youngest:
                yield "age_occupation", traits, f"At {_years(ages)} nobody is a {match[0]} yet: {why} end later."
                break
    if _PUPIL.search(job) and ages.low > 25 and not _OF_PUPILS.search(job):
        yield "age_occupation", traits, f"At {_years(ages)} nobody is a pupil at school any more."
    told = _YEARS_IN.search(text_of(profile, "occupation", "professional_traits"))
    if told and ages.high - int(told[1]) < 12:
        trait = "occupation" if _YEARS_IN.search(job) else "professional_traits"
        yield "age_experience", (ages.trait, trait), f"{told[1]} years of experience began before the age of 12."


def _age_and_education(profile: Profile, ages: Ages | None) -> Iterator[Found]:
    education = text_of(profile, "education_level")
    if ages is None or _UNFINISHED.search(education):
        return
    for pattern, oldest_without, what in _DEGREES:
        if pattern.search(education):
            if ages.high <= oldest_without:
                traits = (ages.trait, "education_level")
                yield (
                    "age_education",
                    traits,
                    f"{what} takes more years of study than somebody of {_years(ages)} has had.",
                )
            return


def _work_and_education(profile: Profile, _: Ages | None) -> Iterator[Found]:
    job, education = text_of(profile, "occupation"), text_of(profile, "education_level")
    match = _NEEDS_DEGREE.search(job)
    if match and not _LEARNING.search(job.replace(match[0], "")) and _SCHOOL_ONLY.match(education):
        yield ("occupation_education", ("education_level", "occupation"),
               f"Nobody becomes a {match[0]} without a degree.")  # fmt: skip


def _age_and_family(profile: Profile, ages: Ages | None) -> Iterator[Found]:
    if ages is None:
        return
    status = text_of(profile, "marital_status")
    if _EVER_MARRIED.search(status) and ages.high < 15:
        yield "age_marital_status", (ages.trait, "marital_status"), f"Nobody of {_years(ages)} is or was married."
    told = _MARRIED_FOR.search(status)
    if told and ages.high - int(told[1]) < 14:
        yield ("age_marital_status", (ages.trait, "marital_status"),
               f"A marriage of {told[1]} years began before the age of 14.")  # fmt: skip
    children = _children(profile)
    if children and ages.high < 13 + children[1]:
        yield "age_children", (ages.trait, children[0]), f"Somebody of {_years(ages)} has no {children[1]} children."
    grand = attribute(profile, "grandchildren", "number_of_grandchildren")
    if grand and _count(grand[1]) and ages.high < 28:
        yield "age_children", (ages.trait, f"attributes.{grand[0]}"), f"Nobody of {_years(ages)} has grandchildren."
    for trait in ("lifestyle", "daily_rhythm", "accommodation"):
        if says(text_of(profile, trait), _GROWN) and ages.high < 31:
            yield "age_children", (ages.trait, trait), f"Somebody of {_years(ages)} has no grown-up children."


def _household(profile: Profile, _: Ages | None) -> Iterator[Found]:
    size, status, habits = profile.family_size, text_of(profile, "marital_status"), text_of(profile, *_HABITS)
    if size == 1 and (_MARRIED.search(status) or _COHABITING.search(status)):
        if not _APART.search(f"{status} {habits} {text_of(profile, 'backstory')}"):
            yield ("marital_status_household", ("family_size", "marital_status"),
                   "A couple that lives together is a household of two or more.")  # fmt: skip
    elif _UNMARRIED.match(status):
        for trait in _HABITS:
            if says(text_of(profile, trait), _WITH_SPOUSE):
                yield "marital_status_spouse", ("marital_status", trait), "Who is not married lives with no spouse."
    if size is None:
        return
    for trait in _HABITS:
        text = text_of(profile, trait)
        if size > 1 and says(text, _ALONE):
            yield "household_alone", ("family_size", trait), f"Who lives alone is no household of {size}."
        with_children = next((match for clause in clauses(text) if (match := _WITH_CHILDREN.search(clause))), None)
        if with_children and size <= (number := _count(with_children[1]) or 0):
            yield "household_children", ("family_size", trait), f"With {number} children there are more than {size}."
    at_home = attribute(profile, "children_at_home", "children_in_household", "children_in_the_household")
    if at_home and size <= (number := _count(at_home[1]) or 0):
        traits = ("family_size", f"attributes.{at_home[0]}")
        yield "household_children", traits, f"With {number} children at home there are more than {size}."


def _mobility(profile: Profile, ages: Ages | None) -> Iterator[Found]:
    car = attribute(profile, "car", "has_car", "owns_car", "cars", "car_ownership", "vehicle")
    without = [trait for trait in _HABITS if _NO_CAR.search(text_of(profile, trait))]
    if car and (car[1] in (False, 0) or str(car[1]).strip().casefold() in ("no", "none", "no car", "false", "0")):
        without.append(f"attributes.{car[0]}")
    driving = [trait for trait in _HABITS if _drives(text_of(profile, trait))]
    for trait in driving[:1]:
        if without:
            traits = tuple(dict.fromkeys((without[0], trait)))
            yield "no_car_driving", traits, "Who has no car does not drive it every day."
        if ages is not None and ages.high < 14:
            yield "age_driving", (ages.trait, trait), f"Nobody of {_years(ages)} may drive."
    unlicensed = next((trait for trait in _HABITS if _NO_LICENCE.search(text_of(profile, trait))), None)
    job = text_of(profile, "occupation")
    if unlicensed and _DRIVERS_JOB.search(job) and not re.search(r"\b(?:retired|former|ex-)\b", job):
        yield "licence_occupation", ("occupation", unlicensed), "Who drives for a living can drive."


def _drives(text: str) -> bool:
    """Tell whether somebody drives on most days, a car that is no other's."""
    said = [clause for clause in clauses(_NO_CAR.sub(" ", text)) if _DRIVES_DAILY.search(clause)]
    return any(says(clause, _DRIVES_DAILY) and not _OTHERS_CAR.search(clause) for clause in said)


def _digital(profile: Profile, ages: Ages | None) -> Iterator[Found]:
    activity, channel = text_of(profile, "digital_activity"), text_of(profile, "purchase_channel")
    if _OFFLINE.search(activity) and says(channel, _ONLINE_ONLY):
        yield "offline_channel", ("digital_activity", "purchase_channel"), "Who is never online buys nothing there."
    told = _ONLINE_FOR.search(activity)
    if told and ages is not None and ages.high < int(told[1]):
        yield ("age_digital", (ages.trait, "digital_activity"),
               f"Somebody of {_years(ages)} has not been online for {told[1]} years.")  # fmt: skip


def _age_and_home(profile: Profile, ages: Ages | None) -> Iterator[Found]:
    if ages is not None and ages.high < 16 and says(text_of(profile, "accommodation"), _OWN_HOME):
        yield "age_accommodation", (ages.trait, "accommodation"), f"Nobody lends {_years(ages)} money for a house."


def _place(profile: Profile, _: Ages | None) -> Iterator[Found]:
    country = country_of(profile.location_country)
    where = places.country_of_state(profile.location_state)
    if country and where and country != where:
        yield ("state_country", ("location_country", "location_state"),
               f"{profile.location_state} is no part of {profile.location_country}.")  # fmt: skip


def _attributes(profile: Profile, _: Ages | None) -> Iterator[Found]:
    named = attribute_ages(profile)
    if named and profile.age_range and not (profile.age_range.min <= named[2] and named[1] <= profile.age_range.max):
        traits = ("age_range", f"attributes.{named[0]}")
        yield (
            "age_attribute",
            traits,
            f"The ages {profile.age_range.min}-{profile.age_range.max} are not {named[1]}-{named[2]}.",
        )
    gender = attribute(profile, "gender", "sex")
    if gender and {_SEXES.get(str(one).strip().casefold()) for one in (profile.gender, gender[1])} == {"f", "m"}:
        yield "gender_attribute", ("gender", f"attributes.{gender[0]}"), "The two genders given are not the same."


def _children(profile: Profile) -> tuple[str, int] | None:
    found = attribute(profile, "children", "number_of_children", "kids", "children_at_home", "children_in_household")
    number = _count(found[1]) if found else None
    return (f"attributes.{found[0]}", number) if found and number else None


def _count(value: object) -> int | None:
    text = str(value).strip().casefold()
    if isinstance(value, bool):
        return None
    return int(float(text)) if re.fullmatch(r"\d{1,2}(?:\.0)?", text) else _NUMBERS.get(text)


def _years(ages: Ages) -> str:
    return f"{ages.high}" if ages.low == ages.high else f"{ages.low} to {ages.high}"


RULES: Final[tuple[Rule, ...]] = (
    _age_and_work, _age_and_education, _work_and_education, _age_and_family, _household, money_rules, _mobility,
    _digital, _age_and_home, _place, _attributes,
)  # fmt: skip
"""All rules, each yielding (code, traits, reason)."""
