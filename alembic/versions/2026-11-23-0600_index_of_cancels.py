"""Let the dispatcher see at once whether a cancelled job is still under way.

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
    """Add the index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_job_cancelling", "job", ["id"], postgresql_where=sa.text(f"cancel_requested_at IS NOT NULL AND {ACTIVE}")
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_job_cancelling", table_name="job")
