"""Models that must not be asked, because the administrators of the service have paused them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.llm.errors import ModelSuspended


@dataclass(slots=True)
class Suspensions:
    """Reasons by model; whoever owns the client replaces them as they change.

    A call waits about `again_s` seconds and looks again; resuming the model wakes it earlier.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    again_s: float = 30.0

    def check(self, model: str) -> None:
        """Raise ModelSuspended where a model must not be asked."""
        reason = self.reasons.get(model)
        if reason is not None:
            wait_s = self.again_s * random.uniform(0.9, 1.1)
            raise ModelSuspended(f"Calls to {model} are paused: {reason}", retry_after_s=wait_s)
