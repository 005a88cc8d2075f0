"""Table of lineage."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class Lineage(SQLModel, table=True):
    """One model call's answer and what it was made from; the rows made of it carry its id."""

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    job_id: UUID | None = Field(default=None, index=True)
    step_key: str
    subject_type: str | None = None
    subject_id: UUID | None = Field(default=None, index=True)
    model: str
    prompt_name: str
    prompt_version: int
    seed: int | None = Field(default=None, sa_type=BigInteger)
    draw: int = Field(default=0)
    input_hash: str
    inputs: dict[str, Any] = json_field()
    created_at: datetime = created_at_field()
