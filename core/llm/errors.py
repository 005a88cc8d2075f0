"""Errors of the model client.

ModelError                       `.calls` is what was spent, `.retryable` whether a later try may work
├── ModelUnavailable             transient: overloaded, unreachable or failing; tries were used up
│   └── ModelPaused              nothing is asked until `retry_after_s` is over; no attempt is worth counting
│       ├── ModelSuspended       the administrators of the service have paused the model
│       └── BudgetReserved       other calls under way have reserved what is left of a budget
├── SpendingRefused              the money for a call may not be spent; none was made
│   ├── BudgetExhausted          a budget does not pay for one more call
│   └── PriceUnknown             there is a budget, and no price to keep it by
├── ModelRejected                permanent: the endpoint refuses the request as configured
├── ModelNotAllowed              the model is not on MODEL_ALLOWLIST
└── ModelReplyUnusable           the model replied, but there is no answer in it
    ├── ModelRefused             it declined
    ├── ModelTruncated           the reply hit the token limit
    ├── ModelContentFiltered     the provider's filter removed the reply
    └── ModelInvalidOutput       not valid against the schema, even after one repair
ModelCallsForbidden              a test reached the real client (no ModelError: nothing may swallow it)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from core.errors import Conflict, DomainError, Invalid, Unavailable
from core.llm.contract import Call


class ModelError(DomainError):
    """A model gave no answer."""

    code = "model_error"
    title = "Model error"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, *, calls: Iterable[Call] = (), **kind: Any) -> None:
        self.calls: tuple[Call, ...] = tuple(calls)
        super().__init__(detail or (type(self).__doc__ or self.title).strip(), **kind)


class ModelUnavailable(ModelError, Unavailable):
    """The model endpoint is overloaded or cannot be reached; try again later."""

    code = "model_unavailable"
    title = "Model unavailable"
    retryable = True


class ModelPaused(ModelUnavailable):
    """The model endpoint asks for a longer pause, or fails again and again; it is asked later."""

    code = "model_paused"
    title = "Model paused"


class ModelSuspended(ModelPaused):
    """The administrators of the service have paused this model; it is asked once they resume it."""

    code = "model_suspended"
    title = "Model suspended"


class BudgetReserved(ModelPaused):
    """What is left of the budget is reserved by calls under way; it is asked for later."""

    code = "budget_reserved"
    title = "Budget reserved"


class SpendingRefused(ModelError):
    """The money for this call may not be spent; `budget` says more, for whoever reads the error."""

    code = "spending_refused"
    title = "Spending refused"

    def __init__(self, detail: str | None = None, *, budget: Mapping[str, Any] | None = None, **kind: Any) -> None:
        super().__init__(detail, **kind)
        self.budget = budget


class BudgetExhausted(SpendingRefused, Conflict):
    """The budget does not pay for one more call."""

    code = "budget_exhausted"
    title = "Budget used up"


class PriceUnknown(SpendingRefused, Conflict):
    """There is a budget, and MODEL_PRICES has no price of the model to keep it by."""

    code = "price_unknown"
    title = "Price unknown"


class ModelRejected(ModelError, Unavailable):
    """The model endpoint refuses requests as they are configured."""

    code = "model_rejected"
    title = "Model endpoint refuses the request"


class ModelNotAllowed(ModelError, Invalid):
    """This model is not on MODEL_ALLOWLIST."""

    code = "model_not_allowed"
    title = "Model not allowed"


class ModelReplyUnusable(ModelError, Unavailable):
    """The model replied, but its reply holds no usable answer."""

    code = "model_reply_unusable"
    title = "Model reply unusable"


class ModelRefused(ModelReplyUnusable):
    """The model declined to answer."""

    code = "model_refused"


class ModelTruncated(ModelReplyUnusable):
    """The model's reply was cut at its token limit."""

    code = "model_truncated"


class ModelContentFiltered(ModelReplyUnusable):
    """The provider's content filter removed the model's reply."""

    code = "model_content_filtered"


class ModelInvalidOutput(ModelReplyUnusable):
    """The model's reply does not match its schema, even after one repair."""

    code = "model_invalid_output"


class ModelCallsForbidden(Exception):
    """A real model was about to be asked while model calls are forbidden; use a ScriptedModel."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())
