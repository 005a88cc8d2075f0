"""What a question is about: its main noun phrase, found by word classes and word order alone.

Words of a text are material: only words that look like words are kept, few of them, without any markup.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\s\w]|[\w]+")
_MAX_WORDS = 4
_MAX_TEXT = 1500


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_POSSESSIVES = {"your": "my", "our": "the", "my": "my", "their": "their", "his": "his", "her": "her", "its": "its"}
_ARTICLES = _words("the a an this these that those")
_COUNTING = _words(
    "any each every some many much more less fewer enough no one two three another all both several most"
)
_PRONOUNS = _words("i you we they he she it me us them him who people one someone anyone yourself yourselves")
_AUXILIARIES = _words(
    "do does did would could should can will might may must shall to don't didn't doesn't wouldn't won't"
    " can't let cannot"
)
_PREPOSITIONS = _words(
    "about with of from for at in on by into onto over under during before after between without within against toward"
    " towards through across near around per than as like via among regarding concerning off out up down upon since"
)
FUNCTION_WORDS = (
    _ARTICLES | _COUNTING | _PRONOUNS | _AUXILIARIES | _PREPOSITIONS | frozenset(_POSSESSIVES)
    | _words(
        "and or but nor if when while because so then how what which why where whose whom is are was were be"
            " been being am have has had having not never ever always often usually sometimes rarely very too"
            " also just only even still yet now once again back away here there ago own such same other else"
            " right well rather quite really most least currently typically generally overall personally mainly"
            " got gotten become became first last next new whether please yes no it's that's there's i'm we're"
            " you're what's more-or-less"
            " etc e.g i.e mr mrs vs"
    )
)  # fmt: skip
_DETERMINERS = _ARTICLES | frozenset(_POSSESSIVES)
_BE_AND_HAVE = _words("is are was were has have had")
_ADVERBS = _words("often ever never still usually always sometimes")
_ORDINALS = _words("main last next first own other same other new most")
_OUT_OF_PLACE = -10.0
# "The brand's own name" is not about the brand.
_OWNER = 4.0
_JUDGING = _words(
    "better worse best worst good bad easy easier hard harder hardest difficult likely unlikely satisfied"
    " dissatisfied important worried concerned interested happy unhappy useful reliable believable safe"
    " safer cheap cheaper expensive comfortable confident familiar willing aware able big biggest great"
    " greatest main major certain different similar typical average recent current fair old young true false"
    " clear strong possible open ready sure fresh longer shorter higher lower fast faster slow slower"
    " enjoyable appealing attractive disgusting free"
)
_VERBS = _words(
    "think feel make use buy pay spend choose like love enjoy want need see say tell describe explain rate"
    " recommend agree prefer help keep stop start try get give take go come know believe find look consider"
    " expect decide change improve trust worry concern annoy bother matter cost cause happen cancel switch"
    " leave stay live work drive ride eat drink watch read visit travel use miss join attend receive offer"
    " provide bring lead hold hear learn share compare notice influence affect mean remember imagine suggest"
    " support oppose become turn let put show wait save own rent earn transfer log sign download disappoint"
    " delight surprise frustrate prevent motivate discourage cycle drop break crash fail spoil ruin feed"
    " play call ask answer meet mind care act apply include manage handle"
)
_VAGUE = _words(
    "thing things way ways time times part parts day days week weeks month months year years evening"
    " evenings weekday weekdays weekend morning night hour hours minute minutes people person persons kind"
    " kinds sort type opinion opinions view views experience experiences life reason reasons answer answers"
    " question questions statement statements lot scale example number amount term terms situation area"
    " friend friends colleague colleagues household extent money visit past problem problems concern"
    " concerns idea thoughts feelings words word detail details moment age aspect aspects feature features"
    " factor factors everything anything nothing something someone everyone section survey background"
    " pounds dollars euros rupees pence cents lakh lakhs"
    " general outlook introduction profile demographics other miscellaneous moon today tomorrow yesterday"
    " home trust attention percent level today's future place world country support ban rest use habit habits"
    " matter matters main warm-up screener opening closing"
)
# Words in -ing that are things, or that stand before things: "the waiting room", "a streaming service".
_GERUND_NOUNS = _words(
    "waiting streaming banking parking charging booking training cooking gaming shopping housing opening"
    " meeting swimming dining recycling heating hearing learning marketing funding nursing teaching driving"
    " washing cleaning running sleeping living working pricing rating evening morning building ceiling"
    " wedding thing spring string king ring wing clothing packaging advertising billing saving engineering"
    " farming fishing nothing something anything everything during lighting seating ticketing onboarding"
    " messaging accounting leasing grooming catering"
)
# Gerunds that say nothing of their own: "choosing an electric car" is about the car.
_LIGHT = _words(
    "choosing buying using having getting making trying taking seeing being owning doing considering finding"
)
_ADJECTIVE = re.compile(r"(y|al|ous|ive|ic|ful|less|ary|able|ent|ish)$")
# What a study's title adds to the name of its subject.
_TITLE_ENDS = _words(
    "concept test study survey research redesign questionnaire feedback evaluation launch pricing interviews"
)
_SINGULAR_S = ("ss", "us", "is", "ics", "news")
_PLURALS = _words("people children men women feet teeth mice")


@dataclass(frozen=True, slots=True)
class Subject:
    """A noun phrase as it stands after a preposition ("the waiting room"); `head` is its last word."""

    phrase: str
    head: str
    plural: bool

    def fill(self, text: str) -> str:
        """Put the phrase and the forms that agree with it into a text's {np}, {is}, {has}, {does}, {s} and {it}."""
        number = _PLURAL_FORMS if self.plural else _SINGULAR_FORMS
        return text.format(np=self.phrase, **number)


_SINGULAR_FORMS = {"is": "is", "has": "has", "does": "does", "s": "s", "es": "es", "it": "it", "them": "it"}
_PLURAL_FORMS = {"is": "are", "has": "have", "does": "do", "s": "", "es": "", "it": "they", "them": "them"}
NOTHING = Subject("all this", "", plural=False)


@dataclass(frozen=True, slots=True)
class _Candidate:
    words: tuple[str, ...]
    determiner: str
    score: float
    is_gerund: bool = False


@lru_cache(maxsize=2048)
def find(text: str, context: tuple[str, ...] = ()) -> Subject:
    """Return what a question is about; where it names nothing, what the first of the `context` texts names."""
    known = frozenset(token.lower() for other in context for token in _tokens(other))
    tokens = _tokens(_QUOTED.sub(_named_claim, text[:_MAX_TEXT]))
    found = _candidates(tokens, known) if _is_english(tokens) else []
    best = max(found, key=lambda candidate: candidate.score, default=None)
    if best is not None and best.score > 0:
        return _subject(best)
    for other in context:
        around = _candidates(_tokens(other), frozenset())
        if "?" in other:
            around.sort(key=lambda candidate: -candidate.score)
        for candidate in around:
            if candidate.score > _OUT_OF_PLACE / 2 and not _TITLE_ENDS.issuperset(map(str.lower, candidate.words)):
                return _titled(candidate)
    return NOTHING


# Words that one believes rather than buys.
CLAIMS = frozenset({"claim", "statement", "slogan", "message", "promise", "headline", "advert"})
# A claim in quotes says nothing of what the question is about; what it is called does.
_QUOTED = re.compile(r"(\w+ )?(?:(?<=\s)|^)[\"'‘“«][^\"'’”»?]{3,90}[\"'’”»](?=[\s?.,!:;]|$)")
_CALLED = re.compile(r"claim|statement|slogan|name|phrase|words?|headline|message|sentence|product|brand|campaign")


def _named_claim(match: re.Match[str]) -> str:
    before = match[1] or ""
    return before if _CALLED.match(before) else f"{before}the claim"


def rest_of(text: str, subject: Subject) -> str:
    """Return what the text says of its subject right after naming it: "from a dairy brand"; empty if nothing."""
    follows = re.search(rf"{re.escape(subject.phrase)} ({_FOLLOWING})", text[:_MAX_TEXT], re.IGNORECASE)
    return follows[1].strip() if follows and subject.head else ""


_FOLLOWING = (
    r"(?:from|made (?:by|from|of|with)|under|with|without|by|in)(?: (?:a|an|the|its|their|our|own|new)){0,2}"
    r"(?: [a-z-]{3,20}){1,3}(?=[?.,;]|$)"
)


def _tokens(text: str) -> list[str]:
    return [token.replace("’", "'") for token in _WORD.findall(text[:_MAX_TEXT])]


def _is_english(tokens: list[str]) -> bool:
    known = sum(token.lower() in FUNCTION_WORDS for token in tokens)
    return len(tokens) <= 3 or known * 6 >= len(tokens)


def _subject(candidate: _Candidate) -> Subject:
    head = candidate.words[-1]
    return Subject(
        " ".join(filter(None, (candidate.determiner, *candidate.words))),
        head.lower(),
        is_plural(head) and not candidate.is_gerund,
    )


def _titled(candidate: _Candidate) -> Subject:
    """Return the subject a title names: without "concept test", with an article where it needs one."""
    words = list(candidate.words)
    while len(words) > 1 and words[-1].lower() in _TITLE_ENDS:
        words.pop()
    determiner = candidate.determiner or ("" if is_plural(words[-1]) else "the")
    return _subject(_Candidate(tuple(words), determiner, 0.0))


def is_plural(noun: str) -> bool:
    """Tell whether a noun looks plural."""
    lowered = noun.lower()
    return lowered in _PLURALS or (lowered.endswith("s") and len(lowered) > 3 and not lowered.endswith(_SINGULAR_S))


def _base(word: str) -> str:
    """Return the verb a form may come from, or the word itself."""
    for ending, replacement in (("ies", "y"), ("es", ""), ("es", "e"), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""),
                                ("ed", "e")):  # fmt: skip
        if word.endswith(ending) and word[: -len(ending)] + replacement in _VERBS:
            return word[: -len(ending)] + replacement
    return word


def _candidates(tokens: list[str], known: frozenset[str]) -> list[_Candidate]:
    words = [token.lower() for token in tokens]
    found = []
    at = 0
    while at < len(tokens):
        end = _run_end(words, at)
        if end > at:
            gerund = _gerund(words, at)
            shown = tuple(
                _cased(tokens[index], first=index == 0) for index in range(at if gerund is None else gerund, end)
            )
            found.append(_weighed(shown, words, at, known, is_gerund=gerund is not None))
        at = max(end, at + 1)
    return found


def _cased(token: str, *, first: bool) -> str:
    """Return the word in lower case unless its capitals mean something, as in "iPhone", "NHS" or a name."""
    return token.lower() if first and token[1:].islower() else token


def _run_end(words: list[str], start: int) -> int:
    """Return where the run of nouns and their adjectives that begins at `start` ends; `start` where none does."""
    at = start
    while at < len(words) and at - start < _MAX_WORDS and _is_noun(words, start, at):
        at += 1
    if at == start or at + 1 >= len(words) or words[at] != "of" or at - start > 1 or words[start] in _VAGUE:
        return at
    inner = at + 1 + (words[at + 1] in _DETERMINERS)
    end = inner
    while end < len(words) and end - inner < _MAX_WORDS and _is_noun(words, inner, end):
        end += 1
    return end if end > inner else at


def _is_noun(words: list[str], start: int, at: int) -> bool:
    """Tell whether the word at `at` belongs to a noun phrase whose words begin at `start`."""
    word = words[at]
    if not word[0].isalpha() or word in FUNCTION_WORDS or word in _JUDGING or (len(word) > 4 and word.endswith("ly")):
        return False
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if len(word) > 4 and word.endswith("ing"):
        return _is_noun_in_ing(word, before, after, first=at == start)
    verb = _base(word) in _VERBS
    if verb and before in {"best", "most", "least"} and word.endswith("s"):
        return False
    if at > start:
        return not (verb and _ends_clause(words, start, at, after))
    if before in {"what", "who"} and (after in _PRONOUNS or after in _DETERMINERS):
        return False
    if _after_subject(words, at):
        return False
    return not verb or before in _PREPOSITIONS or before in _DETERMINERS or before in _COUNTING or before in _JUDGING


def _is_noun_in_ing(word: str, before: str, after: str, *, first: bool) -> bool:
    if word in _GERUND_NOUNS:
        return not (first and after in _DETERMINERS)
    return first and before in _PREPOSITIONS and (after in _PREPOSITIONS or not after[:1].isalpha())


def _ends_clause(words: list[str], start: int, at: int, after: str) -> bool:
    """Tell whether a word that may be a verb is one, after the nouns from `start` on."""
    if after in _DETERMINERS or after in _PRONOUNS - {"you", "we", "they", "i", "people"}:
        return True
    opening = start - 1
    while opening >= 0 and (
        words[opening] in _DETERMINERS or words[opening] in _JUDGING or words[opening] in _COUNTING
    ):
        opening -= 1
    if opening >= 0 and words[opening] in _AUXILIARIES | _BE_AND_HAVE:
        return True
    inflected = words[at].endswith(("s", "ed")) and after in FUNCTION_WORDS - {
        "from",
        "of",
        "for",
        "with",
        "in",
        "and",
        "or",
    }
    return (inflected and not _ADJECTIVE.search(words[at - 1])) or (is_plural(words[at - 1]) and after in _PREPOSITIONS)


def _after_subject(words: list[str], at: int) -> bool:
    """Tell whether a word is where a verb stands: after a pronoun, an auxiliary or "to", adverbs aside."""
    index = at - 1
    while index >= 0 and (words[index].endswith("ly") or words[index] in _ADVERBS):
        index -= 1
    if index > 0 and words[index] in {"or", "and"} and words[index - 1] not in FUNCTION_WORDS:
        return _after_subject(words, index - 1)
    return index >= 0 and (words[index] in _AUXILIARIES or words[index] in _PRONOUNS - {"people", "one"})


def _gerund(words: list[str], start: int) -> int | None:
    """Return where a gerund before the run begins ("riding a scooter"), if it adds to what the run says."""
    index = start - 1
    while index >= start - 2 and index > 0 and (words[index] in _DETERMINERS or words[index] in {"for", "in", "on"}):
        index -= 1
    if index < 0 or not words[index].endswith("ing") or len(words[index]) < 5:
        return None
    before = words[index - 1] if index else ""
    return None if words[index] in _LIGHT | FUNCTION_WORDS or before in _DETERMINERS else index


def _weighed(
    shown: tuple[str, ...], words: list[str], at: int, known: frozenset[str], *, is_gerund: bool
) -> _Candidate:
    """Score a candidate by its article and its place: objects and topics first, adjuncts and vague words last."""
    opening = at - 1
    while opening >= 0 and words[opening] in _JUDGING | _ORDINALS:
        opening -= 1
    determiner = words[opening] if opening >= 0 and words[opening] in _DETERMINERS - {"that"} else ""
    leading = words[opening - bool(determiner)] if opening >= bool(determiner) else ""
    judged = opening - bool(determiner) > 0 and words[opening - bool(determiner) - 1] in _JUDGING
    if leading in {"which", "what"} and not is_plural(shown[-1]):
        determiner = "the"
    after_verb = leading[:1].isalpha() and leading not in FUNCTION_WORDS
    plain = [word.lower() for word in shown]
    telling = [word for word in plain if word not in _VAGUE and word not in FUNCTION_WORDS]
    score = 0.8 * min(3, len(shown)) + 3.0 * is_gerund
    score += 1.5 if determiner in {"a", "an", ""} and determiner else 2.0 if determiner else 0.0
    score += (1.0 if determiner == "the" else 2.5) * after_verb
    score += (
        1.5 if leading in {"about", "with"} or judged else -0.5 if leading in {"at", "in", "on", "by", "per"} else 0.0
    )
    score += 2.0 if known.intersection(telling) else 0.0
    score += 0.0 if plain[-1] not in _VAGUE else -1.0 if telling else _OUT_OF_PLACE
    score -= _OWNER if plain[-1].endswith(("'s", "s'")) else 0.0
    owned = tuple(_POSSESSIVES.get(word, word) for word in shown)
    determiner = "" if is_gerund else {"these": "the", "this": "the", "those": "the"}.get(determiner, determiner)
    return _Candidate(owned, _POSSESSIVES.get(determiner, determiner), score, is_gerund)
