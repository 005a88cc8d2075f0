"""Judging sets of options, best and worst of each: liking by the person's traits, wavering a little from set to set."""

import math
from typing import Any

from core.embedded.offline_model import choices
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.prompt_data import text_of
from core.embedded.offline_model.seeding import Draws
from core.embedded.offline_model.traits import Outlook

# How steeply choices follow liking, and how much of a person's taste for an option no trait explains.
_STEEPNESS = 2.2
_TASTE_SD = 0.45
_MOST_SETS = 200
_MOST_IN_SET = 100


def judge(reading: Reading, sets: object, outlook: Outlook, identity: object, seed: int) -> dict[str, Any]:
    """Return best and worst of each set by its number from 1; sets of fewer than two known options are left out.

    A person's liking of an option is the same in every set; in each it wavers by a Gumbel draw, so that best and worst
    are choices by a logit.
    """
    liking = {
        code: choices.utility(reading, index, outlook)
        + Draws("taste", identity, reading.text, reading.labels[index]).normal(0.0, _TASTE_SD)
        for index, code in enumerate(reading.codes)
    }
    found: dict[str, Any] = {}
    for number, given in enumerate(sets[:_MOST_SETS] if isinstance(sets, list) else [], start=1):
        shown = [text_of(code, 100) for code in given[:_MOST_IN_SET]] if isinstance(given, list) else []
        known = list(dict.fromkeys(code for code in shown if code in liking))
        if len(known) < 2:
            continue
        draws = Draws("set", identity, reading.key, number, seed)
        best = max(known, key=lambda code: _STEEPNESS * liking[code] + _gumbel(draws))
        rest = [code for code in known if code != best]
        found[str(number)] = {
            "best": best,
            "worst": max(rest, key=lambda code: _gumbel(draws) - _STEEPNESS * liking[code]),
        }
    return found


def _gumbel(draws: Draws) -> float:
    return -math.log(-math.log(min(1 - 1e-12, max(1e-12, draws.uniform()))))
