"""Which events were handed out; who wants to be mailed the end of their jobs.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what the release before writes meanwhile is handed out by the next one."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "app_user", sa.Column("notify_on_job_end", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    # Events of old are not told any more: a constant default marks them without a rewrite of the table.
    op.add_column(
        "event",
        sa.Column("fanned_out_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
    )
    op.alter_column("event", "fanned_out_at", server_default=None)
    op.create_index("ix_event_waiting", "event", ["id"], postgresql_where=sa.text("fanned_out_at IS NULL"))


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_event_waiting", "event")
    op.drop_column("event", "fanned_out_at")
    op.drop_column("app_user", "notify_on_job_end")
