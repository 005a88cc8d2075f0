"""Reasons people give from their own lives on the economy, politics and religion.

Each fits a mood and, where it says so, circumstances.
"""

from dataclasses import dataclass

from core.embedded.offline_model.seeding import Draws


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause. `mood`: -1 low pole, 0 middle, 1 high pole. `needs`: tags of the profile that it takes."""

    mood: int
    needs: frozenset[str]
    text: str


def _bank(*rows: tuple[int, str | None, str]) -> tuple[Reason, ...]:
    return tuple(Reason(mood, frozenset((needs or "").split()), text) for mood, needs, text in rows)


ECONOMY = _bank(
    (-1, "renter working", "my rent went up again and my pay did not"),
    (-1, "renter working", "half of what I earn is gone on rent before I buy anything"),
    (-1, "small_children", "feeding the kids costs a third more than it used to"),
    (-1, "small_children", "between childcare and groceries there is nothing left to put aside"),
    (-1, "retired", "what comes in each month no longer stretches to the end of it"),
    (-1, "retired", "my prescriptions and the heating bill both went up"),
    (-1, "no_degree working", "the shifts at work were cut and nobody is hiring for decent pay"),
    (-1, "working", "my paycheck buys less at the store every month"),
    (-1, "young renter", "I'm nowhere near affording a place of my own"),
    (-1, "young working low_income", "my friends and I all work two jobs and still come up short"),
    (-1, "low_income", "I put groceries on a credit card more than once this winter"),
    (-1, "owner", "the insurance and property taxes on our place jumped again"),
    (-1, "rural", "the plant outside town let people go and the main street is emptier"),
    (-1, "degree working", "my company froze raises and the layoffs have everyone on edge"),
    (-1, None, "every trip to the supermarket is a small shock"),
    (-1, None, "I see it in the price of eggs, gas and just about everything"),
    (-1, "retired", "I gave up the newspaper and the small trips to keep up with the bills"),
    (-1, "owner", "there are repairs to do at home and every quote I get is higher than the last"),
    (-1, "small_children", "school shoes, the school trip, the dentist, it all lands in the same week"),
    (-1, "working", "we are two people doing the work of three and the raise never came"),
    (-1, "urban", "half the shops on our corner have closed"),
    (-1, "married", "the two of us sit over the bills every month and find something else to cut"),
    (-1, None, "I leave things at the checkout that I used to buy without looking"),
    (-1, "driver", "a car repair in the fall ate what little I had saved"),
    (-1, None, "people I know are selling things to get through the month"),
    (0, "retired", "I live on a fixed income and that has changed very little"),
    (0, "retired", "my neighbors complain and then go on their cruise, so who knows"),
    (0, "renter", "my landlord left the rent alone this time"),
    (0, "young working", "I only started earning lately, so I have little to compare with"),
    (0, "married", "one of us earns a bit more and the other a bit less"),
    (0, "degree working", "my salary kept up, the housing market did not get any easier"),
    (0, None, "gas got cheaper and insurance got dearer"),
    (0, "working", "my job is steady but the bills rose about as fast as my pay"),
    (0, "owner", "my place costs me about the same each month as before"),
    (0, "retired", "my pension went up a little and so did the bills"),
    (0, "parent", "we manage with the kids about as well as we did"),
    (0, None, "some prices rose, others came down, and it evens out"),
    (0, None, "my own budget looks much like it did"),
    (0, None, "the news says one thing and my street says another"),
    (1, "working", "I got a raise this year and found it easy to pick up hours"),
    (1, "degree working", "my field is hiring and my retirement account has grown nicely"),
    (1, "high_income", "my investments did well and there is more left over than last year"),
    (1, "owner", "the value of my home went up and so did my confidence"),
    (1, "retired", "my savings have come back and I worry less about the bills"),
    (1, "religious", "the people in my congregation are finding work again"),
    (1, "small_children", "I could take the kids on a vacation for the first time in years"),
    (1, "young working", "I changed jobs and the new one pays a good deal more"),
    (1, "urban", "new shops are opening in my neighborhood and they all need people"),
    (1, None, "prices have calmed down and people around me are working"),
    (1, "married working", "we both have steady work again"),
    (1, "no_degree working", "the plant is running extra shifts and pays for them"),
    (1, "low_income working", "the minimum wage went up and I feel it in every paycheck"),
    (1, None, "my neighbors are building and fixing, and tradesmen are hard to get"),
    (1, None, "food is cheaper and I can put a little aside again"),
)

POLITICS = _bank(
    (-1, "young", "my generation is stuck with rents and a climate we did not choose"),
    (-1, "degree", "what I studied showed me how unfair the rules can be"),
    (-1, "parent", "I want my kids to have health care and good public schools"),
    (-1, "urban", "in my city you live with all kinds of people and learn to look out for them"),
    (-1, "renter", "landlords and big companies have had it their way for too long"),
    (-1, "retired", "I remember what rights people had to fight for"),
    (-1, None, "nobody should go broke because they got sick"),
    (-1, None, "people ought to be free to live and love as they are"),
    (0, "working", "at work I get along with people from both parties"),
    (0, "parent", "raising kids made me practical rather than partisan"),
    (0, "old", "I've voted for both parties over the years"),
    (0, None, "I like some ideas from one side and some from the other"),
    (0, None, "the shouting on both ends puts me off"),
    (0, None, "what works matters more to me than who proposes it"),
    (1, "religious", "my faith and my congregation shape how I see right and wrong"),
    (1, "parent", "I want my kids raised with the values I grew up with"),
    (1, "rural", "out here people look after themselves and want to be left alone"),
    (1, "old", "I've seen enough grand programs fail in my lifetime"),
    (1, "working", "I work hard and see too much of it go in taxes"),
    (1, "owner", "I paid for my home myself and expect others to do the same"),
    (1, "married", "family and marriage are what hold a country together"),
    (1, None, "government has grown too big and spends what it does not have"),
    (1, None, "law, order and secure borders come first for me"),
)

RELIGION = _bank(
    (-1, "young", "none of my friends go and I was not raised with it"),
    (-1, "working", "Sunday is the one morning I get to sleep in"),
    (-1, "degree", "I stopped believing somewhere in college"),
    (-1, "small_children", "weekends belong to the kids and their games"),
    (-1, "retired", "I drifted away decades ago and did not go back"),
    (-1, None, "organized religion has little to offer me"),
    (-1, None, "I find my peace outdoors instead"),
    (-1, None, "it was never a habit in our house"),
    (0, "small_children", "I like the kids to know the traditions"),
    (0, "working no_degree", "my shifts get in the way most weekends"),
    (0, "married", "my spouse cares about it more than I do"),
    (0, "old", "my mother would have wanted me to keep it up"),
    (0, None, "it's about family and tradition more than belief"),
    (0, None, "I still like the music and seeing familiar faces"),
    (1, "parent", "I want my children to grow up in the faith"),
    (1, "old", "my congregation is the family I have left nearby"),
    (1, "young", "the youth group is where my closest friends are"),
    (1, "married", "we were married there and it keeps us strong"),
    (1, "low_income", "prayer carried me through the hard months"),
    (1, "no_degree", "my pastor stood by me when I was out of work"),
    (1, None, "my faith is what gets me through the week"),
    (1, None, "I sing in the choir and people count on me"),
    (1, None, "I feel close to God and to my neighbors there"),
)

BY_TOPIC = {
    "economy": ECONOMY,
    "politics": POLITICS,
    "religion": RELIGION,
}


def choose(topic: str, mood: int, tags: frozenset[str], draws: Draws) -> str:
    """Return a reason that fits the mood, more often than not from the respondent's own circumstances."""
    fitting = [reason for reason in BY_TOPIC[topic] if reason.mood == mood and reason.needs <= tags]
    personal = [reason for reason in fitting if reason.needs]
    if personal and draws.chance(0.7):
        return draws.pick(personal).text
    return draws.pick(fitting).text


def mood_at(place: float) -> int:
    """Return the mood of a place between the low pole (0) and the high one (1)."""
    return -1 if place < 0.4 else 1 if place > 0.6 else 0
