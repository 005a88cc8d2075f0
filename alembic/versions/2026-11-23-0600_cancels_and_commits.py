"""Let the dispatcher see cancelled jobs at once, and a job's row name the last commit of its steps.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ACTIVE = "status IN ('queued', 'dispatched', 'retry_wait', 'running', 'waiting')"


def upgrade() -> None:
    """Add the index and the column."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("job", sa.Column("last_commit_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_job_cancelling", "job", ["id"], postgresql_where=sa.text(f"cancel_requested_at IS NOT NULL AND {ACTIVE}")
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_job_cancelling", table_name="job")
    op.drop_column("job", "last_commit_id")
