"""Which optional questions of a survey a respondent leaves out: few, of those in own words some more."""

from typing import Any, Final

from core.embedded.offline_model.prompt_data import mapping, objects, text_of
from core.embedded.offline_model.seeding import Draws

_CLOSED: Final = 0.02
_IN_OWN_WORDS: Final = 0.04


def left_out(data: dict[str, Any], identity: object, seed: int) -> set[str]:
    """Return the keys of the questions of a prompt's section that this respondent does not answer."""
    found = set()
    for question in objects(mapping(data.get("section")).get("questions")):
        if question.get("required") is False:
            chance = _IN_OWN_WORDS if question.get("type") == "open_ended" else _CLOSED
            key = str(question.get("key"))
            if Draws("left out", identity, key, text_of(question.get("text"), 300), seed).chance(chance):
                found.add(key)
    return found
