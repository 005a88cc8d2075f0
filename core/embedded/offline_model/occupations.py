"""Occupations with the education and ages they fit, and what they pay relative to the median."""

import re
from dataclasses import dataclass

from core.embedded.offline_model.seeding import Draws


@dataclass(frozen=True, slots=True)
class Occupation:
    """`schooling`: lowest and highest of 0 (school) to 3 (postgraduate); `pay`: multiple of the median."""

    title: str
    schooling: tuple[int, int]
    ages: tuple[int, int]
    pay: float
    traits: str


def _job(title: str, low: int, high: int, youngest: int, oldest: int, pay: float, traits: str) -> Occupation:
    return Occupation(title, (low, high), (youngest, oldest), pay, traits)


OCCUPATIONS = (
    _job("warehouse associate", 0, 1, 18, 60, 0.55, "reliable on night shifts, quick with a scanner"),
    _job("line cook", 0, 1, 18, 55, 0.5, "calm under pressure, used to long evenings"),
    _job("home health aide", 0, 1, 20, 66, 0.48, "patient, good with older people"),
    _job("delivery driver", 0, 1, 18, 64, 0.6, "punctual, knows every street in town"),
    _job("cashier at a supermarket", 0, 1, 18, 68, 0.42, "friendly with regulars, careful with money"),
    _job("construction worker", 0, 0, 18, 60, 0.75, "practical, works in a close crew"),
    _job("machine operator", 0, 1, 22, 65, 0.7, "steady, attentive to safety"),
    _job("truck driver", 0, 1, 24, 66, 0.85, "independent, at ease alone for days"),
    _job("hairdresser with her own chair", 0, 1, 20, 66, 0.55, "a good listener with a loyal clientele"),
    _job("school cafeteria worker", 0, 1, 25, 67, 0.42, "cheerful, an early riser"),
    _job("security guard", 0, 1, 21, 68, 0.55, "watchful, even-tempered"),
    _job("electrician", 1, 1, 22, 65, 0.95, "precise, proud of clean work"),
    _job("licensed practical nurse", 1, 1, 23, 65, 0.8, "caring, steady in emergencies"),
    _job("auto mechanic", 0, 1, 19, 65, 0.75, "a fixer who explains things plainly"),
    _job("administrative assistant", 1, 2, 21, 67, 0.68, "organised, keeps an office running"),
    _job("bank teller", 1, 2, 20, 64, 0.6, "polite, exact with figures"),
    _job("dental assistant", 1, 1, 20, 60, 0.65, "gentle and methodical"),
    _job("retail store manager", 1, 2, 26, 64, 0.9, "used to leading a young team"),
    _job("insurance claims clerk", 1, 2, 23, 65, 0.75, "thorough, patient on the phone"),
    _job("community college student with a part-time job", 1, 1, 18, 24, 0.3, "juggles classes and shifts"),
    _job("university student", 1, 1, 18, 24, 0.25, "curious, short of money and time"),
    _job("graduate trainee at an insurer", 2, 3, 20, 27, 0.75, "eager, learns the ropes"),
    _job("junior accounts clerk", 2, 2, 20, 27, 0.65, "careful, new to the job"),
    _job("laboratory assistant", 2, 3, 20, 30, 0.7, "exact, asks many questions"),
    _job("elementary school teacher", 2, 3, 23, 66, 0.9, "patient, plans everything"),
    _job("registered nurse", 2, 3, 23, 66, 1.15, "level-headed, works in shifts"),
    _job("accountant", 2, 3, 24, 66, 1.25, "exact, discreet, busy every spring"),
    _job("software developer", 2, 3, 22, 58, 1.7, "analytical, keeps learning"),
    _job("marketing manager", 2, 3, 28, 60, 1.5, "persuasive, watches trends"),
    _job("human resources specialist", 2, 3, 25, 64, 1.1, "diplomatic, good at mediating"),
    _job("civil engineer", 2, 3, 24, 66, 1.5, "methodical, thinks in risks"),
    _job("social worker", 2, 3, 24, 64, 0.8, "empathic, stubborn for her clients"),
    _job("graphic designer", 2, 2, 22, 56, 0.85, "visual, works in bursts"),
    _job("small business owner", 0, 2, 30, 67, 1.1, "self-reliant, wears every hat"),
    _job("operations manager", 2, 3, 32, 64, 1.6, "decisive, counts in deadlines"),
    _job("high school teacher", 2, 3, 24, 66, 1.0, "engaged, direct with teenagers"),
    _job("lawyer", 3, 3, 27, 67, 2.2, "careful with words"),
    _job("physician", 3, 3, 30, 68, 3.0, "used to hard decisions"),
    _job("data analyst", 2, 3, 22, 55, 1.3, "sceptical of round numbers"),
    _job("university lecturer", 3, 3, 29, 68, 1.2, "reads widely, argues for sport"),
    _job("pharmacist", 3, 3, 26, 66, 1.8, "conscientious, trusted by customers"),
    _job("product manager at a software firm", 2, 3, 26, 52, 1.8, "organised, speaks for the customer"),
    _job("retired factory supervisor", 0, 1, 64, 95, 0.6, "used to responsibility"),
    _job("retired school secretary", 0, 1, 63, 95, 0.5, "knows half the town by name"),
    _job("retired truck driver", 0, 1, 64, 95, 0.55, "has seen every highway"),
    _job("retired shop owner", 0, 1, 65, 95, 0.65, "still reads price tags first"),
    _job("retired bookkeeper", 1, 2, 63, 95, 0.65, "keeps receipts in order"),
    _job("retired nurse", 1, 3, 62, 95, 0.8, "still looks after everyone"),
    _job("retired teacher", 2, 3, 61, 95, 0.85, "explains things well"),
    _job("retired engineer", 2, 3, 63, 95, 1.1, "likes to know how things work"),
    _job("retired civil servant", 2, 3, 62, 95, 0.95, "patient with paperwork"),
    _job("semi-retired consultant", 2, 3, 60, 78, 1.3, "takes the projects that interest them"),
)


# Who a brief asks for by name: people of that occupation are taken more often than not.
_ASKED_FOR = (
    (r"\bfarmers\b", _job("farmer", 0, 3, 20, 78, 0.9, "practical, out in all weathers")),
    (r"\bnurses\b", _job("registered nurse", 2, 3, 23, 66, 1.15, "level-headed, works in shifts")),
    (r"\bteachers\b", _job("high school teacher", 2, 3, 24, 66, 1.0, "engaged, direct with teenagers")),
    (r"\bstudents\b", _job("university student", 1, 1, 18, 27, 0.25, "curious, short of money and time")),
)
# Occupations of those who have no job, by what their circumstances call them.
_WITHOUT_JOB = {
    "student": _job("university student", 0, 3, 0, 120, 0.25, "curious, short of money and time"),
    "jobless": _job("job seeker", 0, 3, 0, 120, 0.25, "resourceful, tired of writing applications"),
    "homemaker": _job("homemaker", 0, 3, 0, 120, 0.3, "organised, holds the household together"),
}


def asked_for(brief: str, age: float, schooling: int, draws: Draws) -> Occupation | None:
    """Return the occupation a brief asks for, if it does, it fits, and the draw is for it."""
    for pattern, job in _ASKED_FOR:
        fits = job.ages[0] <= age <= job.ages[1] and job.schooling[0] <= schooling <= job.schooling[1]
        if fits and re.search(pattern, brief.lower()):
            return job if draws.chance(0.8) else None
    return None


def named(title: str) -> Occupation:
    """Return an occupation of a given title."""
    return _job(title.lower(), 0, 3, 0, 120, 0.9, "takes the work seriously")


def without_job(status: str) -> Occupation | None:
    """Return what somebody without a job is called; None for statuses that say no such thing."""
    return _WITHOUT_JOB.get(status)


def choose(age: float, schooling: int, female: bool, income: float | None, draws: Draws) -> Occupation:
    """Return an occupation that fits age and schooling; a known income (0-1) favours those paid like it."""
    fitting = [
        job
        for job in OCCUPATIONS
        if job.ages[0] <= age <= job.ages[1]
        and job.schooling[0] <= schooling <= job.schooling[1]
        and (female or " her " not in job.title)
    ]
    if not fitting:
        return _job("employee of the city", 0, 3, 0, 120, 0.8, "dependable and discreet")
    if income is None:
        return draws.pick(fitting)
    target = income / (1.0 - income)
    return draws.weighted(fitting, [1.0 / (0.15 + abs(job.pay - target)) for job in fitting])
