"""How a respondent lives: home, household, work and car, read from the attributes given, else drawn.

What is given decides; a respondent's own attributes go before the persona's. What is drawn only fills gaps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.embedded.offline_model.seeding import Draws

_NO = re.compile(r"\s*(no|none|never|false|0|0\.0|not applicable|n/?a)\s*\.?")
_YES = re.compile(r"\s*(yes|true)\b")
_CHILDREN = ("children", "kids", "number_of_children", "children_in_household", "has_children", "dependents", "parent",
             "parental_status", "household_type", "household_composition", "family_status")  # fmt: skip
_SIZE = ("family_size", "household_size", "people_in_household")
_MARITAL = ("marital_status", "relationship_status", "marital", "civil_status", "family_status")
_TENURE = ("housing_tenure", "tenure", "home_ownership", "homeownership", "housing_status", "housing", "homeowner",
           "home_owner", "owns_home", "accommodation", "residence", "dwelling", "living_situation")  # fmt: skip
_WORK = ("employment_status", "employment", "work_status", "working_status", "job_status", "labor_force_status",
         "labour_force_status")  # fmt: skip
_JOB = ("occupation", "job", "profession", "job_title")
_CAR = ("vehicle", "vehicles", "car", "cars", "owns_car", "car_ownership", "vehicle_ownership", "drives", "mobility",
        "transport", "commute")  # fmt: skip

_CHILDLESS = re.compile(
    r"\b(no|without|zero) (\w+ )?(child|kid)|childless|child-?free|empty.nest|not a parent"
    r"|\bnon.parent|lives? alone|single person"
)
_WITH_CHILDREN = re.compile(r"\b(child|children|kids?|parent|mother|father|famil(y|ies) with)\b")
_SINGLE = re.compile(
    r"\b(un|non-?)married|\b(never|not|no longer|formerly|previously) married|divorc|widow|separat|single"
)
_MARRIED = re.compile(r"\bmarried|civil partner|spouse|husband|\bwife")
_PARTNER = re.compile(r"relationship|partner|cohabit|engaged|living together|couple")
_ELSEWHERE = re.compile(
    r"with (\w+ )?(parents|family|relatives|friends)|parents' |parental|dorm|hostel"
    r"|hall of residence|care home|shelter|homeless"
)
_RENTS = re.compile(
    r"\b(rent|renter|rents|rented|renting|rental|tenant|lease[ds]?|social housing|council (flat"
    r"|house)|letting)\b|(not|n't|non).{0,4}\bown"
)
_OWNS = re.compile(
    r"\b(own|owns|owned|owner|owning|homeowner|mortgage|mortgaged|paid.off|freehold|bought)\b|home.?owner"
)
_STATUS = (
    ("semi-retired", r"semi.?retired|partly retired"),
    ("jobless",
     (
         r"unemploy|out of work|jobless|laid off|between jobs|looking for work|job.?seek|not (currently"
         r" )?(working|employed)|not in (the )?(labou?r|work)|without work|no job|unable to work|disabled|on"
         r" disability"
     )),
    ("retired", r"retire|pensioner"),
    ("student", r"\bstudent|in education|apprentice in school"),
    ("homemaker", r"home.?maker|house.?wife|house.?husband|stay.at.home|looking after (the )?(home|family|children)"),
    ("working", r"."),
)  # fmt: skip
_NO_CAR = re.compile(
    r"\bno (car|vehicle)|without (a )?(car|vehicle)|car.?less|car-free|(not|n't) (drive|own a car)|never drives"
)
_DRIVES = re.compile(
    r"\b(car|cars|drives?|driving|sedan|suv|pick-?up|truck|van|vehicle|petrol|diesel|hatchback|automobile)\b"
)
_OTHERWISE = re.compile(
    r"\b(bus|buses|metro|train|tram|subway|public transport|transit|bi(ke|cycle)|walks?|on foot|taxi|scooter)\b"
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`tenure`: rents, owns or elsewhere. `work`: as `_STATUS` names it, empty where age and job do not agree.

    `children_stated`: whether there are children is given, not only likely.
    """

    children: bool
    married: bool
    tenure: str
    work: str
    driver: bool
    children_stated: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a respondent: values by plain name, and the names that are the respondent's own."""

    values: dict[str, Any]
    own: frozenset[str]

    def texts(self, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Return (name, lower-case text) of those given, the respondent's own first."""
        for name in sorted(names, key=lambda name: name not in self.own):
            value = self.values.get(name)
            if value is not None and not isinstance(value, (dict, list)) and str(value).strip():
                yield name, str(value).lower().replace("’", "'")[:300]


def read(given: Given, age: float, income: float, place: tuple[bool, bool], draws: Draws) -> Circumstances:
    """Return a respondent's circumstances; `place` is (urban, rural)."""
    drawn_parent = draws.chance(0.2 if age < 28 else 0.55 if age < 52 else 0.12)
    drawn_married = draws.chance(0.02 if age < 22 else 0.15 if age < 28 else 0.55)
    drawn_renter = draws.chance(min(0.9, max(0.08, 1.05 - age / 75.0 - 0.5 * (income - 0.5))))
    drawn_driver = draws.chance(0.5 if place[0] else 0.95 if place[1] else 0.8)
    married, partner = _partnership(given)
    children = _children(given, partner)
    driver = _driver(given)
    return Circumstances(
        children=(drawn_parent if children is None else children) and age < 66,
        married=drawn_married if married is None else married,
        tenure=_tenure(given) or ("rents" if drawn_renter else "owns"),
        work=_work(given, age),
        driver=drawn_driver if driver is None else driver,
        children_stated=children is not None,
    )


def _partnership(given: Given) -> tuple[bool | None, bool | None]:
    """Return whether the respondent is married, and whether there is a partner at all; None where unknown."""
    for _, text in given.texts(_MARITAL):
        if _SINGLE.search(text):
            return False, bool(_PARTNER.search(text))
        if _MARRIED.search(text):
            return True, True
        if _PARTNER.search(text):
            return False, True
    return None, None


def _children(given: Given, partner: bool | None) -> bool | None:
    for name, text in given.texts(_CHILDREN):
        if _NO.fullmatch(text) or _CHILDLESS.search(text):
            return False
        if _YES.match(text) or re.match(r"\s*[1-9]", text) or _WITH_CHILDREN.search(text):
            return True
        if name in {"children", "kids"}:
            return None
    for _, text in given.texts(_SIZE):
        match = re.match(r"\s*(\d{1,2})\b", text)
        if match:
            return int(match.group(1)) > (1 if partner is False else 2)
    return None


def _tenure(given: Given) -> str | None:
    for name, text in given.texts(_TENURE):
        if name in {"homeowner", "home_owner", "owns_home"} and (_YES.match(text) or _NO.fullmatch(text)):
            return "owns" if _YES.match(text) else "rents"
        if _RENTS.search(text):
            return "rents"
        if _OWNS.search(text):
            return "owns"
        if _ELSEWHERE.search(text):
            return "elsewhere"
    return None


def _work(given: Given, age: float) -> str:
    for name, text in [*given.texts(_WORK), *given.texts(_JOB)]:
        status = next(status for status, pattern in _STATUS if re.search(pattern, text, re.DOTALL))
        doubtful = (status == "working" and age >= 67) or (status == "retired" and age < 50)
        return "" if doubtful and name not in given.own else status
    return "retired" if age >= 66 else "working"


def _driver(given: Given) -> bool | None:
    for _, text in given.texts(_CAR):
        if _NO.fullmatch(text) or _NO_CAR.search(text):
            return False
        if _YES.match(text) or re.match(r"\s*[1-9]", text) or _DRIVES.search(text):
            return True
        if _OTHERWISE.search(text):
            return False
    return None
