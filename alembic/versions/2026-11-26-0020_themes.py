"""Codings of open-ended answers into themes.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
TABLES = ("theme_coding", "theme_assignment")


def upgrade() -> None:
    """Add two tables that the release before does not know."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "theme_coding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("question_keys", JSONB(), nullable=False),
        sa.Column("max_themes", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("frames", JSONB(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme_coding"),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=f"fk_theme_coding_{table}_id_{table}", ondelete="CASCADE"
            )
            for table in ("workspace", "simulation")
        ),
    )
    op.create_index("ix_theme_coding_workspace_id", "theme_coding", ["workspace_id"])
    op.create_index("ix_theme_coding_simulation_id_created_at", "theme_coding", ["simulation_id", "created_at", "id"])
    op.create_table(
        "theme_assignment",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("coding_id", sa.Uuid(), nullable=False),
        sa.Column("question_key", sa.String(), nullable=False),
        sa.Column("respondent_number", sa.Integer(), nullable=False),
        sa.Column("codes", JSONB(), nullable=False),
        sa.Column("quotes", JSONB(), nullable=False),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("coding_id", "question_key", "respondent_number", name="pk_theme_assignment"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_theme_assignment_workspace_id_workspace", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["coding_id"], ["theme_coding.id"], name="fk_theme_assignment_coding_id_theme_coding", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_theme_assignment_workspace_id", "theme_assignment", ["workspace_id"])
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
