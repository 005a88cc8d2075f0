"""First-person wording of positions: phrases from the low pole to the high one, by topic or scale family."""

Levels = tuple[tuple[str, ...], ...]

ECONOMY: Levels = (
    (
        "the economy is far worse than it was last year",
        "the economy has become very much worse, it has gone downhill badly",
        "everything has got a great deal worse over the past year",
        "the economy is a lot worse off now than it was a year ago",
        "things are terribly bad and much worse than twelve months ago",
        "the economy is very much worse, worse than I can remember",
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

# By scale family, about a subject. Used where neither a clause nor an adjective of the scale gives the words.
FAMILIES: dict[str, Levels] = {
    "better": (
        ("{np} {has} got far worse", "{np} {has} gone downhill badly", "{np} {is} a great deal worse than before"),
        ("{np} {is} a bit worse than before", "{np} {has} slipped a little", "{np} {is} slightly worse than before"),
        ("{np} {is} about the same as before", "I see no real change in {np}", "{np} {has} stayed as before"),
        ("{np} {is} a little better than before", "{np} {has} improved slightly", "{np} {is} modestly better"),
        ("{np} {is} far better than before", "{np} {has} improved enormously", "{np} {is} very much better now"),
    ),
    "agree": (
        ("I completely reject that about {np}", "that is totally wrong about {np}",
         "I could not disagree more about {np}"),
        ("I don't really go along with that about {np}", "I tend to disagree about {np}",
         "that is mostly not how I see {np}"),
        ("I'm on the fence about {np}", "I can see both sides of {np}", "I neither accept nor reject that about {np}"),
        ("I mostly go along with that about {np}", "that is fairly right about {np}", "I tend to agree about {np}"),
        ("I'm completely on board with that about {np}", "that is absolutely right about {np}",
         "I could not agree more about {np}"),
    ),
    "likely": (
        ("with {np} there is no way I would do it", "I can't imagine ever doing that with {np}",
         "with {np} I'm certain I would not"),
        ("with {np} I doubt that I would", "with {np} I probably wouldn't", "chances are small that I'd go for {np}"),
        ("with {np} I might or might not", "with {np} it could go either way", "I honestly can't say yet about {np}"),
        ("I could well see myself going for {np}", "chances are good that I'd go for {np}",
         "I'd quite probably go for {np}"),
        ("I would go for {np} without hesitation", "I'm sure I would go for {np}",
         "with {np} I'm certain that I would"),
    ),
    "satisfied": (
        ("I'm thoroughly unhappy with {np}", "{np} {has} let me down completely", "I'm deeply disappointed with {np}"),
        ("I'm rather unhappy with {np}", "{np} {is} a bit of a letdown", "I'm not too pleased with {np}"),
        ("I'm neither pleased nor displeased with {np}", "I have no strong feelings about {np}",
         "{np} {is} acceptable and no more"),
        ("I'm fairly pleased with {np}", "{np} mostly {does} what I want", "I'm reasonably content with {np}"),
        ("I'm delighted with {np}", "I could not be more pleased with {np}", "I'm thoroughly happy with {np}"),
    ),
    "important": (
        ("{np} {does} not matter to me in the least", "I give {np} no weight at all", "{np} {is} irrelevant to me"),
        ("{np} matter{s} little to me", "I give {np} only a passing thought", "{np} {is} not much of a factor for me"),
        ("{np} matter{s} a fair bit but not decisively", "{np} {is} one thing among several",
         "{np} {has} some weight with me"),
        ("{np} matter{s} a good deal to me", "I give {np} real weight", "{np} count{s} for a lot with me"),
        ("{np} matter{s} more than almost anything", "{np} {is} absolutely crucial to me",
         "I could not do without {np}"),
    ),
    "worried": (
        ("I don't lose any sleep over {np}", "{np} {does} not trouble me at all", "I feel entirely calm about {np}"),
        ("{np} trouble{s} me only a little", "I give {np} a passing thought now and then",
         "I'm mostly relaxed about {np}"),
        ("{np} bother{s} me to some degree", "I think about {np} now and then with some unease",
         "{np} {is} on my mind at times"),
        ("{np} trouble{s} me a good deal", "I'm quite uneasy about {np}", "{np} weigh{s} on me often"),
        ("{np} keep{s} me awake at night", "I'm really scared about {np}", "{np} trouble{s} me terribly"),
    ),
    "frequency": (
        ("I have nothing to do with {np}", "{np} {is} no part of my life", "I have not had to do with {np} in years"),
        ("I hardly have to do with {np}", "I have to do with {np} only on a rare occasion",
         "{np} {is} very uncommon for me"),
        ("I have to do with {np} now and then", "from time to time it is {np}", "{np} come{s} up occasionally"),
        ("I have to do with {np} quite a lot", "{np} come{s} up most months", "{np} {is} a fairly common thing for me"),
        ("I have to do with {np} all the time", "{np} {is} part of my weekly routine without fail",
         "hardly a week passes without {np}"),
    ),
    "support": (
        ("I'm dead set opposed to {np}", "I would fight {np}", "I want nothing to do with {np}"),
        ("I'm rather against {np}", "I lean toward no on {np}", "I'm not much in favour of {np}"),
        ("I'm torn about {np}", "I could go either way on {np}", "I have no firm side on {np}"),
        ("I'm mostly behind {np}", "I lean toward yes on {np}", "I'd be inclined to back {np}"),
        ("I'm fully behind {np}", "I back {np} with all my heart", "I'm a firm yes on {np}"),
    ),
    "trust": (
        ("I don't believe a word about {np}", "I have no faith in {np} whatsoever", "I don't trust {np} in the least"),
        ("I have my doubts about {np}", "I'm rather sceptical of {np}", "I have little trust in {np}"),
        ("I'm unsure whether to trust {np}", "I'd have to see before I judge {np}", "I trust {np} up to a point"),
        ("I mostly trust {np}", "I have reasonable faith in {np}", "I trust {np} more than not"),
        ("I trust {np} fully", "I have every faith in {np}", "I'd rely on {np} without question"),
    ),
    "quality": (
        ("{np} {is} dreadful", "I find {np} really awful", "{np} could hardly be any worse"),
        ("{np} {is} below par", "{np} {is} not up to much, a bit poor", "I find {np} rather lacking"),
        ("{np} {is} all right, nothing special", "{np} {is} middling", "{np} {is} acceptable, no more"),
        ("{np} {is} quite decent", "I find {np} pretty solid", "{np} {is} better than most, good work"),
        ("{np} {is} outstanding", "I find {np} superb", "{np} could hardly be any better"),
    ),
    "amount": (
        ("I'd put {np} right at the bottom", "{np} get{s} next to nothing from me",
         "when it comes to {np}, nothing at all"),
        ("I'd put {np} toward the low end", "{np} come{s} near the bottom for me",
         "when it comes to {np}, near the low end"),
        ("I'd put {np} somewhere in the middle", "{np} get{s} a middling mark from me",
         "when it comes to {np}, about half way"),
        ("I'd put {np} toward the upper end", "{np} get{s} a good mark from me", "when it comes to {np}, near the top"),
        ("I'd put {np} right at the top", "{np} get{s} the best mark from me",
         "when it comes to {np}, right at the top"),
    ),
    "prospect": (
        ("I'm not drawn to {np} at all", "I don't think {np} would be for me", "{np} do{es} not appeal to me"),
        ("I have my doubts about {np}", "I'd be rather wary of {np}"),
        ("I'm in two minds about {np}", "I'd wait and see with {np}"),
        ("I could see myself giving {np} a try", "{np} sound{s} quite good to me"),
        ("I like the sound of {np} very much", "I'd be glad to try {np}"),
    ),
    "general": (
        ("I don't think much of {np}", "I'm not convinced by {np} at all", "{np} {has} not worked for me"),
        ("I have my reservations about {np}", "{np} fall{s} short of what I'd want"),
        ("I have mixed feelings about {np}", "I go back and forth on {np}"),
        ("I feel fairly good about {np}", "{np} mostly work{s} for me"),
        ("I'm really positive about {np}", "{np} {has} been a clear good thing for me"),
    ),
}  # fmt: skip

# From 0 to 10: how readily one tells others of a subject.
RECOMMEND: Levels = (
    ("there is no way I would recommend {np}", "I would warn people off {np}, no chance of anything else",
     "I'd never recommend {np}, not at all"),
    ("I'm utterly unlikely to recommend {np}", "I would advise friends against {np}, very firmly"),
    ("I'm really unlikely to recommend {np}", "I'd advise friends against {np}"),
    ("I'm rather unlikely to recommend {np}", "I would not really recommend {np}"),
    ("I'm a little unlikely to recommend {np}", "I'd hesitate a little to recommend {np}"),
    ("I might or might not recommend {np}", "I'm as likely as not to recommend {np}"),
    ("I'd recommend {np} with some reservations", "I'm just a little likely to recommend {np}"),
    ("I'm reasonably likely to recommend {np}", "I'd recommend {np}, up to a point"),
    ("I'd recommend {np} to friends", "I'd suggest {np} to people I know"),
    ("I'm really likely to recommend {np}", "I'd recommend {np} very warmly"),
    ("I'd tell everyone about {np}", "I recommend {np} to anybody who will listen",
     "I'd recommend {np} in a heartbeat"),
)  # fmt: skip

BY_TOPIC: dict[str, Levels] = {"economy": ECONOMY, "politics": POLITICS, "religion": RELIGION}
# Which scale families a topic's own words fit.
TOPIC_FAMILIES = {"economy": {"better"}, "politics": {"ideology"}, "religion": {"frequency"}}

OPENERS = (
    "", "", "", "", "Honestly, ", "If you ask me, ", "From where I sit, ", "To be fair, ",
    "The way I see it, ",
    "Truth be told, ", "I'd say ", "Looking at my own life, ", "As far as I can tell, ", "Well, ",
    "My feeling is that ",
)  # fmt: skip
REASON_OPENERS = (
    "What I notice most is that ", "For me it comes down to this: ", "Mainly it's that ", "I'd point to one thing: ",
    "It's simple, ", "The main thing is that ", "What comes to mind first is that ", "Day to day, ", "",
)  # fmt: skip
JOINERS = (
    ", because ",
    ", mostly because ",
    ", since ",
    " — ",
    "; ",
    ". ",
    ", seeing that ",
)


def phrases_at(levels: Levels, place: float) -> tuple[str, ...]:
    """Return the phrases nearest to `place`, 0 (low pole) to 1 (high pole)."""
    return levels[min(len(levels) - 1, max(0, round(place * (len(levels) - 1))))]


def sentence(text: str) -> str:
    """Return the text with a capital first letter and a full stop."""
    trimmed = text.strip()
    return trimmed[:1].upper() + trimmed[1:] + ("" if trimmed.endswith((".", "!", "?")) else ".")
