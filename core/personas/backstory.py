"""Life stories: what a reply says, and what code finds contradictory between a story and the other traits."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from core.db.numbers import Whole
from core.db.text import readable, storable
from core.personas.places import country_of_state
from core.personas.reading import Ages, ages_of, clauses, country_of, says
from core.personas.rules import Contradiction
from core.personas.traits import OLDEST, Profile

Story = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20000),
    AfterValidator(storable),
    AfterValidator(readable),
]
Event = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=600),
    AfterValidator(storable),
    AfterValidator(readable),
]
SHORTEST: Final = 120
"""Characters of a generated story; what is shorter is none."""
FEWEST, MOST = 2, 6

_NUMBERS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_OTHERS: Final = re.compile(
    r"\b(?:mother|father|mum|mom|dad|parents?|brothers?|sisters?|siblings?|sons?|daughters?|husband|wife|spouse|partner|"
    r"uncle|aunt|grand\w+|cousins?|friends?|neighbou?rs?|boss|colleagues?|child|children|kids?|boys?|girls?|teachers?|"
    r"twins?|baby|nephew|niece|in-laws?)\b"
)
_AGE_THEN: Final = re.compile(
    r"\b(?:at|by) (?:the age of |age )(\d{1,3})\b|\bat (\d{1,3})(?=,? (?:she|he|they)\b)|"
    r"\b(?:she|he|they) (?:was|were|turned) (\d{1,3})\b(?! ?(?:%|percent|minutes|hours|days|weeks|months|miles|pounds))"
)
_AGE_NOW: Final = re.compile(
    r"\b(?:is|are|now|currently|today) (\d{1,3}) years old\b|\b(?:is|are) an? (\d{1,3})-year-old\b|"
    r"\b(?:is|are) now (\d{1,3})(?=[,.;]|$)|^(?:now|today) (\d{1,3}),|"
    r"(?:^|[,.;] |\band )(?:she|he|they) (?:is|are) (\d{1,3})(?=[,.;]|$| and\b)"
)
_BORN: Final = re.compile(r"\bborn\b[^.;]{0,60}?\b((?:19|20)\d\d)\b")
_LIVES_IN: Final = re.compile(
    r"\b(?:lives|live|living|resides?|settled|based|home(?: now)? is|calls home) in ([^.;]{2,80})"
)
_ALONE: Final = re.compile(
    r"\b(?:lives?|living) (?:alone|by (?:him|her|them)sel(?:f|ves)|on (?:his|her|their) own)\b"
    r"|\bnobody else (?:lives )?at home\b"
)
_WITH_PARTNER: Final = re.compile(
    r"\b(?:lives?|living|shares? [\w ]{1,30}) with (?:a |his |her |their )(?:wife|husband|spouse)\b"
    r"|\b(?:is|are) (?:happily )?married\b"
)
_PARTED: Final = re.compile(r"\b(?:late|ex|former|ended|died|death|left|divorc\w*|widow\w*|passed|separated|until)\b")
_UNMARRIED: Final = re.compile(r"\b(?:single|never married|unmarried|divorced|widow(?:ed|er)?|separated)\b")
_WITH_CHILDREN: Final = re.compile(
    r"\b(?:(?:lives?|living) with|is raising|are raising|raises?|spouse and|wife and|husband and) "
    r"(?:(?:a|his|her|their) )?(?:(?:wife|husband|spouse|partner) and )?(?:(?:his|her|their) )?"
    r"(one|two|three|four|five|six|seven|\d) (?:[\w-]+ )?(?:child|children|kids|sons|daughters)\b"
)
_WORKS_AS: Final = re.compile(r"\b(?:works?|working|employed) as (?:an? |the )?([\w'’/ -]{3,60})")
_BESIDES: Final = re.compile(
    r"\b(?:also|volunteer\w*|weekends?|evenings?|part-time|on the side|sometimes|second job|occasionally|summers?)\b"
)
_OUT_OF_WORK: Final = re.compile(
    r"\b(?:is|are) (?:now |currently )?(retired|unemployed|out of work|jobless|between jobs)\b"
)
_WITHOUT_WORK: Final = re.compile(r"retire|pensioner|unemploy|out of work|jobless|between jobs|not working|looking for")
_RETIRES_FROM: Final = 45
_WORD: Final = re.compile(r"[a-z]{4,}")
_STEM: Final = 5


class Experience(BaseModel):
    """An event that shaped a persona, how old it was then, and which traits it helps to explain."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    age: Whole = Field(ge=0, le=OLDEST)
    event: Event
    shaped: list[str]


class BackstoryWords(BaseModel):
    """A life story as the model wrote it, and its formative experiences."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backstory: Story
    experiences: list[Experience] = Field(min_length=FEWEST, max_length=MOST)


def read_backstory(reply: Any, traits: Collection[str]) -> BackstoryWords:
    """Return what a reply says; raises ValueError for too short a story, or an event that explains no known trait."""
    words = BackstoryWords.model_validate(reply)
    if len(words.backstory) < SHORTEST:
        raise ValueError(f"backstory must have at least {SHORTEST} characters")
    for experience in words.experiences:
        if not experience.shaped or not set(experience.shaped) <= set(traits):
            raise ValueError(f"shaped must name traits of the persona, of {sorted(traits)}")
    return words


def contradictions(
    story: str, profile: Profile, *, year: int, experiences: Sequence[Experience] = ()
) -> list[Contradiction]:
    """Return what code finds in a story that cannot be true of a persona with these traits; none for most.

    It judges age, country, household and occupation, and only plain statements about the present or about an age: a
    false alarm is worse than a silence. `year` is the present one, for a year of birth.
    """
    text = story.casefold().replace("’", "'")
    ages = ages_of(profile)
    found = [one for rule in _RULES for one in rule(text, profile)]
    if ages is not None:
        itself = _itself(text, profile.name)
        found += [*_ages_then(itself, ages, experiences), *_ages_now(itself, ages), *_born(itself, ages, year)]
        found += _retired_young(text, ages)
    return list({one.reason: one for one in found}.values())


def _ages_then(text: str, ages: Ages, experiences: Sequence[Experience]) -> Iterator[Contradiction]:
    told = [age for clause in clauses(text) for age in _numbers_about(clause, _AGE_THEN)]
    for age in sorted({*told, *(experience.age for experience in experiences)}):
        if ages.high < age <= OLDEST:
            yield Contradiction(
                "backstory_age_ahead",
                ("backstory", ages.trait),
                f"The story tells of age {age}, which a persona of {ages.low} to {ages.high} has not reached.",
            )


def _ages_now(text: str, ages: Ages) -> Iterator[Contradiction]:
    for age in sorted({age for clause in clauses(text) for age in _numbers_about(clause, _AGE_NOW)}):
        if not ages.low <= age <= ages.high:
            yield Contradiction(
                "backstory_age", ("backstory", ages.trait),
                f"The story says the persona is {age}; it is {ages.low} to {ages.high}.",
            )  # fmt: skip


def _born(text: str, ages: Ages, year: int) -> Iterator[Contradiction]:
    for born in sorted({number for clause in clauses(text) for number in _numbers_about(clause, _BORN)}):
        if not ages.low <= year - born <= ages.high + 1:
            yield Contradiction(
                "backstory_birth_year",
                ("backstory", ages.trait),
                f"Whoever was born in {born} is {year - born - 1} or {year - born} now, not {ages.low} to {ages.high}.",
            )


def _retired_young(text: str, ages: Ages) -> Iterator[Contradiction]:
    if ages.high < _RETIRES_FROM and any(match == "retired" for match in _about_itself(text, _OUT_OF_WORK)):
        yield Contradiction(
            "backstory_retired", ("backstory", ages.trait),
            f"The story says the persona is retired, at {ages.low} to {ages.high}.",
        )  # fmt: skip


def _country(text: str, profile: Profile) -> Iterator[Contradiction]:
    own = country_of(profile.location_country)
    if own is None:
        return
    for place in _about_itself(text, _LIVES_IN):
        for part in re.split(r",| (?:and|near|outside|with|where|since|for) ", place):
            name = part.strip().removeprefix("the ").strip()
            other = country_of(name) or country_of_state(name)
            if other is not None and other != own:
                yield Contradiction(
                    "backstory_country",
                    ("backstory", "location_country"),
                    f"The story has the persona live in {name.title()}, not in {profile.location_country}.",
                )


def _household(text: str, profile: Profile) -> Iterator[Contradiction]:
    size, status = profile.family_size, (profile.marital_status or "").casefold()
    if size is not None and size > 1 and says(text, _ALONE):
        yield Contradiction(
            "backstory_alone",
            ("backstory", "family_size"),
            f"The story has the persona live alone; the household has {size} people.",
        )
    partner = any(
        _WITH_PARTNER.search(clause) and not _PARTED.search(clause)
        for clause in clauses(text)
        if says(clause, _WITH_PARTNER)
    )
    if partner and _UNMARRIED.search(status):
        yield Contradiction(
            "backstory_partner",
            ("backstory", "marital_status"),
            f"The story has the persona married; its marital status is {profile.marital_status}.",
        )
    for clause in clauses(text):
        match = _WITH_CHILDREN.search(clause)
        if match is None or _of_others(clause, match):
            continue
        children = _NUMBERS.get(match[1]) or int(match[1])
        if size is not None and children + 1 > size:
            yield Contradiction(
                "backstory_children",
                ("backstory", "family_size"),
                f"With {children} at home besides the persona, the household has more than {size} people.",
            )


def _occupation(text: str, profile: Profile) -> Iterator[Contradiction]:
    own = (profile.occupation or "").casefold()
    if not own:
        return
    for clause in clauses(text):
        match = _WORKS_AS.search(clause)
        if match and says(clause, _WORKS_AS) and not _BESIDES.search(clause) and not _of_others(clause, match):
            named = _stems(match[1])
            if named and _stems(own) and not named & _stems(own):
                yield Contradiction(
                    "backstory_occupation",
                    ("backstory", "occupation"),
                    f"The story has the persona work as {match[1].strip()}; its occupation is {profile.occupation}.",
                )
    for without in _about_itself(text, _OUT_OF_WORK):
        if not _WITHOUT_WORK.search(own):
            yield Contradiction(
                "backstory_occupation",
                ("backstory", "occupation"),
                f"The story says the persona is {without}; its occupation is {profile.occupation}.",
            )


_RULES: Final[tuple[Callable[[str, Profile], Iterator[Contradiction]], ...]] = (_country, _household, _occupation)


def _itself(text: str, name: str) -> str:
    """Return a story in which the persona's first name is a pronoun: "Neil is 25" is "they is 25"."""
    first = name.casefold().split()[0]
    return re.sub(rf"\b{re.escape(first)}\b(?: {re.escape(name.casefold().split()[-1])}\b)?", "they", text)


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text)}


def _about_itself(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield what a pattern finds in clauses that state something of the persona, not of somebody else."""
    for clause in clauses(text):
        match = pattern.search(clause)
        if match and says(clause, pattern) and not _of_others(clause, match):
            yield next(group for group in match.groups() if group is not None)


def _numbers_about(clause: str, pattern: re.Pattern[str]) -> Iterator[int]:
    for match in pattern.finditer(clause):
        if not _of_others(clause, match):
            yield int(next(group for group in match.groups() if group is not None))


def _of_others(clause: str, match: re.Match[str]) -> bool:
    """Tell whether somebody else is named before a match, or right behind it, so that it may be about them."""
    return bool(_OTHERS.search(clause[: match.start()]) or _OTHERS.match(clause[match.end() :].lstrip(" ,")[:40]))
