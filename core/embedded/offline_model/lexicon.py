"""Words of direction, degree, frequency and doubt: what in a sentence tells how far to which side somebody stands."""

import re
from functools import cache

# Axes of standing. A word may move an axis of its own and the common one, each up (1), down (-1) or not at all (0).
AXES = ("common", "agree", "likely", "feel", "trust", "important", "worried", "better", "support", "ideology",
        "frequency")  # fmt: skip
COMMON = "common"

# (axis, what the common axis makes of it, words up, words down)
_HEADS: tuple[tuple[str, int, str, str], ...] = (
    ("agree", 1,
     "agree agrees agreed agreement accept true accurate correct",
     "disagree disagrees disagreed disagreement reject untrue false inaccurate incorrect wrong"),
    ("likely", 1,
     "likely probable recommend recommended suggest willing ready inclined tempted intend promote",
     "unlikely improbable unwilling reluctant refuse hesitate"),
    ("feel", 1,
     ("satisfied satisfying happy glad gladly pleased content delighted good great excellent superb outstanding"
     " wonderful"
     " brilliant fantastic amazing love loves enjoy enjoys positive favourable favorable comfortable easy simple"
     " appealing attractive pleasant pleasing useful helpful nice decent solid perfect interested interesting"
     " excited exciting"
     " fan safe safer secure fresh tasty delicious proud optimistic hopeful valuable well keen eager happily devoted"
     " prefer prefers likes"),
     ("dissatisfied unsatisfied unhappy displeased disappointed disappointing bad poor poorly terrible awful dreadful"
     " horrible hate hates dislike dislikes negative unfavourable unfavorable uncomfortable difficult hard complicated"
     " unappealing unattractive unpleasant useless unhelpful dull boring lacking letdown annoying annoyed"
     " disgusting disgusted unfair dangerous unsafe stale pessimistic hopeless uninterested indifferent avoid avoids"
     " miserable loathe loathes detest detests allergic intolerant")),
    ("trust", 1,
     ("trust trusts trustworthy believe believes believable believing credible credibility confident confidence faith"
     " convincing convinced reliable rely honest plausible realistic"),
     ("distrust distrusts distrusted distrustful mistrust mistrusts unbelievable implausible sceptical skeptical"
     " doubts doubtful doubt suspicious wary"
     " dishonest unreliable unconvinced unconvincing untrustworthy unrealistic")),
    ("important", 1,
     "important essential crucial vital matter matters decisive relevant weight necessary significant",
     "unimportant irrelevant trivial inessential unnecessary insignificant"),
    ("worried", -1,
     ("worried worry worries concerned concern anxious afraid scared uneasy nervous troubled troubles trouble stressed"
     " stressful fearful alarmed frightened bother bothers"),
     "calm relaxed unconcerned unworried carefree"),
    ("better", 1,
     "better improved improve improves improving improvement increased increase grown growing rising risen gained",
     ("worse worsened deteriorated deteriorate declined decline declining downhill slipped decreased decrease fallen"
     " falling shrunk")),
    ("support", 1,
     "support supports supported supportive favour favor favouring endorse approve back",
     "oppose opposes opposed against disapprove resist object"),
    ("ideology", 0,
     "conservative conservatives conservative-minded right-wing right-leaning rightward traditional republican",
     "liberal liberals liberal-minded left left-wing left-leaning leftward progressive progressives democrat"),
    ("common", 1,
     "high higher large big long strong fast thick sweet heavy hot expensive warm loud soft rich clear full creamy",
     "low lower little small short weak slow thin bitter light cold cheap cool quiet firm bland unclear empty watery"),
)  # fmt: skip

# Heads that go all the way by themselves: somebody who is delighted is more than pleased.
STRONG = frozenset(
    {
        *("excellent", "superb", "outstanding", "wonderful", "brilliant", "fantastic", "amazing", "delighted", "love"),
        *("loves", "terrible", "awful", "dreadful", "horrible", "hate", "hates", "loathe", "loathes", "detest"),
        *("detests", "crucial", "vital", "essential", "scared", "disgusting", "disgusted"),
    }
)

# Phrases that say a place by themselves: (axis, common side, place, pattern). What matched is read no further.
_PHRASES: tuple[tuple[str, int, float, str], ...] = (
    ("common", 1, 0.0,
     (r"on the fence|(can see|views from|ideas from) both sides|either way|in two minds|mixed feelings|undecided"
     r"|neutral|no (firm|strong|particular)"
     r" (side|feelings?|opinion|view)|so.?so|middling|half ?way|(right )?in (the |between|my )?middle(?! pol| of the"
     r" road)|not sure"
     r"|unsure|torn|back and forth|((just |about |quite )+right|right, (near enough|just about))|nothing special|all"
     r" right|average|acceptable"
     r"|it depends|one thing among several|not (really |quite )?[\w-]+ (but|and) not [\w-]+ either")),
    ("likely", 1, 0.0,
     (r"(may|might|could) (or|and) (may|might|could)( just as well)? not|might, or then again might not|neither"
     r" likely nor unlikely"
     r"|as likely as not|fifty.fifty|can'?t say yet|toss.up")),
    ("agree", 1, 0.0, r"neither (accept|agree|disagree)\w* nor \w+|partly agree and partly disagree"),
    ("feel", 1, 0.0, r"neither (\w+ly )?(pleased|satisfied|dissatisfied|happy|unhappy|good|positive) nor \w+"),
    ("support", 1, 0.0, r"neither (support|oppose|favou?r|for)\w* nor \w+"),
    ("better", 1, 0.0,
     (r"(about|much|roughly|just|exactly|stayed|remained|is|are|been|be) (at )?(about |much |roughly |just |exactly"
     r" )?the same"
     r"|^the same|no better and no worse|neither better nor worse"
     r"|stayed (put|level|where|as)|no (real |great )?change|held steady|unchanged|(not|n't|nothing)( \w+)? changed"
     r"( much)?|as (it was )?before|much as (it|they) did")),
    ("better", 1, 1.0, r"booming|turn(ed)? for the better|change for the better|leaps and bounds"),
    ("better", 1, -1.0, r"turn(ed)? for the worse|change for the worse|in free fall|gone to the dogs"),
    ("better", 1, 0.3, r"picking up|looking up"),
    ("better", 1, -0.3, r"slipping|coming down a little"),
    ("agree", 1, 1.0, (r"could ?n[o']t agree more|could not agree more|(completely|fully|totally) on board"
     r"|absolutely right|every word of (it|that)|agree wholeheartedly|wholeheartedly agree")),
    ("agree", 1, -1.0, (r"could ?n[o']t disagree more|could not disagree more|dead wrong|(reject|disagree) (it |that )?"
     r"(outright|wholeheartedly)|wholeheartedly disagree|not a word of (it|that)")),
    ("agree", 1, 0.55, r"(mostly |tend to )?go along with|fairly right|on board"),
    ("agree", 1, -0.55, r"(don't|do not|can't|cannot) (really |quite )?(go along|see it that way)"),
    ("likely", 1, 1.0, r"tell(ing)? everyone|anybody who will listen"),
    ("likely", 1, -1.0,
     (r"no way|no chance|can'?t imagine|cannot imagine|warn\w* (\w+ ){1,3}off|not in a million years|over my dead body"
     r"|under no circumstances|out of the question")),
    ("likely", 1, -0.85, r"advise (\w+ ){1,3}against"),
    ("likely", 1, -1.0, r"(definitely|certainly|absolutely|surely) not|by no means"),
    ("common", 1, -0.55, r"i (don't|do not) think so"),
    ("likely", 1, -0.55, (r"(probably|likely|rather|i think) not(?! \w+ (?:so|very))|chances are (small|slim|poor)"
     r"|think twice|doubt (that|whether) i"
     r"|don't (think|suppose) (that )?i (would|will)")),
    ("likely", 1, 0.55, r"good chance|chances are good|could well (see|imagine)"),
    ("feel", 1, 0.0, r"(only |just )?fair(?! (bit|amount|price|deal|chance|share|way|sum))"),
    ("feel", 1, -1.0, r"(could|can) hardly be (any )?worse|let \w+ down (completely|badly)|can'?t stand|fed up"),
    ("feel", 1, 1.0, r"(could|can) hardly be (any )?better|could not be more pleased|clear good thing|over the moon"),
    ("feel", 1, -0.55, r"below par|not up to much|fall\w* short|put\w* (me|you) off|no friend of|not worked for me"),
    ("feel", 1, 0.55, r"works? for (me|us)|better than most"),
    ("trust", 1, -1.0, r"(don't|do not) believe a word|no (faith|trust|confidence)( \w+){0,4} (whatsoever|at all)"),
    ("trust", 1, 0.1, r"wait and see|have to see"),
    ("worried", -1, -1.0, r"(don't|do not|does not) lose (any )?sleep|without a care"),
    ("worried", -1, 1.0, r"awake at night|sick with worry|worr\w+ sick"),
    ("support", 1, 1.0, r"all for it|with all my heart|firm yes"),
    ("support", 1, -1.0, r"dead set (against|opposed)|fight (it|against)|nothing to do with it|firm no\b"),
    ("support", 1, 0.4, r"lean\w* toward yes"),
    ("support", 1, -0.4, r"lean\w* toward no"),
    ("important", 1, -1.0, r"no weight( \w+){0,4}|couldn't care less|could not care less"),
    ("important", 1, 1.0, r"could not do without|more than almost anything|comes? first"),
    ("ideology", 0, 0.0, (r"middle.of.the.road|centrist|cent(er|re) ground|in the (political )?(middle|cent(er|re))"
     r"|neither (camp|left nor right|liberal nor conservative)|political cent(er|re)|\bmoderate\b")),
    ("ideology", 0, 1.0, r"(about as )?far (to the )?right( \w+){0,4}|all the way (over )?(on|to) the right"),
    ("ideology", 0, -1.0, r"(about as )?far (to the )?left( \w+){0,4}|all the way (over )?(on|to) the left"),
    ("ideology", 0, 0.5, r"(lean|tilt|tend)\w*( \w+)? (to the )?right|(on|to) the right"),
    ("ideology", 0, -0.5, r"(lean|tilt|tend)\w*( \w+)? (to the )?left|(on|to) the left"),
    ("common", 1, 0.0, r"neither [^,;.]{2,40} nor \w+"),
    ("common", 1, -1.0, r"right at the bottom|next to nothing|nothing at all|none (of it )?at all"),
    ("common", 1, -0.5, r"(toward|near) the (low|lower|bottom)( end)?"),
    ("common", 1, 0.5, r"(toward|near) the (upper|high|top)( end)?"),
    ("common", 1, 1.0, r"right at the top|the (best|top|highest) mark"),
    ("common", 1, 0.5, r"a good mark"),
)  # fmt: skip

# How far a word of degree goes, 0 to 1; a word without any goes `PLAIN`.
PLAIN = 0.55
_DEGREES: tuple[tuple[float, str], ...] = (
    (0.25, (r"slight(ly)?|mild(ly)?|marginally|a (little|bit|touch|shade|trifle|tad)( bit)?|just a (little|bit|touch)"
     r"|only just|some reservations")),
    (0.42, (r"somewhat|fairly|reasonably|modestly|partly|to (some|a certain) (degree|extent)|in some measure"
     r"|more or less|up to a point")),
    (0.5, r"moderate(ly)?|to a (moderate|middling) degree|pretty|rather|a fair (bit|amount)"),
    (0.55, r"quite(?! a (?:bit|lot))|mostly|mainly|generally|on the whole|by and large"),
    (0.85, (r"very much( so)?|very|a lot|lots|highly|deeply|a great deal|a good deal|greatly|considerably|thoroughly|"
     r"really|truly|so much|much|far(?= (?:\w+er|worse|more|less|too)\b)|badly|indeed|quite a (bit|lot)|warmly"
     r"|seriously")),
    (1.0, (r"extreme(ly)?|in the extreme|exceptional(ly)?|exceedingly|complete(ly)?|total(ly)?|full(y)?|entire(ly)?|"
     r"absolute(ly)?|perfectly|utter(ly)?|wholly|strong(ly)?|firm(ly)?|definite(ly)?|certain(ly)?|enormous(ly)?"
     r"|tremendous(ly)?|"
     r"terrib(ly)|huge(ly)?|through and through|in every way|with all my heart|wholehearted(ly)?|as \w+ as can be|by"
     r" far"
     r"|as it gets|committed|staunch|passionate(ly)?")),
)  # fmt: skip
_NEGATIONS = (
    r"not|n't|no|never|none|neither|nor|without|cannot|nothing|nobody|hardly|barely|scarcely|rarely|seldom|stopped|less"
)
_AT_ALL = r"(not |n't )?(at all|in the least|one bit|in any way|whatsoever|the (least|slightest))|least of all"

# What a phrase says about how often, as times a year; a plain word has a place on the axis of its own.
_UNITS = {"day": 365.0, "night": 365.0, "morning": 365.0, "evening": 365.0, "week": 52.0, "sunday": 52.0,
          "weekend": 52.0, "fortnight": 26.0, "month": 12.0, "year": 1.0}  # fmt: skip
_COUNTS = {"once": 1.0, "one": 1.0, "one time": 1.0, "a single time": 1.0, "twice": 2.0, "two": 2.0, "couple": 2.0,
           "three": 3.0, "four": 4.0, "five": 5.0, "few": 3.0, "several": 3.0, "many": 5.0, "multiple": 3.0,
           "handful": 4.0, "some": 3.0}  # fmt: skip
_OFTEN: tuple[tuple[float, str], ...] = (
    (-1.0, (r"never( \w+)? (ever|once|again)|never|not even once|not (once|ever)|no part of my life|nothing to do with"
     r"|don't .{0,40}?\bat all")),
    (0.76, r"not a (single )?day goes by|every day|day in,? day out"),
    (-0.78, (r"(hardly|scarcely|barely) ever|almost never|seldom\w*|rare(ly)?|on a rare occasion|very uncommon"
     r"|once in (several|many) years|in years")),
    (-0.15, r"sometimes|now and then|occasional(ly)?|from time to time|some of the time|at times|every so often"),
    (0.4, r"often|frequent(ly)?|regular(ly)?|most (weeks|of the time)|common(ly)?"),
    (0.62, r"usual(ly)?|almost always|nearly always"),
    (1.0, r"always|all the time|without (exception|fail)|every (single )?time|at all times|constantly"),
)  # fmt: skip


@cache
def heads() -> dict[str, tuple[str, int, int]]:
    """Return the words that name a side: word to (axis, side, side on the common axis)."""
    found: dict[str, tuple[str, int, int]] = {}
    for axis, common, up, down in _HEADS:
        for words, side in ((up, 1), (down, -1)):
            found.update(dict.fromkeys(words.split(), (axis, side, side * common)))
    return found


@cache
def phrases() -> tuple[tuple[str, int, float, re.Pattern[str]], ...]:
    """Return the phrases that say a place: axis, side on the common axis, place, pattern."""
    return tuple((axis, common, place, _whole(pattern)) for axis, common, place, pattern in _PHRASES)


@cache
def degrees() -> re.Pattern[str]:
    """Return a pattern with one group per degree, in the order of `_DEGREES`."""
    return _whole("|".join(f"(?P<d{number}>{pattern})" for number, (_, pattern) in enumerate(_DEGREES)))


def degree_of(match: re.Match[str]) -> float:
    """Return how far a match of `degrees` goes."""
    return next(level for number, (level, _) in enumerate(_DEGREES) if match.group(f"d{number}") is not None)


# "Would" and "will", with how sure one is of it.
MODAL = re.compile(
    r"\b(?:(?P<no>wouldn't|won't)|(?:would|will)(?P<not> (?:\w+ly )?not\b)?|'(?:d|ll)(?P<never> (?:\w+ly )?(?:not"
    r"|never)\b)?)"
)
SURE = re.compile(
    r"\b(?:definitely|certainly|surely|without (?:hesitation|a doubt|question|fail|a second thought)|no doubt"
    r"(?: about it)?|in a heartbeat|beyond (?:any |a )?doubt|(?:quite )?(?:sure|certain)|for sure)\b"
)
LIKELY = re.compile(r"\b(?:probably|most likely|in all (?:likelihood|probability)|chances are|i dare say|i suppose)\b")
NEVER = re.compile(r"\b(?:never|in no way)\b")
NEGATION = re.compile(rf"\b(?:{_NEGATIONS})\b|n't\b")
AT_ALL = re.compile(rf"\b(?:{_AT_ALL})\b|n't at all\b")
NUMBER = re.compile(r"\b(\d{1,3}) (?:on a scale from (\d{1,3}) to|out of) (\d{1,3})\b")
_UNIT_WORDS = "|".join(_UNITS)
_COUNT_WORDS = "|".join(sorted(_COUNTS, key=len, reverse=True))
RATE = re.compile(
    rf"(?P<less>less (?:often )?than |not even |less than that )?(?P<more>more (?:often )?than |or more )?"
    rf"(?:(?P<count>{_COUNT_WORDS}|\d{{1,2}})(?P<or> or (?:two|twice|three|more)(?: times)?)?(?: of| times?| days?|"
    r" single times){0,3}"
    rf" (?:or so )?(?:a|an|per|each|every|in a)(?: single)? (?P<unit>{_UNIT_WORDS})s?\b"
    rf"|(?P<every>every|each)(?: single)? (?P<alone>{_UNIT_WORDS})\b(?! or two)"
    rf"|(?P<adverb>daily|weekly|monthly|yearly|annually|fortnightly)\b)"
)
_ADVERBS = {"daily": 365.0, "weekly": 52.0, "monthly": 12.0, "yearly": 1.0, "annually": 1.0, "fortnightly": 26.0}


def times_a_year(match: re.Match[str]) -> float:
    """Return the times a year that a match of `RATE` speaks of."""
    if match["adverb"]:
        times = _ADVERBS[match["adverb"]]
    elif match["alone"]:
        times = _UNITS[match["alone"]]
    else:
        count = match["count"]
        times = (_COUNTS[count] if count in _COUNTS else float(count)) * _UNITS[match["unit"]]
        times *= 1.5 if match["or"] else 1.0
    return times * (0.4 if match["less"] else 2.5 if match["more"] else 1.0)


@cache
def how_often() -> tuple[tuple[float, re.Pattern[str]], ...]:
    """Return the plain words of frequency: place and pattern."""
    return tuple((place, _whole(pattern)) for place, pattern in _OFTEN)


def _whole(pattern: str) -> re.Pattern[str]:
    """Return a pattern that matches whole words; the words of a negation, as in "don't", begin with an apostrophe."""
    return re.compile(rf"(?<![\w'])(?:{pattern})(?![\w'])")
