"""First-person wording of positions: phrases from the low pole to the high one, by topic or scale family."""

Levels = tuple[tuple[str, ...], ...]

ECONOMY: Levels = (
    (
        "the economy is far worse than it was last year",
        "the economy has become very much worse, it has gone downhill badly",
        "everything has got a great deal worse over the past year",
        "the economy is a lot worse off now than it was a year ago",
        "things are terribly bad and much worse than twelve months ago",
        "I can't remember the economy getting worse this fast",
        "it has been a terrible year, a huge turn for the worse",
    ),
    (
        "the economy is a bit worse than it was last year",
        "the economy has slipped a little and is somewhat worse off",
        "things have got slightly worse since a year ago",
        "on balance the economy is a little worse, going slowly downhill",
        "we're moderately worse off than we were a year ago",
        "it's not a crash, but the economy has got rather worse",
    ),
    (
        "the economy is about the same as it was a year ago",
        "not much has changed, the economy has stayed where it was",
        "the economy has held steady and remained the same as last year",
        "I see no real change in the economy from one year to the next",
        "it's roughly the same picture as twelve months ago",
        "the economy has stayed put, no better and no worse",
    ),
    (
        "the economy is a little better than it was last year",
        "the economy is slightly better, it has improved somewhat",
        "things are slowly picking up and have got a bit better",
        "I think the economy has been getting modestly better",
        "the economy is doing somewhat better than a year ago",
        "we're in a moderately better place than we were last year",
    ),
    (
        "the economy is far better than it was a year ago",
        "the economy has become very much better over this past year",
        "it's been a great year, a huge change for the better",
        "everything is so much better than twelve months ago",
        "the economy has been getting a great deal better, it is booming",
        "I see a huge improvement, the economy is a lot better",
    ),
)

POLITICS: Levels = (
    (
        "I'm about as far left as people come, a committed progressive on nearly everything",
        "my politics are strongly progressive and I want bold, sweeping change",
        "I'm a very left-wing person and extremely liberal-minded",
        "I'm all the way over on the left and proud of it",
    ),
    (
        "I lean left on most issues, a liberal-minded person without being extreme",
        "I usually side with progressives and vote on the left",
        "my views tilt to the left on most things",
        "I'm broadly progressive, though not on every single question",
    ),
    (
        "I'm in the middle politically, with views from both sides",
        "I'm a centrist and don't fit with either camp",
        "I sit in the political center and decide issue by issue",
        "I take a balanced, middle-of-the-road view of politics",
    ),
    (
        "I lean to the right on most issues, with fairly traditional views",
        "I usually side with conservatives, without being extreme about it",
        "my views tilt right: lower taxes, smaller government, personal responsibility",
        "I'm a right-leaning person with conservative-minded values",
    ),
    (
        "I'm about as far to the right as people come, a staunch traditional conservative",
        "I hold strongly right-wing views and extremely conservative-minded values",
        "I'm a deeply conservative person on nearly everything and don't apologize for it",
        "I'm all the way on the right and firm about it",
    ),
)

RELIGION: Levels = (
    (
        "I don't go to services at all, not even once",
        "no, I have never been one to go and never will",
        "I never set foot in a place of worship",
        "not at all, I don't attend and never have",
    ),
    (
        "I hardly ever go, it is rare for me",
        "I very seldom attend, once in several years if that",
        "rarely, it has been years since I last went",
        "I almost never go, only on a rare occasion",
    ),
    (
        "I go a few times in a year, mainly at the holidays",
        "several times a year, at Christmas and Easter and now and then between",
        "just a handful of times each year",
        "I attend a couple of times per year, on the big holidays",
    ),
    (
        "I go about once every month, sometimes twice",
        "one or two times per month, not each week",
        "every month, one Sunday or maybe two",
        "I attend monthly, and some months twice",
    ),
    (
        "I go every week, one time, on Sunday",
        "weekly, one service each Sunday",
        "I attend one time each week, like clockwork",
        "one service every single week, on Sunday",
    ),
    (
        "I go several times every week, Sundays and weeknights too",
        "more often than weekly, two or three times each week",
        "I attend multiple times per week, more than just Sunday",
        "twice or three times each week, with prayer meetings on weeknights",
    ),
)

# By scale family. Used where no topic has words of its own.
FAMILIES: dict[str, Levels] = {
    "better": (
        (
            "things have got far worse",
            "it has gone downhill badly",
            "it is a great deal worse than it used to be",
        ),
        (
            "it is a bit worse than before",
            "it has slipped a little",
            "things are slightly worse than they were",
        ),
        ("it is about the same as before", "I see no real change", "nothing much has changed either way"),
        ("it is a little better than before", "it has improved slightly", "things are modestly better"),
        ("it is far better than it was", "it has improved enormously", "things are very much better now"),
    ),
    "agree": (
        (
            "I completely reject that",
            "that is totally wrong for me",
            "I could not be more opposed to that idea",
        ),
        ("I don't really go along with that", "I rather doubt that", "that is mostly not how I see it"),
        ("I'm on the fence about that", "I can see both sides of it", "I have no firm view either way"),
        ("I mostly go along with that", "that is fairly right for me", "I tend to think that is so"),
        (
            "I'm completely on board with that",
            "that is absolutely right",
            "I could not support that more fully",
        ),
    ),
    "likely": (
        ("there is no way I would do it", "I can't imagine ever doing that", "I'm certain I would not"),
        ("I doubt that I would", "I probably wouldn't go for it", "chances are small that I'd do it"),
        ("I might or might not, I can't tell yet", "it could go either way", "I honestly can't say"),
        ("I could well see myself doing it", "chances are good that I would", "I'd quite probably go for it"),
        ("I would do it without hesitation", "I'm sure I would go for it", "I'd be certain to do that"),
    ),
    "satisfied": (
        (
            "I'm thoroughly unhappy with it",
            "it has let me down completely",
            "I'm deeply disappointed with it",
        ),
        ("I'm rather unhappy with it", "it is a bit of a letdown", "I'm not too pleased with it"),
        ("it's neither good nor bad", "I have no strong feelings about it", "it's acceptable and no more"),
        ("I'm fairly pleased with it", "it mostly does what I want", "I'm reasonably content with it"),
        ("I'm delighted with it", "I could not be more pleased", "I'm thoroughly happy with it"),
    ),
    "important": (
        ("it does not matter to me in the least", "I give it no weight at all", "it is irrelevant to me"),
        ("it matters little to me", "I give it only a passing thought", "it is not much of a factor"),
        ("it matters a fair bit but not decisively", "it's one thing among several", "it has some weight"),
        ("it matters a good deal to me", "I give it real weight", "it counts for a lot"),
        (
            "it matters more than almost anything",
            "it is absolutely crucial to me",
            "I could not do without it",
        ),
    ),
    "worried": (
        ("I don't lose any sleep over it", "it does not trouble me at all", "I feel entirely calm about it"),
        (
            "it troubles me only a little",
            "I give it a passing thought now and then",
            "I'm mostly relaxed about it",
        ),
        (
            "it bothers me to some degree",
            "I think about it now and then with some unease",
            "it's on my mind at times",
        ),
        ("it troubles me a good deal", "I'm quite uneasy about it", "it weighs on me often"),
        ("it keeps me awake at night", "I'm really scared about it", "it troubles me terribly"),
    ),
    "frequency": (
        ("I don't do that at all", "that is something I have not done in years", "it is no part of my life"),
        ("I hardly do that", "only on a rare occasion", "it's very uncommon for me"),
        (
            "I do that now and then",
            "from time to time, a handful of times a year",
            "it comes up occasionally",
        ),
        ("I do that quite a lot", "it happens most months", "it's a fairly common thing for me"),
        (
            "I do that all the time",
            "it's part of my weekly routine without fail",
            "hardly a week passes without it",
        ),
    ),
    "support": (
        ("I'm dead set opposed to it", "I would fight it", "I want nothing to do with it"),
        ("I'm rather against it", "I lean toward no", "I'd be inclined to vote it down"),
        ("I'm torn about it", "I could go either way", "I have no firm side on it"),
        ("I'm mostly behind it", "I lean toward yes", "I'd be inclined to back it"),
        ("I'm fully behind it", "I back it with all my heart", "I'm a firm yes"),
    ),
    "trust": (
        (
            "I don't believe a word of it",
            "I have no faith in it whatsoever",
            "I find it completely hard to believe",
        ),
        ("I have my doubts about it", "I'm rather sceptical", "I don't quite buy it"),
        ("I'm unsure whether to believe it", "I'd have to see before I judge", "it may or may not be so"),
        ("I mostly believe it", "I have reasonable faith in it", "it sounds fairly reliable to me"),
        ("I believe it fully", "I have every faith in it", "I'd rely on it without question"),
    ),
    "quality": (
        ("it's dreadful", "I find it really awful", "it could hardly be any worse"),
        ("it's below par", "it's not up to much", "I find it rather lacking"),
        ("it's all right, nothing special", "it's middling", "it's acceptable, no more"),
        ("it's quite decent", "I find it pretty solid", "it's better than most"),
        ("it's outstanding", "I find it superb", "it could hardly be any better"),
    ),
    "amount": (
        ("hardly any of that applies to me", "next to nothing", "I'd put it right at the bottom"),
        ("only a small part of it", "just a touch", "I'd put it toward the low end"),
        ("somewhere in the middle", "a fair amount, no more", "I'd say about half way"),
        ("quite a bit", "a good deal of it", "I'd put it toward the upper end"),
        ("as much as can be", "entirely so", "I'd put it right at the top"),
    ),
}
PURCHASE: Levels = (
    (
        "there is no way I would buy it",
        "I would never spend my money on that",
        "it's far too much for me to pay",
    ),
    ("I doubt that I would buy it", "I'd probably leave it on the shelf", "it costs more than I like to pay"),
    (
        "I might buy it or I might not",
        "I'd have to think about whether to buy it",
        "I can't say if I'd pay for it",
    ),
    (
        "I could well see myself buying it",
        "I'd quite probably give it a try",
        "the price seems fair enough to buy it",
    ),
    (
        "I would buy it straight away",
        "I'm certain I'd pay for that",
        "I'd gladly buy it and come back for more",
    ),
)

BY_TOPIC: dict[str, Levels] = {"economy": ECONOMY, "politics": POLITICS, "religion": RELIGION}
# Which scale families a topic's own words fit.
TOPIC_FAMILIES = {"economy": {"better"}, "politics": {"ideology"}, "religion": {"frequency"}}

OPENERS = (
    "", "", "", "", "Honestly, ", "If you ask me, ", "From where I sit, ", "To be fair, ",
    "The way I see it, ",
    "Truth be told, ", "I'd say ", "Looking at my own life, ", "As far as I can tell, ", "Well, ",
    "My feeling is that ",
)  # fmt: skip
JOINERS = (
    ", because ",
    ", mostly because ",
    ", since ",
    " — ",
    "; ",
    ". ",
    ", seeing that ",
    ", and it shows: ",
)


def levels_for(topic: str, family: str) -> Levels:
    """Return the phrases that fit a topic on a scale of that family."""
    if family in TOPIC_FAMILIES.get(topic, ()):
        return BY_TOPIC[topic]
    if topic == "purchase" and family == "likely":
        return PURCHASE
    return FAMILIES.get(family, FAMILIES["amount"])


def phrases_at(levels: Levels, place: float) -> tuple[str, ...]:
    """Return the phrases nearest to `place`, 0 (low pole) to 1 (high pole)."""
    return levels[min(len(levels) - 1, max(0, round(place * (len(levels) - 1))))]


def sentence(text: str) -> str:
    """Return the text with a capital first letter and a full stop."""
    trimmed = text.strip()
    return trimmed[:1].upper() + trimmed[1:] + ("" if trimmed.endswith((".", "!", "?")) else ".")
