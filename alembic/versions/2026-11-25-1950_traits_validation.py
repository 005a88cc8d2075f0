"""Verdicts on traits of personas.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; the release before does not know it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "traits_validation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("persona_id", sa.Uuid(), nullable=True),
        sa.Column("persona_version", sa.Integer(), nullable=True),
        sa.Column("trait_group", sa.String(), nullable=False),
        sa.Column("traits", JSONB(), nullable=False),
        sa.Column("profile", JSONB(), nullable=False),
        sa.Column("verdicts", JSONB(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_traits_validation"),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=f"fk_traits_validation_{column}_{table}", ondelete=ondelete
            )
            for column, table, ondelete in (
                ("workspace_id", "workspace", "CASCADE"),
                ("exploration_id", "exploration", "CASCADE"),
                ("persona_id", "persona", "SET NULL"),
            )
        ),
    )
    for columns in (["workspace_id"], ["persona_id"], ["exploration_id", "created_at", "id"]):
        name = "exploration_id_created_at" if len(columns) > 1 else columns[0]
        op.create_index(f"ix_traits_validation_{name}", "traits_validation", columns)
    op.execute("ALTER TABLE traits_validation ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE traits_validation FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON traits_validation USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("traits_validation")
