"""The words personas are written with: phrases by circumstance and by standing on a latent score."""

from core.embedded.offline_model import places, subjects
from core.embedded.offline_model.seeding import Draws

# (latent score or "" for anybody, standing -1 or 1, text)
Bank = tuple[tuple[str, int, str], ...]
Three = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

EDUCATION = ("High school or less", "Some college", "College degree", "Postgraduate degree")
RENTED = (
    "Rented two-room apartment",
    "Small rented house",
    "Rented apartment near work",
    "Small rented townhouse",
)
OWNED = (
    "Own house with a mortgage",
    "Own house, paid off",
    "Own apartment with a mortgage",
    "Modest family home, owned",
)
# Homes that not everybody has: a pattern, and what it takes.
HOMES_FOR = (("family home", "family"), ("near work", "working"), ("mortgage", "below seventy"),
             ("paid off", "long settled"))  # fmt: skip
HOMES_BY_TENURE = {
    "rents": RENTED,
    "owns": OWNED,
    "elsewhere": ("A room in the home of relatives", "Lives with family"),
}
MOBILITY_WITHOUT_CAR = ("Bus and metro on weekdays, lifts from friends", "Walks and rides a bike",
                  "Public transport with the odd taxi")  # fmt: skip
MOBILITY_BY_CAR = ("One older car, used sparingly", "Drives everywhere in an ageing sedan",
"Family car shared in the household",
"An old but reliable pickup",
                  "Drives, with a train to the city now and then")  # fmt: skip
RHYTHMS = (
    "Up at half past five, home by four, early to bed",
    "Works rotating shifts, sleeps when the roster allows",
    "Slow start, long working day, an hour of screen time at night",
    "Commutes before seven, gym or errands after work, quiet evenings",
    "Late shifts during the week, friends and laundry at weekends",
)
RHYTHMS_PARENT = (
    "School run at eight, work until the afternoon, homework and dinner, an hour of peace after nine",
    "Shifts arranged around childcare, errands squeezed in between",
    "Breakfast chaos, a full working day, practice and bath time, bed by ten",
)
RHYTHMS_WITHOUT_JOB = (
    "Slow mornings, errands and forms before noon, an hour of screen time at night",
    "Days that fill up with other people's needs, quiet evenings",
)
RHYTHMS_STUDENT = (
    "Lectures and the library by day, a few shifts in a café, late evenings",
    "Slow mornings, classes until four, coursework at night",
)
RHYTHMS_RETIRED = (
    "Early coffee and the paper, errands before noon, a nap, television news at six",
    "A walk at seven, garden or workshop until lunch, calls with the family in the evening",
    "Two mornings of volunteering, afternoons at leisure, cards on Thursdays",
)
LEVELS = ("Low", "Medium", "High")
PRICE_NOTES = (
    ": pays for quality without much comparing",
    ": compares for larger purchases",
    ": checks every price and waits for offers",
)
BRAND_NOTES: Three = (
    (": store brands are fine for staples", ": a name on the label says little about what is inside"),
    (": names matter for clothes and phones, hardly elsewhere", ": trusts what family and coworkers use"),
    (": stays with a few names in food and banking", ": once a brand has earned trust it is bought for years"),
)
DECISIONS: Three = (
    (
        "Takes time, asks family, sticks with what has worked",
        "Cautious, decides late and rarely changes course",
    ),
    ("Reads a few reviews, sleeps on it, then decides", "Weighs two or three options against the budget"),
    ("Decides fast and tries new things early", "Follows curiosity, adjusts afterwards"),
)
PATTERNS: Three = (
    ("Weekly groceries without a list, larger things when they are needed", "Buys fewer, better things"),
    ("One big shop a week, top-ups in between", "Plans larger purchases around sales"),
    ("Coupons, bulk packs and discount stores", "Splits the week's shop over the cheapest places"),
)
CHANNELS: Three = (
    ("Local shops and supermarkets, in person", "Stores where the staff know the face"),
    ("Supermarket in person, everything else online", "Compares online, buys in store"),
    ("Phone first: apps, delivery, click and collect", "Nearly everything online, groceries included"),
)
DIGITAL: Three = (
    ("Calls and a little messaging; leaves forms to a relative", "Uses a tablet for news and photos only"),
    ("Messaging, online banking and video in the evening", "Social media daily, mostly reading"),
    (
        "Online all day: podcasts, banking apps, group chats",
        "Tries new apps early and tells others about them",
    ),
)
PREFERENCES_IN_PERSON = ("Plain language, no small print, a person on the phone when it matters",)
PREFERENCES = (
    "Short messages, clear prices, nothing pushy",
    "Things that last, from companies that answer",
    "Choice without clutter, and proof from people in the same boat",
    "Familiar places, fair deals, being treated as a grown-up",
)
VALUES: Bank = (
    ("religiosity", 1, "faith"), ("religiosity", 1, "gratitude"), ("religiosity", -1, "reason over belief"),
    ("conservatism", 1, "tradition"), ("conservatism", 1, "self-reliance"), ("conservatism", -1, "equality"),
    ("conservatism", -1, "openness to others"), ("green_concern", 1, "care for nature"), ("pressure", 1,
    "security"),
    ("openness", 1, "freedom"), ("openness", -1, "stability"),
    ("", 0, "family"), ("", 0, "honesty"), ("", 0, "hard work"), ("", 0, "fairness"), ("", 0, "loyalty"),
    ("", 0, "independence"), ("", 0, "kindness"), ("", 0, "dignity"),
)  # fmt: skip
PERSONALITY: Bank = (
    ("sociability", 1, "outgoing"), ("sociability", 1, "warm"), ("sociability", -1, "reserved"),
    ("optimism", 1, "hopeful"), ("optimism", -1, "wary"), ("openness", 1, "curious"), ("openness", -1,
    "set in habits"),
    ("pressure", 1, "easily worried about money"), ("trust", -1, "sceptical of promises"), ("trust", 1,
    "trusting"),
    ("", 0, "dependable"), ("", 0, "dry sense of humour"), ("", 0, "stubborn"), ("", 0, "patient"), ("", 0,
    "practical"),
    ("", 0, "direct"), ("", 0, "thoughtful"),
)  # fmt: skip
INTERESTS: Bank = (
    ("tech_affinity", 1, "new gadgets"), ("tech_affinity", 1, "podcasts"), ("tech_affinity", -1,
    "local newspaper"),
    ("religiosity", 1, "church life"), ("conservatism", 1, "local history"), ("conservatism", -1,
    "social causes"),
    ("green_concern", 1, "nature conservation"), ("pressure", 1, "ways to stretch a budget"),
    ("openness", 1, "travel"), ("openness", -1, "family history"),
    ("", 0, "sports on television"), ("", 0, "cooking shows"), ("", 0, "music"), ("", 0, "true crime series"),
    ("", 0, "home improvement"), ("", 0, "health"), ("", 0, "cars"),
)  # fmt: skip
MOTIVATIONS: Bank = (
    ("pressure", 1, "getting out of debt"), ("pressure", 1, "one month without surprises"),
    ("pressure", -1, "making savings grow"), ("religiosity", 1, "living by the faith"),
    ("openness", 1, "learning something new each year"), ("openness", -1, "keeping what has been built"),
    ("sociability", 1, "being there for others"), ("green_concern", 1, "leaving the planet in shape"),
    ("", 0, "a secure home"), ("", 0, "a better start for the next generation"), ("", 0, "respect at work"),
    ("", 0, "good health"), ("", 0, "time with the people that matter"),
)  # fmt: skip
HOBBIES: Bank = (
    ("tech_affinity", 1, "video games"), ("tech_affinity", -1, "crosswords"), ("religiosity", 1,
    "singing in the choir"),
    ("sociability", 1, "hosting cookouts"), ("sociability", -1, "reading"), ("openness", 1,
    "trying new recipes"),
    ("openness", -1, "fishing"), ("green_concern", 1, "growing vegetables"),
    ("", 0, "walking"), ("", 0, "gardening"), ("", 0, "baking"), ("", 0, "pick-up sports"), ("", 0,
    "sewing and mending"),
    ("", 0, "photography"), ("", 0, "board games"), ("", 0, "fixing things"),
)  # fmt: skip

ORIGINS = (
    "{first} grew up in {state} as the second of three children.",
    "{first} was brought up in {state} by a mother who worked two jobs.",
    "{first} came to {state} as a teenager when {their} father found work there.",
    "{first} has lived in {state} all {their} life and knows every corner of it.",
    "{first} moved to {state} for a job that was meant to last a year, and stayed.",
    "{first} spent {their} childhood above {their} grandparents' shop in {state}.",
)
SCHOOLING = (
    ("After school {they} went straight to work, because money was needed at home.",
     "{They} left school early and learned everything else on the job."),
    ("{They} started college but left when the fees and the hours at work no longer added up.",
     "{They} took two years of evening classes and never quite gave up on the degree."),
    ("{They} {was} the first in the family to finish a degree.",
     "College was a stretch, but {they} got through it with loans and summer jobs."),
    ("{They} stayed on for a postgraduate degree and paid for it for years.",
     "A professor talked {first} into graduate school, which changed {their} path."),
)  # fmt: skip
SCHOOLING_STUDENT = (
    "{They} {is} still studying and counts the terms.",
    "Studying goes well, paying for it less so.",
)
WORK = (
    "Today {first} works as {a_job} and takes quiet pride in doing it well.",
    "Working as {a_job} pays the bills, though the last raise was smaller than promised.",
    "As {a_job}, {first} has seen good bosses and bad ones.",
    "After two lay-offs {first} settled into life as {a_job}.",
)
WORK_OWN = (
    "As {a_job}, {first} answers to nobody and carries every risk alone.",
    "Being {a_job} means that no two months pay alike.",
    "{first} has made a living as {a_job} through good years and lean ones.",
)
WORK_WITHOUT_JOB = (
    "Now {a_job}, {first} lives on little and makes it do.",
    "Being {a_job} leaves little money for going out.",
)
WORK_WITHOUT_JOB_WELL_OFF = (
    "Being {a_job} leaves {first} time that others do not have.",
    "Now {a_job}, {first} can count on the rest of the household for money.",
)
WORK_RETIRED_THRIFTY = ("Now {a_job}, {first} keeps busy and watches each bill.",)
WORK_RETIRED = (
    "Now {a_job}, {first} keeps busy and is rarely at a loss for plans.",
    "As {a_job}, {first} misses the people more than the work.",
    "Being {a_job} has brought time, and a fixed income to go with it.",
)
HOMES = (
    "Home life means {household}.",
    "At home it is {household}.",
    "These days it is {household}, with relatives close by.",
    "Life at home, {household}, sets the pace of the week.",
)
HOMES_ALONE = (
    "{first} lives alone, with relatives close by.",
    "{first} has a place to {themself} and likes it that way, most days.",
    "There is nobody else at home, so evenings belong to calls and old friends.",
    "{first} lives on {their} own and counts on a few good neighbors.",
)
HOMES_APART = (
    "{first} and {their} partner each keep their own place for now.",
    "{first}'s partner lives a few streets away, and most weekends belong to the two of them.",
)
HOMES_WITH_OTHERS = (
    "{first} shares the place with others and is used to little quiet.",
    "There is always somebody about at home, for better or worse.",
)
MOODS: Three = (
    ("Savings are in order, and {first} thinks more about the years ahead than about the month.",
     "There is a cushion in the bank, which {first} never takes for granted."),
    ("Money is neither short nor plentiful; a new tyre or a dentist's bill still needs planning.",
     "Most months end with a little over, some with nothing."),
    ("{outlays} and groceries take most of what comes in, and one broken appliance can upset a month.",
     "{first} knows the balance of the account by heart and has put off the dentist twice."),
)  # fmt: skip
FAITH = (
    "The congregation is a second family and carried {first} through a hard year.",
    "Worship is the fixed point of the week.",
)
SECULAR = (
    "Religion never played much of a part.",
    "Faith is something {first} left behind along the way.",
)
THEMES = (
    "When talk turns to {theme}, {first} goes by what {their} own days show, not by the news.",
    "On {theme}, {first} listens to friends and coworkers first and to advertising last.",
    "{first} has thought about {theme} more than once this year, mostly at the kitchen table.",
    "Asked about {theme}, {first} answers with a story from last week rather than an opinion.",
)
_THEMES = (
    (
        ("economy", "recovery", "recession"),
        "the state of the economy and what a bank can do for people",
    ),
    (("electric car", "electric vehicle", " ev "), "whether the next car should be electric"),
    (
        ("yoghurt", "yogurt", "oat milk", "dairy", "plant-based"),
        "what goes into the fridge and whether plant-based food is worth it",
    ),
    (("online course", "learners", "unfinished"), "finding the time and the reason to finish a course"),
    ((" our app ",), "which apps are worth keeping and paying for"),
)


def theme_of(title: str, description: str) -> str:
    """Return what the brief is about, in words that fit into a backstory."""
    lowered = f" {title} {description} ".lower()
    for words, theme in _THEMES:
        if any(word in lowered for word in words):
            return theme
    found = places.without_places(subjects.find("", (title, description)).phrase)
    return found if title or description else "new products and their promises"


def household(marital_status: str, children: int) -> str:
    """Describe who lives together."""
    kids = ("", "one child", "two children", "three children")[min(3, children)]
    if marital_status.lower() == "married":
        return f"a spouse and {kids}" if kids else "a spouse and no children in the house"
    return f"{kids} and not much quiet"


def lifestyle(pressure: int, openness: int, draws: Draws) -> str:
    """Return a sentence about how the person lives."""
    money = ("comfortable", "careful", "tight")[pressure + 1]
    pace = ("settled and home-centred", "balanced between home and going out", "busy and curious")[openness + 1]
    end = draws.pick(("with weekends kept for family", "with friends close by", "with sport when time allows",
                      "with more plans than evenings", "with a fixed circle of people"))  # fmt: skip
    return f"{money.capitalize()} with money, {pace}, {end}"
