"""By which words a component of a research objective is known: patterns over one sentence of a brief.

What matches, or its group `q`, is quoted. Repetitions are bounded: texts may be hostile.
"""

import re

Patterns = tuple[re.Pattern[str], ...]


def _any(*patterns: str) -> Patterns:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_TO_END = r"[^\n]{1,400}"
_CLAUSE = r"[^.;\n]{1,240}"
_ORGANISATION = (
    r"(?:bank|maker|manufacturer|cooperative|co-op|company|firm|retailer|supermarket|brand|chain|agency|charity|ministry|"
    r"council|city|municipality|government|university|school|hospital|insurer|operator|provider|publisher|start-?up|"
    r"platform|airline|museum|association|foundation|bakery|restaurant|hotel|dairy|brewery|team|shop|store|union)"
)
_SOMEBODY = rf"^(?:an?|the|our|we are an?|we, an?) (?:[\w'’-]{{1,24}} ){{0,5}}{_ORGANISATION}\b"
_DOING = r"\b(?:is|are|will|wants?|sees?|has|have|plans?|sells?|offers?|runs?|loses?|considers?)\b"
_MUST = (
    r"\b(?:the [\w'’-]{1,24} |we |it |they )?(?:must|has to|have to|needs? to|wants? to|is to|are to) "
    r"(?:decide|choose|settle|pick|select)\b"
)
_ACT = (
    r"(?:launch|speak|sell|raise|lower|introduce|open|close|keep|offer|change|enter|stop|build|buy|invest|expand|rename|"
    r"move)"
)
_AGED = (
    r"\b(?P<q>(?:(?!(?:why|how|what|do|does|are|is|for|of|among|with|from) )[\w'’-]{1,24} ){1,4}aged? \d{1,2}"
    r"(?: ?(?:to|-|–|and) ?\d{1,2}|\+| and over| or older)[^,.;?\n]{0,60}?)(?= stop| feel| do | are | who |[,.;?\n]|$)"
)
_PEOPLE = (
    r"(?:adults|parents|households|teenagers|students|families|women|men|pensioners|employees|commuters|drivers|owners|"
    r"shoppers|patients|tenants|homeowners|professionals|learners|voters|citizens|residents)"
)
_WORKERS = r"nurses|doctors|teachers|drivers|farmers|workers|graduates|members|subscribers|customers|students|employees"
_INTENT = (
    r"\b(?:purchase intent|willingness to pay|trust in|believability|satisfaction|loyalty|usage|habits?)\b" + _TO_END
)
_PLACE = (
    r"\b(?:in|across|throughout|within|around|of) (?P<q>(?-i:(?:the )?[A-Z][\w’'-]{1,24}"
    r"(?:(?:, (?:and )?| and | )[A-Z][\w’'-]{1,24}){0,6}))"
)
BELIEFS = (
    r"(?:we|i|they|management|the \w{2,20}|our \w{2,20}) (?:also )?"
    r"(?:believes?|expects?|suspects?|assumes?|predicts?|hypothesi[sz]es?|think)(?: that)? "
)
OUTRIGHT: dict[str, Patterns] = {
    "business_context": _any(
        rf"{_SOMEBODY}(?! (?:must|has to|should))[^.;\n]{{0,60}}?{_DOING}{_CLAUSE}",
        rf"^[^.\n]{{0,80}}\b(?:figures|sales|revenue|market share|staff|managers|branch\w*)\b{_CLAUSE}",
        rf"\bwe (?:are|sell|offer|make|run|launched|plan|have been)\b{_CLAUSE}",
    ),
    "decision_problem": _any(
        _MUST + _TO_END,
        rf"\bwhether to {_ACT}\b{_TO_END}",
        rf"\bthe decision (?:is|falls|has to|must)\b{_TO_END}",
        rf"\b(?:choose|decide|choice|decision) (?:between|about|on|whether)\b{_TO_END}",
        rf"\b(?:the )?[\w'’-]{{2,24}} will (?:decide|choose)\b{_TO_END}",
        rf"\b(?:in order )?to (?:advise|recommend|propose) {_TO_END}\b(?:versus|or|between)\b{_CLAUSE}",
    ),
    "information_gap": _any(
        rf"\b(?:it|we|they|nobody|the [\w'’-]{{1,24}}) (?:does not|do not|doesn['’]t|don['’]t) know\b{_TO_END}",
        rf"^(?:it is|what is) (?:unknown|not known|unclear|not clear|open)\b{_TO_END}",
        rf"^{_TO_END}?\b(?:is|are) (?:not known|unknown|unclear|not understood)\b",
        rf"^(?:test|measure|find out|understand|explore|learn)\b{_TO_END}",
        r"^(?:why|how|what|which|who|where|when) (?:do|does|did|are|is|would|will|can)\b[^?\n]{10,300}\?",
    ),
    "primary_hypothesis": _any(
        rf"^{BELIEFS}(?P<q>{_TO_END})",
        rf"\bhypothes[ie]s(?: is| are)?:? (?:that )?(?P<q>{_TO_END})",
        rf"\b(?:our|the) (?:expectation|assumption|hunch|guess) is (?:that )?(?P<q>{_TO_END})",
    ),
    "target_audience": _any(
        rf"^target(?: group| audience)?(?: is| are)?:? (?P<q>{_TO_END})",
        r"^(?P<q>[^.\n]{5,300}\b(?:is|are) the target\b[^\n]{0,300})",
        _AGED,
        rf"\b(?P<q>{_PEOPLE} (?:in|with|who|living|of|from|over|under|between) [^,.;?\n]{{3,120}})",
        rf"\bwhy (?P<q>(?:{_WORKERS}) (?:leave|stop|stay|quit|switch|avoid|buy|use)\b[^,.;?\n]{{0,120}})",
        r"\b(?P<q>people who [^,.;?\n]{5,120})",
    ),
    "segmentation_logic": _any(
        rf"^(?:compare|segment|break down|split|distinguish)\b{_TO_END}",
        rf"\b(?:compare|differences? between|contrast)\b{_CLAUSE}",
        rf"\bwhether [^.;\n]{{3,60}} differs? from {_CLAUSE}",
        r"\bboth [\w'’-]{2,24} and [^,.;\n]{3,80}",
        r"\b(?:with|among) [^.;\n]{3,60} and (?:with|among) [^.;\n]{3,80}",
        r"\bby (?:age|gender|region|income|education|country|segment)\b[^.;\n]{0,80}",
    ),
    "competitive_frame": _any(
        rf"\b(?:the |our |its |main |direct ){{0,3}}compet(?:ing|itors?|ition|es?)\b{_TO_END}",
        rf"\b(?:rivals?|alternatives?) (?:is|are|include)\b{_CLAUSE}",
    ),
    "behaviours_attitudes": _any(
        r"\bwhat everyday [^\n]{5,200}",
        r"\bhow far [^\n]{5,160}?\bhold [\w'’ -]{2,30} back\b",
        _INTENT,
        rf"\bwhat [\w'’-]{{2,24}} (?:feel|fear|tell|do|say|want|value|worry about)\b{_CLAUSE}",
        r"\b(?:why|how) (?:do|does) [^?\n]{3,80}\b(?:stop|leave|buy|use|choose|switch|trust|avoid)\b[^?\n]{0,160}",
        r"\b(?:how often(?: and why)?|why|when) [\w'’ -]{3,40} "
        r"(?:stop|leave|quit|buy|use|choose|switch|trust|avoid|visit|come)\b[^.,;?\n]{0,120}?"
        r"(?=,| (?:is|are) (?:not known|unknown|unclear)|[.;?\n]|$)",
    ),
    "geography": _any(
        r"\b(?P<q>(?-i:[A-Z])[a-z]{1,20}(?:an|ian|ish|ese|ch) (?:cities|towns|villages|regions))",
        _PLACE,
    ),
}
"""What says a component outright."""
HINTED: dict[str, Patterns] = {
    "decision_problem": _any(
        rf"\b(?:wonders?|asks?|considers?|debates?) (?:if|whether) (?:it|we|they|he|she|to)\b{_CLAUSE}",
        rf"\bbefore (?:it|we|they) (?:settles?|decides?|chooses?|launch(?:es)?)\b{_CLAUSE}",
    ),
    "information_gap": _any(
        rf"\b(?:want|wants|need|needs|would like) to (?:know|find out|learn|understand)\b{_TO_END}"
    ),
    "segmentation_logic": _any(r"\bwhich [^.;\n]{3,80}\bgroups\b[^,.;\n]{0,60}"),
    "competitive_frame": _any(
        rf"\b(?:instead of|rather than|compared (?:with|to)) {_CLAUSE}",
        rf"\bother (?:banks|brands|makers|companies|shops|retailers|providers|apps)\b{_CLAUSE}",
    ),
    "behaviours_attitudes": _any(
        r"\b(?:feel|fears?|worr(?:y|ies)|barriers?|attitudes?|motivations?|frustrations?)\b[^.;\n]{5,160}",
        r"\bwhat people think\b[^.;\n]{3,160}",
    ),
}
"""What only hints at one."""
_DATES = """
Health Education Finance Defence Transport Agriculture Justice Labour Commerce Interior Trade Energy Environment Culture
January February March April May June July August September October November December Monday Tuesday Wednesday
Thursday Friday Saturday Sunday Christmas Easter English Excel PowerPoint Internet
"""
NO_PLACES = frozenset(_DATES.split())
ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,60}\b(?:instructions?|prompts?|rules?|above|previous)\b"
    r"|\b(?:mark|rate|set|score|treat)\b[^.!?\n]{0,60}\b(?:everything|all|components?|objective)\b[^.!?\n]{0,40}"
    r"\b(?:clear|valid|100)\b|\bscore\b[^.!?\n]{0,30}\b100\b|\bsystem prompt\b",
    re.IGNORECASE,
)
_NOTHING = r"(?:do not know|don['’]t know|no idea|not sure|unsure|nothing|none|no|yes|n/?a|maybe|later|whatever)"
NO_ANSWERS = re.compile(rf"^\W*(?:i |we )?{_NOTHING}\W*$", re.IGNORECASE)
QUESTIONS: dict[str, tuple[str, ...]] = {
    "decision_problem": (
        "What will you decide about {subject} once you have the answers, between which alternatives, and by when?",
        "Which choice about {subject} hangs on this study: what are the options, and when is it made?",
    ),
    "target_audience": (
        "Whom do you want to hear on {subject}: which ages, in what situation, people who use it or who do not?",
        "Who exactly should be asked about {subject}: ages, life situation, present users or others?",
    ),
    "information_gap": (
        "What exactly do you not know yet about {subject} that you need for your decision?",
        "Which two or three things about {subject} would you most like to know, and at what prices or in what form?",
    ),
    "business_context": (
        "Who stands behind {subject}, what does it do for people, and why are you looking into it now?",
        "What has happened around {subject} that makes you ask this now, and who in your organisation is asking?",
    ),
    "primary_hypothesis": (
        "What do you expect people to say about {subject} above all, and why?",
        "If you had to bet today, what would you say that the answers on {subject} will show?",
    ),
    "secondary_hypotheses": ("What else do you expect, for example that some groups see {subject} differently?",),
    "segmentation_logic": (
        "Which groups should be compared when it comes to {subject}, for example by age, income or experience with it?",
    ),
    "competitive_frame": ("What do people use or do instead of {subject} today: which brands, offers or habits?",),
    "behaviours_attitudes": (
        "Which behaviour around {subject} do you want to understand: trying, using, paying, recommending, leaving?",
    ),
    "geography": ("In which country, region or city should {subject} be studied?",),
}
