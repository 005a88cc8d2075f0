"""Evidence: documents and their passages, with what full-text search reads.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("evidence", "passage")


def upgrade() -> None:
    """Add the tables; the release before does not know them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _evidence()
    _passages()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def _belongs(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id_{to}", ondelete="CASCADE")


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("research_objective_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filename", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("n_passages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("redacted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("redactions", postgresql.JSONB(), nullable=True),
        sa.Column("extractor", sa.String(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        _belongs("evidence", "workspace"),
        _belongs("evidence", "exploration"),
    )
    op.create_index("ix_evidence_workspace_id", "evidence", ["workspace_id"])
    op.create_index("ix_evidence_exploration_id_created_at", "evidence", ["exploration_id", "created_at", "id"])
    op.create_index("ix_evidence_research_objective_id", "evidence", ["research_objective_id"])
    # The same bytes once in an exploration: as a file and as a pasted text, in full and redacted.
    op.create_index(
        "uq_evidence_content",
        "evidence",
        ["exploration_id", "sha256", "redacted", sa.text("(filename IS NULL)")],
        unique=True,
    )


def _passages() -> None:
    # No index on `search`: its operator is not leakproof, so row-level security has rows filtered before it is asked.
    op.create_table(
        "passage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("position", postgresql.JSONB(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('english', text) || to_tsvector('simple', text)", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        _belongs("passage", "workspace"),
        _belongs("passage", "exploration"),
        _belongs("passage", "evidence"),
        sa.UniqueConstraint("evidence_id", "ordinal", name="uq_passage_evidence_id_ordinal"),
    )
    op.create_index("ix_passage_workspace_id", "passage", ["workspace_id"])
    op.create_index("ix_passage_exploration_id", "passage", ["exploration_id"])


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
