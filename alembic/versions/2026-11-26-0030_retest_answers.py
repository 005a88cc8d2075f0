"""What respondents said when they were asked again.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table that the release before does not know."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "retest_answer",
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("respondent_number", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("value", JSONB(), nullable=True),
        sa.Column("probabilities", JSONB(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("flags", JSONB(), nullable=True),
        sa.Column("missing_reason", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("lineage_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("simulation_id", "respondent_number", "question_key", name="pk_retest_answer"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_retest_answer_workspace_id_workspace", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["simulation_id", "respondent_number"],
            ["respondent.simulation_id", "respondent.number"],
            name="fk_retest_answer_simulation_id_respondent_number_respondent",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_retest_answer_workspace_id", "retest_answer", ["workspace_id"])
    op.execute("ALTER TABLE retest_answer ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE retest_answer FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON retest_answer USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("retest_answer")
