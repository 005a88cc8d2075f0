"""Anchor sets of workspaces, and the anchors that a simulation ran on.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and a column; the release before knows neither."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("simulation", sa.Column("anchors", JSONB(), nullable=True))
    op.create_table(
        "anchor_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("sets", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_anchor_set"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name="fk_anchor_set_workspace_id_workspace", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_anchor_set_workspace_id", "anchor_set", ["workspace_id"])
    op.create_index(
        "uq_anchor_set_name",
        "anchor_set",
        ["workspace_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.execute("ALTER TABLE anchor_set ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE anchor_set FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace_scope ON anchor_set USING"
        " ((SELECT sp_is_system()) OR workspace_id = ANY ((SELECT sp_workspace_ids())::uuid[]))"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("anchor_set")
    op.drop_column("simulation", "anchors")
