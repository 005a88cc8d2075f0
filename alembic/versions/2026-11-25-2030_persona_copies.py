"""Copies of personas: what they are copies of.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns; the release before does not know them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("persona", sa.Column("copied_from_id", sa.Uuid(), nullable=True))
    op.add_column("persona", sa.Column("copied_from_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("persona", "copied_from_version")
    op.drop_column("persona", "copied_from_id")
