"""Tables of limits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Numeric, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, workspace_field


class WorkspaceLimit(SQLModel, table=True):
    """What a workspace may spend in a day and in a month (UTC); no row is no limit."""

    __tablename__ = "workspace_limit"
    __table_args__ = (PrimaryKeyConstraint("workspace_id"),)

    workspace_id: UUID = workspace_field(index=False)
    daily_usd: Decimal | None = Field(default=None, sa_type=Numeric(18, 9), nullable=True)
    monthly_usd: Decimal | None = Field(default=None, sa_type=Numeric(18, 9), nullable=True)
    updated_at: dt.datetime = created_at_field()


class WorkspaceSetting(SQLModel, table=True):
    """How a workspace's jobs ask: by which model, how many calls at once; null is what the service's settings say."""

    __tablename__ = "workspace_setting"
    __table_args__ = (PrimaryKeyConstraint("workspace_id"),)

    workspace_id: UUID = workspace_field(index=False)
    model: str | None = None
    concurrency: int | None = None
    updated_at: dt.datetime = created_at_field()


class BudgetHold(SQLModel, table=True):
    """What one run of a job has reserved and not spent yet.

    It counts while the job runs at `claim_epoch`, so it lapses with the claim. `root_id` is the job whose budget pays:
    a shard's parent, else the job itself. Neither is a foreign key: rows that count no more are swept by the next run.
    """

    __tablename__ = "budget_hold"
    __table_args__ = (PrimaryKeyConstraint("job_id"),)

    workspace_id: UUID = workspace_field()
    job_id: UUID
    root_id: UUID
    claim_epoch: int = Field(sa_type=BigInteger)
    held_usd: Decimal = Field(sa_type=Numeric(20, 10))
    last_commit_id: UUID | None = None


class SpentDay(SQLModel, table=True):
    """The ledger's sum of one day (UTC) that is over, so that a month is not added up again and again."""

    __tablename__ = "spent_day"
    __table_args__ = (PrimaryKeyConstraint("workspace_id", "day"),)

    workspace_id: UUID = workspace_field(index=False)
    day: dt.date
    spent_usd: Decimal = Field(sa_type=Numeric(20, 10))
