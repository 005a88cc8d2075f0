"""What people expect of a thing that they do not have yet: rows as in `aspect_banks`, without a word of experience."""

from core.embedded.offline_model.aspect_banks import Aspect, Bank


def _bank(*rows: tuple[str, int, str, str, str, str]) -> Bank:
    return tuple(Aspect(*row) for row in rows)


GENERAL = _bank(
    ("trust", -1, "", "I'd have to see {np} before I believe a word", "I see no reason to doubt what is promised",
     "proof before I decide"),
    ("openness", -1, "", "I'm content with what I have now", "it does not sound too different from what I know",
     "time to get used to the idea"),
    ("openness", 1, "", "I was hoping for something newer than that", "I'd like to see for myself what {it} {is} like",
     "a chance to try before I decide"),
    ("price_sensitivity", 1, "", "I expect to pay more for it than it is worth", "I'd expect fair value for the money",
     "a price that is plain from the start"),
    ("pressure", 1, "", "it would be one more thing to deal with", "it might take something off my plate",
     "as little effort as can be"),
    ("sociability", 1, "", "nobody I know talks about anything like it", "I can think of people who would like it too",
     "a word from people who have tried it"),
    ("family_focus", 1, "parent", "I can't see where it would fit in with the children",
     "I can imagine it with the children", "something that suits the children as well"),
    ("", 0, "", "I don't see what I would need it for", "I can see a use for it", "to know exactly what I would get"),
)  # fmt: skip

FOOD = _bank(
    ("price_sensitivity", 1, "", "I'd expect it to cost more than what I buy now",
     "at a fair price it would go into my basket", "a price close to what I pay now"),
    ("price_sensitivity", -1, "", "I'd suspect cheap ingredients", "I'd pay a little more for something good",
     "good ingredients rather than a low price"),
    ("openness", 1, "", "it sounds much like what is on the shelf already", "I like to try a new taste",
     "a small one to taste first"),
    ("openness", -1, "eats_dairy", "I'd miss the taste that I'm used to", "it does not sound too far from what I know",
     "a taste close to what I know"),
    ("health_need", 1, "", "I'd want to know how much sugar is in it", "it sounds like something that agrees with me",
     "less sugar and a short list of ingredients"),
    ("family_focus", 1, "parent", "I doubt that the children would eat it", "the children might like it too",
     "a kind that children eat as well"),
    ("green_concern", 1, "", "I'd expect a lot of packaging around it", "it sounds better for the planet",
     "less packaging and ingredients from nearby"),
    ("trust", -1, "", "it sounds like advertising to me", "the claim sounds honest enough",
     "to know what is really in it"),
    ("", 0, "", "I can't quite imagine how it would taste", "I can imagine having it at home",
     "a taste of it before I buy"),
)  # fmt: skip

# For food made from plants where milk or meat is usual.
PLANT = (
    *FOOD,
    *_bank(
        ("openness", -1, "eats_dairy", "I can't imagine it creamy without milk",
         "I could get used to it in place of dairy", "something as creamy as dairy"),
        ("green_concern", 1, "", "I'd need more than a green story from a dairy",
         "I'd rather have it made from plants than from milk", "plants instead of milk, without additives"),
        ("trust", -1, "", "I'd suspect more additives than oats", "I believe they can make something good from plants",
         "to read on the pot what replaces the milk"),
        ("openness", 1, "", "plant-based versions all sound alike to me", "I'd like to know what they can do with oats",
         "a plant-based taste of its own, not a copy"),
        ("", 0, "vegan", "I'd rather not buy it from a dairy", "it would be one more thing without milk that I can eat",
         "a maker that has nothing to do with milk"),
        ("brand_loyalty", 1, "", "I'd wonder why the brand leaves dairy", "I'd expect the brand to know its trade",
         "a brand that I know on the pot"),
    ),
)  # fmt: skip

SHOPPING = _bank(
    ("price_sensitivity", 1, "", "I could get much the same for less", "at that price I would not hesitate long",
     "a fair price that stays as it is"),
    ("price_sensitivity", -1, "", "I'd expect it to feel cheap", "I don't mind paying for good quality",
     "better quality, even if it costs more"),
    ("openness", 1, "", "it sounds like much I have seen before", "I like trying things before everybody else",
     "a small size to try first"),
    ("openness", -1, "", "I'd rather stay with what I know", "it sounds close to what I buy already",
     "the things I know, and no tricks"),
    ("brand_loyalty", 1, "", "the name would have to earn my trust first", "I'd trust the name behind it",
     "a name that I can trust"),
    ("trust", -1, "", "I don't believe half of what is claimed", "the claim sounds honest to me",
     "proof for what is claimed"),
    ("green_concern", 1, "", "I can't tell how it would be made", "it sounds as if somebody cares for the planet",
     "to know where it comes from"),
    ("family_focus", 1, "parent", "the children's things come first in our budget",
     "it would make our busy days a bit easier", "something the whole family can use"),
    ("", 0, "", "I don't see what I would need it for", "I can see a use for it", "to know exactly what I would get"),
)  # fmt: skip

DIGITAL = _bank(
    ("tech_affinity", -1, "", "I'd fear not to find my way around it", "it sounds simple enough for me",
     "somebody who shows me how it works"),
    ("tech_affinity", 1, "", "I'd expect others to do it faster already", "it could save me a few steps a day",
     "a quick trial without signing up"),
    ("trust", -1, "", "I'd want to know who gets to see my data", "it sounds careful with my data",
     "a plain statement of who sees my data"),
    ("price_sensitivity", 1, "", "I'd expect a fee sooner or later", "for that price it would be worth a try",
     "a price without hidden fees"),
    ("openness", -1, "", "I get by well without it", "it would change little about how I do things",
     "time to get used to it"),
    ("openness", 1, "", "it does not sound new to me", "I'm curious what it can do", "to try it before others do"),
    ("pressure", 1, "", "it would be one more thing that wants my attention", "it might save me some time",
     "something that keeps quiet until I need it"),
)  # fmt: skip

MOBILITY = _bank(
    ("price_sensitivity", 1, "", "I'd expect the costs to add up", "it might cost me less over a year",
     "an honest sum of what it costs in a year"),
    ("pressure", 1, "", "I would worry about being stranded half way", "I'd expect it to get me there",
     "being sure that I get there and back"),
    ("green_concern", 1, "", "I doubt that it is as clean as they say", "it would be better for the air",
     "proof that it is really better for the air"),
    ("family_focus", 1, "parent", "I'd have to be sure that it is safe for the children",
     "I can picture the children in it", "more safety for children"),
    ("openness", -1, "", "I'm used to the way I get around now", "it would change little about how I get around",
     "time to get used to it before the old ways go"),
    ("openness", 1, "", "it sounds like less of a step forward than they promise", "it sounds like fun",
     "a try for a weekend before I decide"),
    ("", 0, "renter", "my landlord would have to agree to changes at the building", "it might work even though I rent",
     "a solution that works when you rent"),
    ("", 0, "driver", "my present car does all I need", "it might save me queues and petrol",
     "a fair price for my present car in exchange"),
)  # fmt: skip

MONEY = _bank(
    ("price_sensitivity", 1, "", "I'd expect fees in the small print", "it sounds as if I'd get a fair rate",
     "less small print and fewer fees"),
    ("trust", -1, "", "I'd suspect that they want to sell me something", "it sounds straightforward to me",
     "somebody who listens before selling"),
    ("pressure", 1, "", "there is little left over to put anywhere", "it might help me through a bad month",
     "some give when a month goes wrong"),
    ("tech_affinity", 1, "", "I'd expect forms and signatures", "I could probably do it all from my phone",
     "something I can set up in ten minutes"),
    ("tech_affinity", -1, "", "I'd miss somebody to talk to", "I'd hope to talk to somebody I know",
     "a real person to talk to"),
    ("", 0, "", "I could not tell in advance what it costs me", "I'd know where my money is",
     "plain language about what things cost"),
)  # fmt: skip

LEARNING = _bank(
    ("pressure", 1, "working", "after a working day I'd have no head for lessons",
     "I could use at work what I would learn", "shorter lessons that fit into a lunch break"),
    ("family_focus", 1, "parent", "I'd never have a quiet evening for it", "I could learn once the kids are asleep",
     "times that suit people with children"),
    ("price_sensitivity", 1, "", "I'd want to be sure that it is worth the fee", "it sounds worth the fee",
     "some of the fee back for those who finish"),
    ("sociability", 1, "", "I'd lose heart if I had to learn alone", "I'd like to learn with others",
     "a small group that keeps me going"),
    ("openness", 1, "", "I'd expect lectures and little to try out", "I like to learn something new",
     "more to try out and fewer lectures"),
    ("", 0, "", "I'd fear to fall behind", "it might open a door or two", "a teacher who asks where I have been"),
)  # fmt: skip

# What makes a claim believable or not.
CLAIM = _bank(
    ("trust", -1, "", "I've been promised much on packets before", "I see no reason why they would make it up",
     "proof for what is claimed"),
    ("openness", -1, "", "I can't picture how that would work", "it does not sound too far from what I know",
     "to be shown how it is done"),
    ("openness", 1, "", "I've read the like too often", "I'm ready to be surprised",
     "something I can check for myself"),
    ("brand_loyalty", 1, "", "the name would have to earn that first", "a name I know would not risk its reputation",
     "a name that I know behind it"),
    ("sociability", 1, "", "nobody I know would say so", "people I know have said as much",
     "a word from people who have tried it"),
    ("", 0, "", "it sounds like advertising to me", "it sounds plausible to me", "to try it once before I believe it"),
)  # fmt: skip
PLANT_CLAIM = (
    *CLAIM,
    *_bank(
        ("openness", -1, "eats_dairy", "I can't imagine it creamy without milk",
         "oats can be creamy, I have seen it with drinks", "a spoonful before I believe it"),
        ("trust", -1, "", "without dairy it must be additives that do it", "plants can do more than people think",
         "to read what replaces the milk"),
        ("", 0, "vegan", "I have had many without dairy that were thin and sour",
         "I eat things without dairy every day and many are creamy", "to know which plants make it creamy"),
    ),
)  # fmt: skip

BANKS: dict[str, Bank] = {
    "claim": CLAIM,
    "plant claim": PLANT_CLAIM,
    "plant": PLANT,
    "food": FOOD,
    "shopping": SHOPPING,
    "digital": DIGITAL,
    "mobility": MOBILITY,
    "money": MONEY,
    "economy": MONEY,
    "learning": LEARNING,
}
