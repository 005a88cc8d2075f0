"""What a question asks whether one does, would do, is or agrees to: its own words in the first person."""

import re
from functools import lru_cache

# What leads to the clause; the rest of the text is the clause. Every repetition is bounded: texts may be hostile.
_LEADS = {
    "likely": r"likely (?:are|would|is it that) you (?:be )?(?:to |would )?|^(?:would|will) you (?:be )?(?!(?:say"
    r"|describe|rate|agree|support|recommend that)\b)",
    "measure": r"(?:how much|how strongly|to what (?:extent|degree)) (?:do|would) you ",
    "support": r"(?:support|oppose|in favou?r of|favou?r) (?:or oppose )?",
    "frequency": r"how (?:often|frequently)[^?]{0,40}? (?:do|did|have|would) you (?:usually |typically )?",
    "it is": r"how \w{1,30} (?:is|was|would) it (?:be )?(?:for you |to you )?(?=(?:to|that) )",
    "you are": r"how \w{1,30} (?:are|were|do) you (?:feel )?(?=(?:about|with|in|of|by|to|that|on) )",
    "you find": r"how \w{1,30} do you find ",
    "agree": r"\b(?:agree|statement|true)\b[^:?]{0,60}?(?:: ?| that )",
}
_COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _LEADS.items()}
_MINE = {"your": "my", "yours": "mine", "you": "I", "yourself": "myself", "our": "the", "us": "them", "we": "they"}
_WORDS = re.compile(r"[\w£$€₹%'’,.-]+")
_MOST_WORDS = 24
_LONGEST = 600


@lru_cache(maxsize=2048)
def clause(text: str, asked: str) -> str:
    """Return a question's clause for what is `asked`; empty where it has none or too long a one.

    Only words of it are kept, in lower case at the start, without quotes, braces or markup.
    """
    pattern = _COMPILED.get(asked)
    whole = text[:_LONGEST].strip()
    match = pattern.search(whole) if pattern else None
    if not match and (asked != "agree" or "?" in whole):
        return ""
    words = _WORDS.findall(whole[match.end() if match else 0 :])
    if not 1 <= len(words) <= _MOST_WORDS:
        return ""
    mine = [_MINE.get(word.lower(), word) for word in words]
    if mine[0] != "I" and not mine[0].startswith(("I'", "I’")) and mine[0][1:].islower():
        mine[0] = mine[0][:1].lower() + mine[0][1:]
    return " ".join(mine).rstrip(".,-")
