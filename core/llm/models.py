"""Tables of the model client."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, Index, Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class LlmCall(SQLModel, table=True):
    """One HTTP try against a model endpoint: the usage ledger. `cost_usd` is null where it is not known.

    `most_usd` is the most a call can have cost whose price is known and whose tokens are not (no reply in time).
    `job_id` is no foreign key: what was spent stays on record when the job is gone.
    """

    __tablename__ = "llm_call"
    __table_args__ = (Index("ix_llm_call_workspace_id_created_at", "workspace_id", "created_at"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field(index=False)
    job_id: UUID | None = Field(default=None, index=True)
    step_key: str | None = None
    kind: str
    model: str
    prompt_name: str | None = None
    prompt_version: int | None = None
    outcome: str
    attempt_no: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None = Field(default=None, sa_type=Numeric(20, 10))
    most_usd: Decimal | None = Field(default=None, sa_type=Numeric(20, 10), nullable=True)
    latency_ms: int
    request_id: str | None = None
    created_at: datetime = created_at_field()


class LlmAnswer(SQLModel, table=True):
    """An answer remembered by a workspace: the same question with the same seed is paid for once."""

    __tablename__ = "llm_answer"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field(index=False)
    key: str = Field(sa_type=CHAR(64))
    model_requested: str
    model: str
    prompt_name: str
    prompt_version: int
    input_hash: str = Field(sa_type=CHAR(64))
    seed: int = Field(sa_type=BigInteger)
    draw: int
    output: Any = json_field()
    created_at: datetime = created_at_field()
