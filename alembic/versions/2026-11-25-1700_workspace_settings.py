"""Settings of workspaces: the model their jobs ask, how many calls at once, and how their reports look.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns; the release before knows none of them and its jobs have no model of their own."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "workspace_setting",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("concurrency", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspace_setting"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_workspace_setting_workspace_id_workspace", ondelete="CASCADE"
        ),
    )
    op.execute("ALTER TABLE workspace_setting ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE workspace_setting FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON workspace_setting USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )
    op.add_column("workspace", sa.Column("brand", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("job", sa.Column("model", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("job", "model")
    op.drop_column("workspace", "brand")
    op.drop_table("workspace_setting")
