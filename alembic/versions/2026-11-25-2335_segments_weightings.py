"""Segments, weightings, and answers kept as columns.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = ("segment", "weighting", "answer_column")


def upgrade() -> None:
    """Add the tables; the release before does not know them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _segments()
    _weightings()
    _columns()
    for table in TABLES:
        op.create_index(f"ix_{table}_workspace_id", table, ["workspace_id"])
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def _belongs(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id_{to}", ondelete="CASCADE")


def _segments() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_segment"),
        _belongs("segment", "workspace"),
        _belongs("segment", "exploration"),
    )
    op.create_index("ix_segment_exploration_id_created_at", "segment", ["exploration_id", "created_at", "id"])


def _weightings() -> None:
    op.create_table(
        "weighting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), nullable=False),
        sa.Column("cap", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_weighting"),
        _belongs("weighting", "workspace"),
        _belongs("weighting", "simulation"),
    )
    op.create_index("ix_weighting_simulation_id_created_at", "weighting", ["simulation_id", "created_at", "id"])


def _columns() -> None:
    op.create_table(
        "answer_column",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("respondents", sa.Integer(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("simulation_id", "variable", name="pk_answer_column"),
        _belongs("answer_column", "workspace"),
        _belongs("answer_column", "simulation"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
