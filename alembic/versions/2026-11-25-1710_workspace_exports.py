"""Exports of workspaces.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; the release before does not know it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "workspace_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_workspace_export"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_workspace_export_workspace_id_workspace", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_workspace_export_workspace_id", "workspace_export", ["workspace_id"])
    op.execute("ALTER TABLE workspace_export ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE workspace_export FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON workspace_export USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("workspace_export")
