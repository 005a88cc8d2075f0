"""Shapes of estimates."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class CallsEstimate(BaseModel):
    """How many calls of each kind, as [least, most]."""

    direct: tuple[int, int]
    statements: tuple[int, int]
    distribution: tuple[int, int]
    embeddings: tuple[int, int]


class EstimateRead(BaseModel):
    """What a simulation would take, each as [least, most]; nothing was asked, and nothing is stored.

    `calls` are those to the models without repeats after errors; `by_kind` the same by kind. Least and most calls
    differ only where display logic, or statements that read the same, decide. `cost_usd` is null where a price is not
    known (`warnings` say of which model). `seconds` assume one worker that runs nothing else, with `concurrency` calls
    at once, each taking `latency_ms`: `measured` in this workspace, or `assumed`. Answers the workspace has paid for
    before cost nothing and are not taken off.
    """

    respondents: int
    cells: int
    calls: tuple[int, int]
    by_kind: CallsEstimate
    input_tokens: tuple[int, int]
    output_tokens: tuple[int, int]
    cost_usd: tuple[float, float] | None
    seconds: tuple[int, int]
    latency_ms: tuple[int, int]
    latency_source: Literal["measured", "assumed"]
    concurrency: int
    model: str
    embedding_model: str
    demonstration: bool
    warnings: list[str]
