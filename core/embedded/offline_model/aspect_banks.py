"""What people bring up about a kind of subject: rows of (score, sign, needs, complaint, praise, wish).

Score and sign say whose concern it is ("price_sensitivity", 1: people who watch prices); needs are tags of the
profile that make it believable. Complaint and praise are clauses, a wish is a noun phrase. {np} is the subject.
"""

from typing import NamedTuple


class Aspect(NamedTuple):
    """One thing to bring up about a subject."""

    latent: str
    sign: int
    needs: str
    bad: str
    good: str
    wish: str


Bank = tuple[Aspect, ...]


def _bank(*rows: tuple[str, int, str, str, str, str]) -> Bank:
    return tuple(Aspect(*row) for row in rows)


GENERAL = _bank(
    ("trust", -1, "", "I've heard promises about {np} before and few of them were kept",
     "what I was told about {np} has turned out to be true", "somebody who is straight with me about {np}"),
    ("openness", -1, "", "I liked things better before anybody started changing {np}",
     "with {np} I know what I'm getting, year in, year out", "no more changes to {np} every few months"),
    ("openness", 1, "", "{np} never seem{s} to offer anything new", "with {np} I keep discovering something new",
     "something new about {np} now and then"),
    ("sociability", 1, "", "hardly anybody I know has a good word for {np}", "the people around me speak well of {np}",
     "hearing from people like me how they get on with {np}"),
    ("tech_affinity", -1, "", "there is never a person to ask about {np}",
     "there was a patient person to ask about {np}",
     "a real person to ask about {np}"),
    ("brand_loyalty", 1, "", "the name behind {np} is not what it was", "I know and trust the name behind {np}",
     "a name I know standing behind {np}"),
    ("pressure", 1, "", "I have enough to worry about without {np}", "{np} give{s} me one thing less to worry about",
     "a little less hassle with {np}"),
    ("family_focus", 1, "parent", "with the children there is little time left for {np}",
     "{np} work{s} for the children as well as for me", "something that makes {np} easier with children"),
    ("pressure", 1, "working", "after a working day I have little patience left for {np}",
     "{np} fit{s} in well with my working hours", "hours that fit around a working day"),
    ("", 0, "", "my own experience with {np} has not been good lately",
     "my own experience with {np} has been good so far",
     "more care in the small things about {np}"),
    ("", 0, "", "nobody explains {np} in plain words", "I know what to expect from {np}",
     "plain information about {np}, without small print"),
)  # fmt: skip

FOOD = _bank(
    ("openness", 1, "", "it tastes the same every time and I get bored", "there is always a new flavour to try",
     "a few more flavours to choose from"),
    ("openness", -1, "", "they keep changing the taste I was used to", "it tastes just the way I'm used to",
     "the taste I know, without experiments"),
    ("price_sensitivity", 1, "", "the price has crept up and I count every shop",
     "for that price the quality is hard to beat",
     "a price I can plan with"),
    ("price_sensitivity", -1, "", "it tastes as if somebody saved on the ingredients",
     "I gladly pay a bit more for real quality", "better ingredients, even if they cost a little more"),
    ("green_concern", 1, "", "far too much packaging ends up in the bin", "I can see where the ingredients come from",
     "less packaging and ingredients from nearby"),
    ("family_focus", 1, "parent", "the children push it away after two bites", "even the children like the taste",
     "a version that the children like too"),
    ("health_need", 1, "", "there is more in it than my doctor allows",
     "it agrees with me and feels healthy",
     "less sugar and a short list of ingredients"),
    ("", 0, "working", "it takes time I don't have before work", "it is quick to make before work",
     "something that is ready in five minutes before work"),
    ("", 0, "", "it was not as fresh as it should have been", "it has always been fresh",
     "fresher taste, every single time"),
)  # fmt: skip

HEALTH = _bank(
    ("pressure", 1, "", "not knowing how long it will take is the worst of it",
     "I was told how long it would take and it did",
     "an honest word on how long it will take"),
    ("trust", -1, "", "one person says this and the next says that",
     "the doctors took the time to explain what they were doing",
     "one person who knows my case"),
    ("tech_affinity", 1, "", "I have to phone for what could be done online in a minute",
     "I got the reminders on my phone",
     "a text message when there is a delay"),
    ("tech_affinity", -1, "", "everything is on a screen now and nobody looks up",
     "the nurse spoke to me like a person",
     "a friendly face at the desk instead of a screen"),
    ("health_need", 1, "", "sitting for hours is hard on my back", "the staff noticed when I needed a chair",
     "decent chairs and somewhere to lie down if need be"),
    ("family_focus", 1, "parent", "I had to find somebody to mind the children each time",
     "they were kind to the children",
     "a corner where children can play"),
    ("price_sensitivity", 1, "driver", "the parking alone costs more than my lunch",
     "I could park close by without paying a fortune",
     "parking that does not cost a fortune"),
    ("", 0, "rural", "the nearest place is an hour from where I live", "there is a clinic within reach even out here",
     "more of it done close to where I live"),
    ("pressure", 1, "working", "every visit costs me half a day at work", "I got a time that fits around my work",
     "appointments early or late, around working hours"),
)  # fmt: skip

DIGITAL = _bank(
    ("tech_affinity", -1, "", "I never find the same button twice", "even I found my way around at once",
     "fewer buttons and bigger letters"),
    ("tech_affinity", 1, "", "it is slower than what I'm used to from others",
     "it does in two taps what used to take a call",
     "quicker screens and a proper search"),
    ("trust", -1, "", "I don't know who gets to see my data", "I can see and decide what it knows about me",
     "a plain statement of who sees my data"),
    ("price_sensitivity", 1, "", "sooner or later they ask for money for things that were free",
     "I get a lot for nothing",
     "no hidden fees"),
    ("openness", 1, "", "nothing new has come for ages", "there is something new to try after every update",
     "new functions that I can try out first"),
    ("openness", -1, "", "it looks different after every update", "it stays the way I know it",
     "fewer updates that move things about"),
    ("pressure", 1, "", "it buzzes all day with messages I did not ask for", "it keeps quiet until I need it",
     "fewer notifications"),
    ("sociability", 1, "", "I end up talking to a robot when I want a person", "a real person answered me in the chat",
     "a real person in the chat"),
    ("", 0, "", "it logged me out in the middle more than once", "it has not let me down yet",
     "a login that works the first time"),
)  # fmt: skip

MONEY = _bank(
    ("price_sensitivity", 1, "", "there is a fee for every small thing", "I pay no fees and get a fair rate",
     "less small print and fewer fees"),
    ("pressure", 1, "", "they charge me for it when a month goes badly", "they gave me time when a month went wrong",
     "a bit more flexibility when a month goes wrong"),
    ("trust", -1, "", "they try to sell me something each time I ask a question",
     "they told me what I did not need as well",
     "somebody who listens before trying to sell me something"),
    ("tech_affinity", -1, "", "the branch has closed and the phone line takes for ever",
     "I can still talk to somebody I know",
     "a real person to talk to when I need one"),
    ("tech_affinity", 1, "", "simple things still need paper and a signature", "I can do it all from my phone",
     "something I can set up in ten minutes and forget about"),
    ("", 0, "", "I can't tell in advance what it will cost me", "I know what it costs and what I get for it",
     "plain language about what things really cost"),
    ("brand_loyalty", 1, "", "loyal customers get nothing for staying", "they have treated me well for years",
     "a small reward for staying with them"),
)  # fmt: skip

MOBILITY = _bank(
    ("price_sensitivity", 1, "", "the costs add up faster than they tell you",
     "it costs me less than what I used before",
     "an honest sum of what it costs in a year"),
    ("green_concern", 1, "", "I doubt that it is as clean as they say", "I like that the air stays cleaner",
     "proof that it is really better for the air"),
    ("pressure", 1, "", "I would worry about being stranded half way", "it has always got me there",
     "being sure that I get there and back"),
    ("family_focus", 1, "parent", "I would not feel safe with the children around it", "I feel safe with the children",
     "more safety for children"),
    ("openness", -1, "", "I'm used to the way I get around now", "it changes little about the way I get around",
     "time to get used to it before the old ways go"),
    ("openness", 1, "", "it is less of a step forward than they promise",
     "it's fun, and I see more of the streets that way",
     "a try for a weekend before I decide"),
    ("health_need", 1, "old", "at my age I'd rather not learn to handle it", "even at my age I can handle it",
     "somebody who shows me how to handle it safely"),
    ("", 0, "urban", "there is hardly any room left for it on our streets", "in the city it is the quickest way",
     "proper lanes and places to park in the city"),
    ("", 0, "rural", "the distances are too long for it out here", "even out here it does what I need",
     "something that works for long country roads"),
    ("", 0, "renter", "my landlord would have to agree to any changes at the building", "it works even though I rent",
     "a solution that works when you rent"),
    ("", 0, "driver", "my present car does all I need", "it saves me looking for petrol and queues",
     "a fair price for my present car in exchange"),
)  # fmt: skip

LEARNING = _bank(
    ("pressure", 1, "working", "by the time I got home from work I could not face another lesson",
     "I could use what I learned at work the next morning",
     "shorter lessons that fit into a lunch break"),
    ("family_focus", 1, "parent", "the lessons fell into the kids' bedtime", "I could learn once the kids were asleep",
     "times that don't collide with the kids' bedtime"),
    ("price_sensitivity", 1, "low_income", "I could not afford the time any more than the fee", "it was worth the fee",
     "some of the fee back for those who finish"),
    ("sociability", 1, "", "after the third week nobody noticed whether I was there",
     "I studied with two others and we kept each other going",
     "a small group that notices when I'm missing"),
    ("openness", 1, "", "it was recorded lectures all the way and I drifted off",
     "there was always something to try out for myself",
     "more to try out and fewer lectures"),
    ("tech_affinity", -1, "", "half my evening went on getting the videos to play",
     "the site was simple enough for me", "a platform that simply works"),
    ("", 0, "", "I fell behind once and never caught up", "there was a date and a real teacher waiting for me",
     "a teacher who asks where I have been"),
)  # fmt: skip

MEDIA = _bank(
    ("price_sensitivity", 1, "", "it gets dearer every year for the same programme",
     "it costs less than one evening out", "a cheaper plan that I can pause"),
    ("pressure", 1, "", "the adverts come just when I start to relax", "it lets me switch off after a long day",
     "no adverts in the middle of a film"),
    ("openness", 1, "", "they show me more of the same", "I find films I would never have heard of",
     "more from other countries and small studios"),
    ("openness", -1, "", "the old favourites keep disappearing", "I can watch the old favourites again",
     "the classics kept in one place"),
    ("family_focus", 1, "parent", "there is little that suits the children and me",
     "there is something for the whole family on a Friday",
     "a proper corner for the children"),
    ("tech_affinity", -1, "", "I spend half the evening looking for the right menu", "it starts with one button",
     "a menu that I can find my way through"),
    ("sociability", 1, "", "nobody I know watches it any more", "my friends and I talk about what we watched",
     "tips from people whose taste I share"),
    ("", 0, "", "I pay for far more than I ever watch", "I use it most evenings", "paying for what I really watch"),
)  # fmt: skip

WORKPLACE = _bank(
    ("family_focus", 1, "parent", "child care eats a good part of what I earn", "they help with child care",
     "help with child care"),
    ("health_need", 1, "", "the health cover leaves out what people my age need",
     "the health cover has paid when it mattered",
     "health insurance that pays when it matters"),
    ("pressure", 1, "working", "you can't live on extras when the pay is short", "it takes some pressure off the month",
     "a raise before any extras"),
    ("openness", 1, "young", "there is little chance to learn something new", "they pay for courses",
     "money for courses of my own choice"),
    ("trust", -1, "", "they can take it away again whenever it suits them", "they have kept their word on it",
     "a promise in writing"),
    ("", 0, "old", "it comes late for people near retirement", "it adds something for retirement",
     "a decent match for retirement"),
    ("", 0, "working", "we are too few to take the leave we have", "I can take leave when I need it",
     "more paid leave, and the chance to take it"),
    ("sociability", 1, "working", "nobody asked the staff what they want", "my coworkers say the same",
     "a say for the staff"),
)  # fmt: skip

LEISURE = _bank(
    ("price_sensitivity", 1, "", "a ticket costs more than I like to spend on a free evening",
     "it is good value for an evening out",
     "a cheap or free evening once a month"),
    ("openness", 1, "", "they have shown the same things for years",
     "I always come out with something new in my head", "something new each season"),
    ("openness", -1, "", "it has become too noisy and too modern for me", "it feels just as it always did",
     "quiet hours without screens"),
    ("family_focus", 1, "parent", "it closes before the kids are fed", "the kids still talk about it",
     "something that the kids can touch and try"),
    ("sociability", 1, "", "it is no place to sit and talk", "I meet people I know there",
     "somewhere to sit and talk afterwards"),
    ("health_need", 1, "", "it means a lot of standing and stairs", "there is always a seat when I need one",
     "more seats and a lift"),
    ("", 0, "rural", "it is a long way from where I live", "it is worth the trip into town",
     "a bus that goes back late"),
    ("pressure", 1, "working", "after work I'm too tired to go out again", "it is a good way to leave work behind",
     "opening hours after work"),
)  # fmt: skip

MACHINES = _bank(
    ("trust", -1, "", "I would not leave something that heavy to a computer",
     "it has done what the maker said it would",
     "a demonstration under my own conditions"),
    ("price_sensitivity", 1, "", "one repair can eat the profit of a season", "it has paid for itself",
     "repairs at a fixed price"),
    ("pressure", 1, "", "if it stands still for a week I'm in trouble", "it has run without a day lost",
     "a replacement within a day"),
    ("tech_affinity", -1, "", "I can't mend it with my own tools any more", "I can still fix most of it myself",
     "parts and manuals to mend it myself"),
    ("tech_affinity", 1, "", "the software is years behind the hardware", "the controls save me hours",
     "software that talks to what I have"),
    ("brand_loyalty", 1, "", "the dealer I trusted has closed", "my dealer comes out the same day",
     "a dealer who picks up the phone"),
    ("", 0, "", "it is never ready when it is needed", "it starts when I need it",
     "being sure that it works when it has to"),
)  # fmt: skip

PETS = _bank(
    ("price_sensitivity", 1, "", "a bag of it costs more than our own dinner",
     "a bag of it lasts and does not cost the earth", "a fair price for a big bag"),
    ("openness", -1, "", "animals have eaten the same things for ages and did well",
     "nothing in it is strange to me", "ingredients that I know"),
    ("openness", 1, "", "there is nothing new in it", "I like to try something new and so does the animal",
     "a small pack to try first"),
    ("green_concern", 1, "", "nobody says where the meat comes from", "it takes less from nature than beef",
     "proof that it is better for nature"),
    ("trust", -1, "", "I don't believe half of what is on the packet", "our vet said that it is fine",
     "a word from a vet instead of adverts"),
    ("", 0, "", "the animal sniffed at it and walked away", "the bowl is empty in a minute",
     "something that is eaten and agrees with the stomach"),
)  # fmt: skip

SHOPPING = _bank(
    ("price_sensitivity", 1, "", "I can get much the same for less", "for that price I can't complain",
     "a fair price that does not change every few weeks"),
    ("price_sensitivity", -1, "", "it feels cheaply made", "I don't mind paying for good quality",
     "better quality, even if it costs more"),
    ("openness", 1, "", "I have seen all that before", "I like trying things before everybody else has them",
     "a small size to try first"),
    ("openness", -1, "", "I stay with what I know", "it is close to what I have always bought",
     "the things I know, and no tricks"),
    ("brand_loyalty", 1, "", "the name means nothing to me", "I know the name and it has never let me down",
     "a name that I can trust"),
    ("trust", -1, "", "I don't believe half of what they claim", "what they claim seems honest to me",
     "proof for what they claim"),
    ("green_concern", 1, "", "I can't see how it was made", "it was made with some care for the planet",
     "to know where it comes from"),
    ("pressure", 1, "low_income", "every purchase has to wait until the bills are paid",
     "it solves something that has bothered me for a while",
     "paying in small steps"),
    ("family_focus", 1, "parent", "the kids' things come first in our budget",
     "it would make our busy days a bit easier", "something the whole family can use"),
)  # fmt: skip

PUBLIC = _bank(
    ("trust", -1, "", "they decide first and ask us afterwards", "they asked people here and listened",
     "being asked before it is decided"),
    ("conservatism", 1, "", "they make rules for everything and keep none of them",
     "somebody is keeping order at last", "fewer rules, but rules that are kept"),
    ("conservatism", -1, "", "it is always the weakest who get the least", "it is fair to those who have little",
     "the same chances for rich and poor"),
    ("price_sensitivity", 1, "", "in the end we pay for it with our taxes", "our taxes are well spent on it",
     "to see where the money goes"),
    ("family_focus", 1, "parent", "nobody thinks of the children in it", "it is good for the children",
     "a better deal for the children"),
    ("health_need", 1, "", "older people are left out of it", "older people are thought of",
     "something that works for older people too"),
    ("sociability", 1, "", "people here no longer talk to each other about it", "people here pull together on it",
     "more done together by people who live here"),
)  # fmt: skip

ENVIRONMENT = _bank(
    ("pressure", 1, "low_income", "I can't pay extra to save the planet when the bills are due",
     "it saves energy and money at the same time",
     "something that is green and cheap at once"),
    ("green_concern", -1, "", "one household makes little difference either way", "it's little effort and it helps",
     "something that is easy to do at home"),
    ("family_focus", 1, "parent", "with the kids convenience often wins",
     "I think about the world my kids will live in", "ideas that work with children in the house"),
    ("green_concern", 1, "", "nobody in charge takes it seriously", "the summers here are not what they were",
     "rules that hold for companies too"),
    ("", 0, "rural", "people in offices decide about our land", "I see the change in the fields around us",
     "listening to people who live on the land"),
    ("trust", -1, "", "half of it is advertising", "they published what they really saved", "honest figures"),
)  # fmt: skip

BANKS: dict[str, Bank] = {
    "pets": PETS,
    "food": FOOD,
    "health": HEALTH,
    "workplace": WORKPLACE,
    "money": MONEY,
    "learning": LEARNING,
    "media": MEDIA,
    "machines": MACHINES,
    "mobility": MOBILITY,
    "leisure": LEISURE,
    "digital": DIGITAL,
    "environment": ENVIRONMENT,
    "public": PUBLIC,
    "shopping": SHOPPING,
}
