"""Open questions of fact: answered from what is known of the respondent, else with something ordinary.

Work, household, home, the way to work, meals, shops, spare time; and a neutral word for any other habit asked for.
"""

import re
from collections.abc import Callable

from core.embedded.offline_model import facts
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.seeding import Draws

Answer = Callable[[Profile, str, Draws], str]
_COUNTS = ("no children", "one child", "two children", "three children")
_MEALS: dict[str, dict[str, tuple[str, ...]]] = {
    "breakfast": {
        "": ("toast and a cup of tea", "porridge with some fruit", "just a coffee", "fruit and a slice of toast"),
        "dairy": ("cereal with milk", "yoghurt with fruit", "a cheese roll"),
        "india": ("poha or upma", "idli, or a dosa when there is time", "a paratha and tea", "toast and chai"),
    },
    "lunch": {
        "": ("soup and bread", "a sandwich", "leftovers from the evening before", "a salad and something warm"),
        "dairy": ("a cheese sandwich", "a baked potato with butter"),
        "india": ("rice, dal and a vegetable", "rotis and sabzi from home", "curd rice"),
    },
    "dinner": {
        "": ("pasta with vegetables", "rice with whatever is in the fridge", "stir-fried vegetables and noodles"),
        "dairy": ("pasta with cheese", "an omelette and salad"),
        "india": ("rotis, dal and a vegetable", "rice with sambar", "khichdi when it is late"),
    },
    "a snack": {
        "": ("an apple", "a handful of nuts", "a biscuit with my tea", "nothing much"),
        "dairy": ("a yoghurt", "a bit of cheese"),
        "india": ("roasted chana", "a few biscuits with tea", "a banana"),
    },
}  # fmt: skip
_MEAL_WORDS = (("breakfast", r"breakfast|in the morning"), ("lunch", r"lunch|midday"),
               ("dinner", r"dinner|supper|evening meal"), ("a snack", r"snack|between meals"))  # fmt: skip
_SHOPS = {
    "united kingdom": ("the big supermarket once a week", "Tesco or Aldi, whichever is on the way",
                       "the supermarket nearby, and the market for vegetables"),
    "india": ("the shop at the corner, and an app for the big things", "the market near us",
              "the supermarket at the weekend"),
    "": ("the big supermarket once a week", "the store on my way home", "a discount store, and the market in between"),
}  # fmt: skip
_NEUTRAL = (
    "It varies from week to week, nothing out of the ordinary.",
    "Nothing special, I keep to what I'm used to.",
    "That depends on the day, to be honest; there is no fixed rule.",
    "I have never kept track of that, about as much as most people I suppose.",
)


_JOBS = frozenset({"occupation", "job", "profession", "job_title"})


def _occupation(person: Profile, _: str, draws: Draws) -> str:
    title = next(
        (fact.value for fact in person.known if fact.name in {"occupation", "job", "profession", "job_title"}), ""
    )
    if title and not re.match(r"(un|not |job|home|retired|student|none)", title):
        article = "an" if title[0] in "aeiou" and not title.startswith("uni") else "a"
        plain = (
            title
            if re.match(r"(self|a|an|the|works?|semi|runs?)\b", title) or title.endswith("ing")
            else f"{article} {title}"
        )
        return draws.pick((f"I'm {plain}.", f"I work as {plain}." if plain != title else f"I'm {plain}."))
    if title.startswith("retired"):
        return f"I'm retired now; before that I was {_former(title)}."
    said = {
        "retired": ("I'm retired.", "I don't work any more, I'm retired."),
        "jobless": ("I'm looking for work at the moment.", "I'm between jobs right now."),
        "student": ("I'm a student.", "I'm still studying."),
        "homemaker": ("I look after the home and the family.",),
        "working": ("I have an ordinary job with regular hours.", "I work, mostly the same hours every week."),
    }
    return draws.pick(said.get(person.life.work, ("I do a bit of work here and there.",)))


def _former(title: str) -> str:
    job = title.removeprefix("retired").strip() or "working"
    return f"{'an' if job[0] in 'aeiou' else 'a'} {job}" if job != "working" else job


def _household(person: Profile, _: str, draws: Draws) -> str:
    count = facts.children(person)
    children = _COUNTS[min(3, count)]
    if person.life.married:
        return draws.pick((f"My {_spouse(person)} and I, {'and ' + children if count else 'just the two of us'}.",))
    if count:
        return (
            f"I live with my {children.removeprefix('one ')}, just us."
            if count == 1
            else f"{children.capitalize()} and me."
        )
    if person.family_size and person.family_size > 1:
        return "I share the place with others."
    return draws.pick(("I live on my own.", "Nobody else, I live alone."))


def _spouse(person: Profile) -> str:
    return {"female": "husband", "male": "wife"}.get(person.gender, "partner")


def _home(person: Profile, _: str, draws: Draws) -> str:
    named = ("region", "location_state", "state", "city", "location_country", "country")
    place = next((fact.value for name in named for fact in person.known if fact.name == name), "")
    area = "in the city" if person.urban else "in the country" if person.rural else "on the edge of town"
    tenure = {"rents": "I rent", "owns": "the place is my own"}.get(person.life.tenure, "I live with family")
    where = f"in {place.title()}, {area}" if place else area
    return draws.pick((f"{where[:1].upper()}{where[1:]}; {tenure}.", f"I live {where}, and {tenure}."))


def _age(person: Profile, _: str, __: Draws) -> str:
    return f"I'm {int(person.age)}."


def _way(person: Profile, text: str, draws: Draws) -> str:
    if "work" in text and person.life.work in {"retired", "jobless", "homemaker"}:
        return "I don't have to get to work at the moment."
    if person.life.driver:
        return draws.pick(("By car, mostly.", "I drive, it takes me about half an hour."))
    return draws.pick(("By bus or on foot.", "I take the bus, and walk when the weather is good."))


def _meal(person: Profile, text: str, draws: Draws) -> str:
    meal = next((name for name, words in _MEAL_WORDS if re.search(words, text)), "dinner")
    bank = _MEALS[meal]
    country = "india" if person.country.lower() == "india" else ""
    foods = bank[country] if country else bank[""] + (() if "vegan" in person.tags else bank["dairy"])
    usual, other = draws.sample(foods, 2)
    return draws.pick((
        f"Usually {usual}, now and then {other}.",
        f"{usual[:1].upper()}{usual[1:]}, most days.",
        f"For {meal.removeprefix('a ')} it is mostly {usual}.",
    ))  # fmt: skip


def _shops(person: Profile, _: str, draws: Draws) -> str:
    return f"Mostly {draws.pick(_SHOPS.get(person.country.lower(), _SHOPS['']))}."


def _leisure(person: Profile, _: str, draws: Draws) -> str:
    liked = [clause.removeprefix("enjoys ") for clause in person.told if clause.startswith("enjoys ")]
    if len(liked) >= 2:
        first, second = draws.sample(liked, 2)
        return draws.pick((f"Mostly {first}, and {second} when I can.", f"I like {first}, and a bit of {second}."))
    return draws.pick((
        "I see friends, do the shopping and rest.",
        "Nothing special, a walk and some television.",
        "Whatever needs doing at home, and then I put my feet up.",
    ))  # fmt: skip


def _neutral(_: Profile, __: str, draws: Draws) -> str:
    return draws.pick(_NEUTRAL)


_USUALLY = r"(usually |normally |typically |mostly |currently |often )?"
_ASKED: tuple[tuple[str, Answer], ...] = (
    (r"do for a living|what do you do\b[^a-z]*$|(kind|sort|type) of (work|job) do you|what work do you", _occupation),
    (r"(what|which).{0,20} (is|was) your (job|occupation|profession|line of work)|describe your job", _occupation),
    (r"who (else )?(lives|is living) (with|in)|who do you live with|who is (in|part of) your household", _household),
    (r"(describe|tell (us|me) about) your (household|family)", _household),
    (r"where (do|are) you (live|living|based|from)|describe (where you live|your home)", _home),
    (r"how old are you|what is your age|what's your age", _age),
    (rf"how do you {_USUALLY}(get|travel|commute|go) (to|around|about)", _way),
    (rf"what (do|did) you {_USUALLY}(have|eat|cook|make) (for|at|in|between)", _meal),
    (r"your usual (breakfast|lunch|dinner|snack)|what (did|do) you (eat|have) (yesterday|today)", _meal),
    (rf"where do you {_USUALLY}(buy|shop|get your groceries|do (your|the).{{0,20}}shopping)", _shops),
    (r"which (shops?|stores?|supermarkets?) do you", _shops),
    (r"(spare|free|leisure) time|your hobbies|for fun", _leisure),
    (r"(weekend|evening)s?\b.{0,30}\bdo you do\b|\bdo you\b.{0,12}\bdo\b.{0,20}(weekend|evening)s?\b", _leisure),
    (r"(which|what) ([a-z-]+ ){1,4}do you (usually|normally|mostly|typically|currently|already|regularly)", _neutral),
    (r"what do you (usually|normally|mostly|typically)|when (did|do) you (last|first|usually)", _neutral),
    (r"how long (have|did) you|how often (do|did|have) you", _neutral),
    (r"who (in your household )?(usually|mostly|normally) ", _neutral),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), say) for pattern, say in _ASKED)
_NO_FACT = re.compile(r"\bwhy\b|feel about|look for|prefer|\blike\b|enjoy|think")


def answer(text: str, person: Profile, draws: Draws) -> str:
    """Return the answer to a question of fact; empty where it asks for something else."""
    lowered = text.lower().replace("’", "'")[:500]
    found = next((say for asked, say in _COMPILED if asked.search(lowered)), None)
    return found(person, lowered, draws) if found and not _NO_FACT.search(lowered) else ""
