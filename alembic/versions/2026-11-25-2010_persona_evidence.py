"""What personas rest on: cited passages and warnings of each version, and computed confidence.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns and a table; the release before knows none of them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("passage_ids", "warnings"):
        op.add_column("persona_version", sa.Column(name, JSONB(), server_default="[]", nullable=False))
    op.create_table(
        "persona_confidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("persona_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("citations", JSONB(), nullable=False),
        sa.Column("research_objective_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_persona_confidence"),
        sa.UniqueConstraint("persona_id", "version", name="uq_persona_confidence_persona_id_version"),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=f"fk_persona_confidence_{table}_id_{table}", ondelete="CASCADE"
            )
            for table in ("workspace", "persona")
        ),
    )
    op.create_index("ix_persona_confidence_workspace_id", "persona_confidence", ["workspace_id"])
    op.execute("ALTER TABLE persona_confidence ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE persona_confidence FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON persona_confidence USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("persona_confidence")
    for name in ("passage_ids", "warnings"):
        op.drop_column("persona_version", name)
