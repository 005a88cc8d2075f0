"""States that belong to one country only, among the countries that rules know; and large cities."""

from __future__ import annotations

import re
from typing import Final

# Names that two countries share (Georgia, Punjab, Victoria, Washington as a city of elsewhere, …) are left out.
_STATES: Final = {
    "us": "alabama alaska arizona arkansas california colorado connecticut florida hawaii idaho illinois indiana iowa "
    "kansas kentucky louisiana maryland massachusetts michigan minnesota mississippi missouri nebraska nevada "
    "new_hampshire new_jersey new_mexico north_carolina north_dakota ohio oklahoma oregon pennsylvania rhode_island "
    "south_carolina south_dakota tennessee texas utah vermont west_virginia wisconsin wyoming",
    "uk": "england scotland wales northern_ireland greater_london greater_manchester west_yorkshire",
    "india": "karnataka tamil_nadu kerala telangana andhra_pradesh maharashtra gujarat rajasthan uttar_pradesh bihar "
    "west_bengal odisha assam madhya_pradesh haryana jharkhand chhattisgarh uttarakhand himachal_pradesh",
    "germany": "bavaria baden-württemberg hesse north_rhine-westphalia lower_saxony saxony thuringia brandenburg "
    "rhineland-palatinate saarland schleswig-holstein",
    "france": "île-de-france brittany normandy occitanie auvergne-rhône-alpes grand_est",
    "canada": "ontario quebec alberta british_columbia manitoba saskatchewan nova_scotia new_brunswick",
    "australia": "new_south_wales queensland south_australia western_australia tasmania",
}
_COUNTRY_OF: Final = {name.replace("_", " "): country for country, names in _STATES.items() for name in names.split()}
# Large cities; "New York" alone is a state, too.
_NAMES: Final = (
    "amsterdam atlanta bangalore barcelona beijing bengaluru berlin birmingham boston brussels cairo chennai chicago "
    "cologne dallas delhi dubai dublin hamburg hong_kong houston hyderabad istanbul jakarta johannesburg kolkata kyiv "
    "lagos lisbon london los_angeles lyon madrid manchester manila marseille melbourne miami milan montreal mumbai "
    "munich nairobi new_delhi new_york_city osaka paris philadelphia phoenix prague pune rio_de_janeiro rome san_diego "
    "san_francisco seattle seoul shanghai shenzhen singapore stockholm sydney tokyo toronto vancouver vienna warsaw"
)
_CITIES: Final = frozenset(name.replace("_", " ") for name in _NAMES.split())


def only_cities(geography: str) -> bool:
    """Tell whether an objective's geography names large cities and nothing beside them, such as "Delhi and Pune."."""
    parts = [" ".join(part.casefold().split()) for part in re.split(r"[,.;/&]|\band\b|\bor\b", geography)]
    named = [part.removeprefix("in ") for part in parts if part]
    return bool(named) and all(part in _CITIES for part in named)


def country_of_state(state: str | None) -> str | None:
    """Return the code of the one country a state belongs to; None for a place that is not listed.

    Of "Kent, England" the last part counts.
    """
    parts = [" ".join(part.casefold().split()) for part in (state or "").split(",")]
    return next((_COUNTRY_OF[part] for part in reversed(parts) if part in _COUNTRY_OF), None)
