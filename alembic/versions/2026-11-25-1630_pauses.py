"""Pauses of kinds, workspaces and models; the release a worker is of.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column; the release before knows neither."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
        sa.UniqueConstraint("scope", "value", name="uq_pause_scope_value"),
    )
    op.add_column("worker", sa.Column("version", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("worker", "version")
    op.drop_table("pause")
