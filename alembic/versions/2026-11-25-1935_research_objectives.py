"""Research objectives and their analyses.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("research_objective", "research_objective_analysis")


def upgrade() -> None:
    """Add the tables with their row-level security; the release before knows nothing of them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _objectives()
    _analyses()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace_scope ON {table} USING"
            " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
        )


def _moment(name: str, *, default: bool = False) -> sa.Column[object]:
    server_default = sa.text("now()") if default else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=server_default, nullable=not default)


def _json(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    server_default = sa.text(f"'{default}'") if default else None
    return sa.Column(name, postgresql.JSONB(), server_default=server_default, nullable=nullable)


def _objectives() -> None:
    op.create_table(
        "research_objective",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("exploration_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        _json("clarifications", "[]"),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        _json("score_parts", nullable=True),
        _json("components", "{}"),
        _json("set_by_user", "{}"),
        _json("questions", "[]"),
        sa.Column("analysis_id", sa.Uuid(), nullable=True),
        sa.Column("analyses", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        _moment("deleted_at"),
        sa.PrimaryKeyConstraint("id", name="pk_research_objective"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_research_objective_workspace_id_workspace", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["exploration_id"],
            ["exploration.id"],
            name="fk_research_objective_exploration_id_exploration",
            ondelete="CASCADE",
        ),
    )
    for first in ("workspace_id", "exploration_id"):
        op.create_index(f"ix_research_objective_{first}_created_at", "research_objective", [first, "created_at", "id"])


def _analyses() -> None:
    op.create_table(
        "research_objective_analysis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("research_objective_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("source_text", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        _json("score_parts"),
        _json("components"),
        _json("questions"),
        sa.Column("dropped_quotes", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("prompt_name", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        _moment("created_at", default=True),
        sa.PrimaryKeyConstraint("id", name="pk_research_objective_analysis"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name="fk_research_objective_analysis_workspace_id_workspace",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["research_objective_id"],
            ["research_objective.id"],
            name="fk_research_objective_analysis_research_objective_id_re_ce05",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "research_objective_id", "number", name="uq_research_objective_analysis_research_objective_id_number"
        ),
    )
    op.create_index("ix_research_objective_analysis_workspace_id", "research_objective_analysis", ["workspace_id"])


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
