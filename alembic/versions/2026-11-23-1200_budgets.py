"""Budgets of workspaces, what runs have reserved of them, and the most a call of unknown cost can have cost.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, each with its row-level security, and the column; the release before knows none of them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("llm_call", sa.Column("most_usd", sa.Numeric(20, 10), nullable=True))
    op.create_table(
        "workspace_limit",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("daily_usd", sa.Numeric(18, 9), nullable=True),
        sa.Column("monthly_usd", sa.Numeric(18, 9), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspace_limit"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name="fk_workspace_limit_workspace_id_workspace",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "budget_hold",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("claim_epoch", sa.BigInteger(), nullable=False),
        sa.Column("held_usd", sa.Numeric(20, 10), nullable=False),
        sa.Column("last_commit_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", name="pk_budget_hold"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name="fk_budget_hold_workspace_id_workspace",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_budget_hold_workspace_id", "budget_hold", ["workspace_id"])
    op.create_table(
        "spent_day",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spent_usd", sa.Numeric(20, 10), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "day", name="pk_spent_day"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name="fk_spent_day_workspace_id_workspace",
            ondelete="CASCADE",
        ),
    )
    for table in ("workspace_limit", "budget_hold", "spent_day"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def downgrade() -> None:
    """Drop them."""
    for table in ("spent_day", "budget_hold", "workspace_limit"):
        op.drop_table(table)
    op.drop_column("llm_call", "most_usd")
