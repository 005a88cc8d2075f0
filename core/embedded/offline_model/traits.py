"""A small, readable world view: a respondent's circumstances turned into a few latent scores.

Every score is about zero on average with a spread of about one over an adult population. The loadings are
written by hand after well-known directions in survey research (they are not fitted to any data set): each
says how much a circumstance moves a score.
"""

from dataclasses import dataclass

from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.seeding import Draws

# How far two respondents in the same circumstances differ.
INDIVIDUAL_SD = 0.62

Loadings = dict[str, float]

LOADINGS: dict[str, Loadings] = {
    "pressure": {
        "mean": 0.05, "income": -0.9, "young": 0.35, "old": -0.25, "no_degree": 0.3, "renter": 0.25,
        "parent": 0.15,
        "female": 0.12, "worried": 0.2, "frugal": 0.15, "N": 0.3,
    },
    "optimism": {
        "mean": 0.0, "income": 0.4, "degree": 0.3, "no_degree": -0.2, "young": -0.3, "old": 0.15,
        "female": -0.15,
        "black": 0.4, "faithful": 0.1, "N": -0.5, "E": 0.25,
    },
    "religiosity": {
        "mean": -0.12, "black": 0.6, "hispanic": 0.2, "asian": 0.1, "female": 0.28, "old": 0.45,
        "young": -0.4,
        "south": 0.3, "rural": 0.15, "married": 0.2, "parent": 0.1, "india": 0.5, "uk": -0.5,
        "faithful": 0.3, "secular": -1.1, "traditional": 0.1,
    },
    "conservatism": {
        "mean": 0.1, "young": -0.5, "old": 0.35, "degree": -0.35, "no_degree": 0.15, "black": -0.55,
        "hispanic": -0.25, "asian": -0.25, "female": -0.15, "south": 0.25, "rural": 0.4, "urban": -0.15,
        "married": 0.15, "faithful": 0.25, "progressive": -0.4, "traditional": 0.4, "green": -0.15, "O": -0.4,
        "C": 0.15,
    },
    "openness": {
        "mean": 0.0, "young": 0.4, "old": -0.35, "degree": 0.3, "urban": 0.2, "techy": 0.3,
        "traditional": -0.4,
        "O": 0.6,
    },
    "price_sensitivity": {
        "mean": 0.0, "income": -0.8, "renter": 0.15, "parent": 0.25, "no_degree": 0.15, "frugal": 0.5,
        "price": 0.5, "C": 0.1,
    },
    "brand_loyalty": {"mean": 0.0, "old": 0.3, "young": -0.2, "income": 0.2, "brand": 0.6,
    "traditional": 0.2},
    "tech_affinity": {
        "mean": 0.0, "young": 0.6, "old": -0.7, "degree": 0.25, "income": 0.3, "urban": 0.15, "female": -0.15,
        "techy": 0.7, "O": 0.2,
    },
    "green_concern": {
        "mean": 0.05, "young": 0.3, "degree": 0.25, "female": 0.25, "urban": 0.15, "rural": -0.2,
        "green": 0.8,
        "traditional": -0.4, "progressive": 0.5, "O": 0.2,
    },
    "trust": {"mean": -0.1, "degree": 0.25, "income": 0.3, "old": 0.2, "worried": -0.3, "faithful": 0.2,
    "A": 0.3},
    "sociability": {"mean": 0.0, "female": 0.15, "faithful": 0.25, "urban": 0.1, "E": 0.6, "A": 0.3,
    "N": -0.2},
    "family_focus": {"mean": -0.35, "parent": 1.1, "married": 0.2, "old": -0.1, "A": 0.1},
    "health_need": {"mean": -0.3, "old": 1.0, "young": -0.3, "worried": 0.1, "N": 0.2},
}  # fmt: skip

# A weight by this prefix is a liking of one's own for a subject; circumstances do not explain it.
LIKING = "liking:"


def features(person: Profile) -> dict[str, float]:
    """Return the circumstances that loadings may name, most of them 0 or 1; income runs from -1 to 1."""
    found = {
        "mean": 1.0,
        "income": 2.0 * person.income - 1.0,
        "young": min(1.0, max(0.0, (48.0 - person.age) / 26.0)),
        "old": min(1.0, max(0.0, (person.age - 48.0) / 24.0)),
        "degree": min(1.0, max(0.0, (person.education - 0.5) / 1.5)),
        "no_degree": 1.0 if person.education < 2 else 0.0,
        "female": 1.0 if person.gender == "female" else 0.0,
        "black": 1.0 if "black" in person.race or "afric" in person.race else 0.0,
        "hispanic": 1.0 if "hispanic" in person.race or "latin" in person.race else 0.0,
        "asian": 1.0 if "asian" in person.race else 0.0,
        "india": 1.0 if person.country.lower() == "india" else 0.0,
        "uk": 1.0 if person.country.lower() in {"united kingdom", "uk", "great britain", "england"} else 0.0,
        "south": float(person.south),
        "urban": float(person.urban),
        "rural": float(person.rural),
        "parent": float(person.life.children),
        "married": float(person.life.married),
        "renter": float(person.life.tenure == "rents"),
        "brand": person.brand_sensitivity,
        "price": person.price_sensitivity,
    }
    found.update(dict.fromkeys(person.hints, 1.0))
    found.update(person.ocean)
    return found


@dataclass(frozen=True, slots=True)
class Outlook:
    """A respondent's latent scores: what circumstances explain, and the person's own deviation from it.

    `told` is what persona and attributes say in words.
    """

    identity: int
    expected: dict[str, float]
    own: dict[str, float]
    told: tuple[str, ...] = ()

    def score(self, name: str) -> float:
        """Return one score of this respondent."""
        return self.expected.get(name, 0.0) + self._deviation(name)

    def mix(self, weights: dict[str, float], *, individual: bool = True) -> float:
        """Return the weighted score, scaled so that its individual spread stays `INDIVIDUAL_SD`."""
        explained = sum(weight * self.expected.get(name, 0.0) for name, weight in weights.items()) / _length(weights)
        return explained + self.deviation(weights) if individual else explained

    def deviation(self, weights: dict[str, float]) -> float:
        """Return the part of a weighted score that circumstances do not explain, of spread `INDIVIDUAL_SD`."""
        return sum(weight * self._deviation(name) for name, weight in weights.items()) / _length(weights)

    def _deviation(self, name: str) -> float:
        if name.startswith(LIKING):
            return Draws("liking", self.identity, name).normal(0.0, INDIVIDUAL_SD)
        return self.own[name]


def _length(weights: dict[str, float]) -> float:
    return sum(weight * weight for weight in weights.values()) ** 0.5 or 1.0


def outlook(person: Profile) -> Outlook:
    """Return the scores of one respondent; the deviation depends on who it is, never on a request's seed."""
    given = features(person)
    draws = Draws("outlook", person.identity)
    expected = {}
    own = {}
    for name, loadings in LOADINGS.items():
        expected[name] = sum(weight * given.get(feature, 0.0) for feature, weight in loadings.items())
        own[name] = draws.normal(0.0, INDIVIDUAL_SD)
    return Outlook(person.identity, expected, own, person.told)
