"""A persona introduced to others, and its life story: both from its traits, which are never contradicted."""

import re
from typing import Any

from core.embedded.offline_model import dialect, temperament
from core.embedded.offline_model.prompt_data import mapping, text_of
from core.embedded.offline_model.seeding import Draws

_GROUPS = {
    "demographics": ("{gender}, {age_range}, in {place}.", "At home in {place}, aged {age_range}."),
    "household": ("A household of {family_size}; {accommodation}.", "{accommodation}, {family_size} in the household."),
    "work_and_money": ("{occupation}, on {income_range}.", "Lives on {income_range} as {occupation}."),
    "daily_life": ("{lifestyle}.", "{daily_rhythm}."),
    "character": ("{personality}.", "Known as {personality}."),
    "buying": ("{decision_making_style}; {purchase_channel}.", "{purchase_patterns}; {purchase_channel}."),
    "attributes": ("Stands for {attributes}.", "Drawn for {attributes}."),
}
_UNKNOWN = {
    "gender": "Somebody", "age_range": "an age not given", "place": "a place not given",
    "family_size": "a size not given",
    "accommodation": "housing not given", "occupation": "work not given", "income_range": "an income not given",
    "lifestyle": "An everyday life of their own", "daily_rhythm": "Days of their own making",
    "personality": "a character not put in words", "decision_making_style": "Decides in their own way",
    "purchase_channel": "buys where it suits", "purchase_patterns": "Buys as needed",
    "attributes": "nobody in particular",
}  # fmt: skip
_TITLES = (
    "{character}, {work}, {where}",
    "A {character} {work} from {where}",
    "{work} in {where}: {character}",
)


def preview(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return title, one line, summary and a line per group, all from the traits given."""
    groups = {str(name): mapping(traits) for name, traits in mapping(data.get("groups")).items()}
    facts = {name: value for traits in groups.values() for name, value in traits.items()}
    facts["attributes"] = groups.get("attributes", {})
    name = text_of(data.get("name"), 120)
    draws = Draws("preview", name, seed)
    said = _said(facts)
    work = _lower(said["occupation"]) if facts.get("occupation") else "person"
    character = _lower(_first(facts.get("personality")) or "ordinary")
    title = draws.pick(_TITLES).format(character=character, work=work, where=said["place"])
    aim = _first(facts.get("motivations")) or _first(facts.get("values"))
    line = f"{name}, {said['age_range']}, {work} in {said['place']}" + (
        f", who cares about {_lower(aim)}." if aim else "."
    )
    return {
        "title": _upper(title),
        "one_line_summary": line,
        "full_summary": _summary(name, facts, said, text_of(data.get("backstory"), 6000)),
        "groups": {
            group: _upper(draws.pick(_GROUPS.get(group, ("What else is known.",))).format(**said)) for group in groups
        },
    }


def _summary(name: str, facts: dict[str, Any], said: dict[str, str], story: str) -> str:
    first = name.split(" ", maxsplit=1)[0]
    sentences = [f"{name} is {said['age_range']} and lives in {said['place']}."]
    if facts.get("occupation"):
        sentences.append(
            f"Work: {_lower(said['occupation'])}" + (f", {said['income_range']}." if facts.get("income_range") else ".")
        )
    for key, lead in (
        ("accommodation", "Home: "),
        ("lifestyle", ""),
        ("decision_making_style", ""),
        ("purchase_channel", "Shops: "),
    ):
        if facts.get(key):
            sentences.append(f"{lead}{_upper(said[key]) if not lead else _lower(said[key])}.")
    if facts.get("personality"):
        sentences.append(f"{first} is described as {said['personality']}.")
    if isinstance(facts.get("values"), list) and facts["values"]:
        sentences.append(f"What counts: {', '.join(map(str, facts['values'][:4]))}.")
    if story:
        sentences.append(re.split(r"(?<=[.!?])\s", story)[0][:300])
    return " ".join(sentences)


def _said(facts: dict[str, Any]) -> dict[str, str]:
    said = dict(_UNKNOWN)
    for name, value in facts.items():
        text = _told(value)
        if text:
            said[name] = text.rstrip(".")
    said["place"] = (
        ", ".join(text_of(facts[name], 80) for name in ("location_state", "location_country") if facts.get(name))
        or said["place"]
    )
    return said


def _told(value: object) -> str:
    if isinstance(value, dict):
        if set(value) == {"min", "max"}:
            return f"{value['min']} to {value['max']}"
        return ", ".join(f"{name} {text_of(part, 80)}" for name, part in sorted(value.items()))[:300]
    if isinstance(value, list):
        return ", ".join(_lower(text_of(part, 80)) for part in value[:4])[:300]
    return text_of(value, 300)


def _first(value: object) -> str:
    return text_of(value[0], 80) if isinstance(value, list) and value else ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


_CHILDHOODS = (
    (
        9,
        "At nine {first} shared a room with two cousins for a year, and learned to make do with little space.",
        "lifestyle",
    ),
    (8, "When {first} was eight the family moved house twice, and new schools became a habit.", "personality"),
    (10, "At ten {first} spent a whole summer with grandparents who threw nothing away.", "values"),
    (7, "At seven {first} won a drawing prize, the first thing that was {their} own.", "interests"),
)
_YOUTHS = (
    (16, "At sixteen {they} took a Saturday job and found out what an hour of work buys.", "price_sensitivity"),
    (15, "At fifteen {they} saved for a bicycle for a year, and it was stolen within a week.", "decision_making_style"),
    (17, "At seventeen {they} talked {their} way into a first job without an interview.", "professional_traits"),
    (14, "At fourteen a teacher lent {first} books that nobody at home would have bought.", "hobbies"),
)
_GROWN = (
    (4, "A first bad landlord taught {first} to read what {they} {sign}.", "accommodation"),
    (3, "The first pay that was {their} own went on a present, and the second on rent.", "motivations"),
    (5, "A long winter without much money left {first} with an eye for what lasts.", "purchase_patterns"),
    (
        2,
        "A friend's advice about a purchase went wrong, and since then {they} {compare} for {them}sel{f}.",
        "purchase_channel",
    ),
)
_NOWADAYS = (
    "These days {first} keeps to what has proved itself, as {lifestyle}.",
    "What {first} has now was built in small steps, and {they} {know} the price of each.",
    "Looking back, {they} {say} that most of it was luck and the rest getting up in time.",
)
_PRONOUNS = {"f": ("she", "her", "her", "f"), "m": ("he", "his", "him", "f"), "": ("they", "their", "them", "ves")}


def backstory(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a life story that the traits allow, and its experiences with the traits they explain."""
    persona = mapping(data.get("persona"))
    name = text_of(persona.get("name"), 120) or "Somebody"
    tries = data.get("contradictions")
    draws = Draws("backstory", name, text_of(data.get("present_backstory"), 6000), str(tries), seed)
    age = _age(persona.get("age_range"))
    words = _words(name, persona)
    chosen = [draws.pick(_CHILDHOODS), draws.pick(_YOUTHS)]
    if age >= 26:
        after, sentence, trait = draws.pick(_GROWN)
        chosen.append((18 + after, sentence, trait))
    events = [(then, sentence.format(**words), trait) for then, sentence, trait in chosen if then <= age]
    events = events or [(max(0, age - 1), f"{words['first']} learned early to look after small things.", "values")]
    if len(events) < 2:
        events.append((age, f"Lately {words['first']} has found out what others do differently.", "personality"))
    character = temperament.scores_of(persona.get("ocean")) or temperament.read(persona)
    told = [_origin(persona, words, draws), *(sentence for _, sentence, _ in events)]
    told += [sentence.format(**words) for sentence in temperament.stories_for(character, draws)]
    told += [_work(persona, words), draws.pick(_NOWADAYS[1:]).format(**words)]
    known = set(persona) - {"name"}
    fallback = sorted(known)[:1] or ["name"]
    country = text_of(persona.get("location_country"), 60)
    return {
        "backstory": dialect.spoken_in(country, " ".join(sentence for sentence in told if sentence)),
        "experiences": [
            {"age": then, "event": sentence, "shaped": [trait] if trait in known else fallback}
            for then, sentence, trait in events
        ],
    }


def _age(value: object) -> int:
    low = mapping(value).get("min")
    return low if isinstance(low, int) and not isinstance(low, bool) else 40


def _words(name: str, persona: dict[str, Any]) -> dict[str, str]:
    gender = text_of(persona.get("gender"), 20).lower()
    key = "f" if gender.startswith(("f", "w")) else "m" if gender.startswith("m") else ""
    they, their, them, end = _PRONOUNS[key]
    plural = not key
    verbs = {verb: verb if plural else f"{verb}s" for verb in ("sign", "compare")}
    return {
        **temperament.verbs(plural=plural), **verbs, "first": name.split(" ", maxsplit=1)[0], "they": they,
        "They": _upper(they),
        "their": their, "them": them, "f": end, "lifestyle": _lower(text_of(persona.get("lifestyle"), 200)),
    }  # fmt: skip


def _origin(persona: dict[str, Any], words: dict[str, str], draws: Draws) -> str:
    place = text_of(persona.get("location_state") or persona.get("location_country"), 80)
    if not place:
        return f"{words['first']} comes from a family that talked little and worked much."
    return draws.pick(
        (
            f"{words['first']} grew up in {place}.",
            f"{place} is where {words['first']} spent {words['their']} childhood.",
        )
    )


def _work(persona: dict[str, Any], words: dict[str, str]) -> str:
    job = _lower(text_of(persona.get("occupation"), 120))
    if not job:
        return ""
    if re.search(r"retired|unemploy|student|between jobs|homemaker|pensioner|looking", job):
        return f"Now {words['their']} days are those of somebody who is best described as {job}."
    return f"Today {words['first']} works as {'an' if job[0] in 'aeiou' else 'a'} {job}."
