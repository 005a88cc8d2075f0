"""Plain-text replies, where no schema is asked for."""

from core.embedded.offline_model.seeding import Draws

_OPENINGS = (
    "Thank you for your message.",
    "That is a useful starting point.",
    "Here is a short answer from the demonstration model.",
    "Good question.",
)
_MIDDLES = (
    "A next step would be to say who it concerns and what decision depends on it.",
    "It helps to name the group, the place and the time you have in mind.",
    "I would look at everyday circumstances first: work, housing, household and habits.",
    "Comparing two groups that differ in one circumstance usually shows most.",
)
_ENDINGS = (
    "This reply comes from the offline demonstration model and carries no knowledge of its own.",
    "Please read this as a demonstration: no real language model was asked.",
)


def reply(user: str, seed: int) -> str:
    """Return a short reply that depends on the message and the seed."""
    draws = Draws("chat", user, seed)
    return " ".join((draws.pick(_OPENINGS), draws.pick(_MIDDLES), draws.pick(_ENDINGS)))
