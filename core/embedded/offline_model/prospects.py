"""Whether a question is about a thing that people do not have yet: an idea, a claim, something they might buy."""

import re
from functools import lru_cache

_ASKED = re.compile(
    r"\b(?:would|could|might) (?:an? |put|keep|stop|hold|encourage|persuade|convince"
    r"|you (?:buy|try|consider|switch|choose|use|pay|order|get|feel about an?|think of an?)\b)"
    r"|put(?:s)? you off|encourage|persuade|convince|imagine|\bidea\b|concept|launch|comes? to mind|expect\b"
    r"|when you (?:hear|read)|first (?:thought|reaction|impression)|\bclaim|believab|credib|\bfit\b"
    r"|likely (?:are|would) you (?:be )?to (?:buy|try|switch|choose|pay|use|open|order|get)"
    r"|(?:worr|concern|annoy|bother)\w* you about an? "
)
_HAD = re.compile(
    r"\b(?:last|did you|have you|your experience|have had|made you|when you used|better|improve|missing|satisf|been"
    r"|do you (?:most )?(?:like|love|enjoy|dislike))\b|\bto (?:cancel|leave|stop|quit)\b|\bcancel\b"
)
_NEW = re.compile(r"\b(?:concept|new product|launch|idea)\b")


@lru_cache(maxsize=2048)
def is_prospect(text: str, subject: str, title: str) -> bool:
    """Tell whether a question asks for expectations rather than experience; a title may name a concept."""
    lowered = text.lower()[:600]
    if _HAD.search(lowered):
        return False
    return bool(_ASKED.search(lowered) or (_NEW.search(title.lower()[:300]) and subject))
