"""Personas: what jobs found out about a version, and the population that generated personas stand for.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("persona_result", "persona_generation")


def upgrade() -> None:
    """Add both tables with their row-level security; the release before knows nothing of them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "persona_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_belongs("persona_result", "persona"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        _created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_persona_result"),
    )
    op.create_table(
        "persona_generation",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        *_belongs("persona_generation", "exploration"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("targets", postgresql.JSONB(), nullable=True),
        sa.Column("margins", postgresql.JSONB(), nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("job_id", name="pk_persona_generation"),
    )
    op.create_index("ix_persona_result_persona_id_kind", "persona_result", ["persona_id", "kind", "created_at"])
    op.create_index("ix_persona_generation_exploration_id", "persona_generation", ["exploration_id", "created_at"])
    for table in TABLES:
        op.create_index(f"ix_{table}_workspace_id", table, ["workspace_id"])
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def _belongs(table: str, owner: str) -> tuple[sa.Column[object], ...]:
    def to(other: str) -> sa.ForeignKey:
        return sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{other}_id_{other}", ondelete="CASCADE")

    return (
        sa.Column("workspace_id", sa.UUID(), to("workspace"), nullable=False),
        sa.Column(f"{owner}_id", sa.UUID(), to(owner), nullable=False),
    )


def _created_at() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
