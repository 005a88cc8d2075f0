"""Simulations that are extended, and those that run another one again.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three columns that the release before does not write."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("simulation", sa.Column("sizes", JSONB(), nullable=False, server_default="[]"))
    op.add_column("simulation", sa.Column("rerun_of", sa.Uuid(), nullable=True))
    op.add_column("simulation", sa.Column("extension_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_simulation_rerun_of_simulation"), "simulation", "simulation", ["rerun_of"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(
        op.f("fk_simulation_extension_of_simulation"),
        "simulation",
        "simulation",
        ["extension_of"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_simulation_rerun_of"), "simulation", ["rerun_of"])
    op.create_unique_constraint(op.f("uq_simulation_extension_of"), "simulation", ["extension_of"])


def downgrade() -> None:
    """Drop them, and what was being added."""
    op.execute("DELETE FROM simulation WHERE extension_of IS NOT NULL")
    op.drop_column("simulation", "extension_of")
    op.drop_column("simulation", "rerun_of")
    op.drop_column("simulation", "sizes")
