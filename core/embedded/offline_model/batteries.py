"""Rows of a matrix, each as the rating question it is, and orders of preference."""

from typing import Any

from core.embedded.offline_model import choices, opinions, position
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.prompt_data import objects, text_of
from core.embedded.offline_model.recall import Said
from core.embedded.offline_model.seeding import Draws
from core.embedded.offline_model.traits import Outlook

_MOST_ROWS = 200


def rows(raw: dict[str, Any], reading: Reading, outlook: Outlook, said: tuple[Said, ...], seed: int) -> dict[str, str]:
    """Return the code of a point for each row of a matrix, by the row's code; none where it has no points."""
    if not reading.codes:
        return {}
    found: dict[str, str] = {}
    for row in objects(raw.get("rows"))[:_MOST_ROWS]:
        code = str(row.get("code"))
        text = f"{reading.text} – {text_of(row.get('label'), 300)}"
        own = raw | {"key": f"{reading.key}.{code}", "type": "likert", "text": text}
        item = position.read_question(own, (reading.text,))
        level = position.level(opinions.standing(item, outlook, said, seed))
        found[code] = item.codes[item.scale.index(level) if item.scale else 0]
    return found


def order(raw: dict[str, Any], reading: Reading, outlook: Outlook, person: Profile, seed: int) -> list[str]:
    """Return the codes of the options by preference, as many as are to be ranked."""
    ranks = raw.get("ranks")
    draws = Draws("answer", person.identity, reading.key, reading.text, seed)
    liked = choices.ranked(reading, outlook, tuple(range(len(reading.codes))), draws)
    most = ranks if isinstance(ranks, int) and 0 < ranks <= len(liked) else len(liked)
    return [reading.codes[index] for index in liked[:most]]
