"""The arms of a respondent, and the order of options an answer was given to.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns that the release before does not write."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("respondent", sa.Column("arms", JSONB(), nullable=False, server_default="{}"))
    op.add_column("answer", sa.Column("option_order", JSONB(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("answer", "option_order")
    op.drop_column("respondent", "arms")
